# The two-way sync whole: the stand-in Salesforce on one side, tables of app.db on the other. For
# tests that `load two-way` after helper.

MAP_LEAD='{"Lead":{"local":"Lead","create":{"local":true,"salesforce":{"require":["LastName","Company","Email"]}},
	"fields":[{"salesforce":"LastName","local":"name"},{"salesforce":"Email","local":"email"},
	{"salesforce":"Company","local":"company"},{"salesforce":"Phone","local":"phone"},
	{"salesforce":"Title","local":"title"},{"salesforce":"Rating","local":"rating"},
	{"salesforce":"Description","local":"score","direction":"push"},
	{"salesforce":"Ext__c","value":"local_id"}]}}'

# two_way_org [OPTION...]: an empty org.
two_way_org() {
	STANDIN_TOKEN='00Dxx0000000001!standin'
	standin_start --custom 'Lead.Ext__c:string(40):externalId:unique' "$@"
}

# two_way [OPTION...]: an empty org, an empty app.db, the map.
two_way() {
	export SFPIPE_STORE=$PWD/store.db
	two_way_org "$@"
	sqlite3 app.db 'CREATE TABLE Lead (id INTEGER PRIMARY KEY, salesforce_id TEXT UNIQUE, modified TEXT,
		deleted INTEGER NOT NULL DEFAULT 0, name TEXT, email TEXT, company TEXT, phone TEXT, title TEXT,
		rating TEXT, score TEXT)'
	echo "$MAP_LEAD" >map.json
}

app() {
	sqlite3 -bail app.db "$@"
}

# An edit of the app's own: with the time.
edit() {
	app "UPDATE Lead SET modified = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), $1"
}

# lead ID MEMBERS: a record of the org; ID counts.
lead() {
	control records '{"attributes":{"type":"Lead"},"Id":"00Qxx'"$(printf %010d "$1")"'",'"$2"'}'
}

export_local() {
	"$TOP/scripts/local-export" app.db | tool store-apply
}

import_local() {
	tool store-query ops --consumer app | "$TOP/scripts/local-import" app.db | tool store-apply
}

pull() {
	tool sf-pull --map map.json Lead Contact | tool store-apply
}

plan() {
	tool store-query changes --consumer sync | tool pair-records --map map.json |
		tool resolve-conflicts --map map.json "$@"
}

# Its statuses are in PIPESTATUS' worst; what failed is in the file err.
push() {
	tool sf-push | tee pushed | tool store-apply
}

# round: all of it once.
round() {
	export_local && pull && { plan "$@" | push 2>>err || [ $? -eq 65 ]; } && import_local
}

# sides: what each side holds of the fields that are in step, sorted; one a file.
sides() {
	ask dump | jq -r 'select(.attributes.type == "Lead" and (.IsDeleted | not))
		| [.LastName, .Email, .Company, .Phone, .Title, .Rating] | map(. // "") | join("|")' | sort >salesforce
	app "SELECT name, ifnull(email, ''), ifnull(company, ''), ifnull(phone, ''), ifnull(title, ''), ifnull(rating, '')
		FROM Lead WHERE deleted = 0" | sort >local
}

agree() {
	sides
	diff salesforce local
}
