# shellcheck disable=SC2154,SC2030,SC2031 # bats sets stderr, and runs each test in a shell of its own
load helper

JANE=003000000000001AAA ACME=001000000000001AAA

setup() {
	export SFPIPE_STORE=$BATS_TEST_TMPDIR/store.db
	cd "$BATS_TEST_TMPDIR" || return 1
}

sql() {
	sqlite3 -bail "$SFPIPE_STORE" "$@"
}

# apply LINE...: these lines into the store; the changes on stdout.
apply() {
	printf '%s\n' "$@" | tool store-apply --changes
}

# contact MEMBERS [ID]: a record line.
contact() {
	printf '{"attributes":{"type":"Contact"},"Id":"%s",%s}\n' "${2:-$JANE}" "$1"
}

# stamp SECONDS: a SystemModstamp member.
stamp() {
	printf '"SystemModstamp":"2026-11-20T15:00:%02d.000+0000"' "$1"
}

# contacts N [FROM]: N record lines.
contacts() {
	awk -v n="$1" -v from="${2:-1}" 'BEGIN {
		for (i = from; i < from + n; i++)
			printf "{\"attributes\":{\"type\":\"Contact\"},\"Id\":\"003%012d\",\"Email\":\"p%d@acme.com\",\"SystemModstamp\":\"2026-11-20T15:00:00Z\"}\n", i, i
	}'
}

# begin_feed: a store-apply of which descriptor 7 is the input, pid the process, said what it says; one
# contact is stored.
begin_feed() {
	mkfifo feed
	"$BUILD/store-apply" <feed 2>said &
	pid=$!
	exec 7>feed
	contact '"Email":"a@b.com"' >&7
	for _ in $(seq 50); do
		[ "$(sql 'SELECT email FROM contact' 2>/dev/null)" = a@b.com ] && break
		sleep 0.1
	done
}

@test "a new record is stored as it came, in columns too, and is one change" {
	contact '"AccountId":"001000000000001","Name":" Jane Roe ","Email":" <mailto:Jane@ACME.com> ","Phone":"+1 (415) 555-0100","X__c":1e2,'"$(stamp 1)" >in
	run -0 tool store-apply --changes <in
	[ "$output" = '{"kind":"change","seq":1,"side":"salesforce","object":"Contact","id":"'$JANE'","fields":["Id","AccountId","Name","Email","Phone","X__c"],"before":null,"after":{"Id":"'$JANE'","AccountId":"001000000000001","Name":" Jane Roe ","Email":" <mailto:Jane@ACME.com> ","Phone":"+1 (415) 555-0100","X__c":1e2}}' ]
	[ "$(sql 'SELECT account_id, name, email, email_domain, phone, is_deleted, system_modstamp FROM contact')" = \
		"$ACME|Jane Roe|jane@acme.com|acme.com|+14155550100|0|2026-11-20T15:00:01Z" ]
	[ "$(sql 'SELECT * FROM person_phone')" = "+14155550100|Contact|$JANE" ]
	sql 'SELECT record FROM contact' | cmp - in
}

@test "numbers and escapes stay byte for byte, through a merge too" {
	values='"A__c":0.10,"B__c":1e2,"C__c":12345678901234567890,"D__c":1234567890123456.78,"E__c":"\u00e9\/"'
	apply "$(contact "$values,$(stamp 1)")"
	apply "$(contact '"Email":"a@b.com",'"$(stamp 2)")"
	[ "$(sql 'SELECT record FROM contact')" = \
		'{"attributes":{"type":"Contact"},"Id":"'$JANE'",'"$values,$(stamp 2)"',"Email":"a@b.com"}' ]
}

@test "absent says nothing, null clears, new members stand behind" {
	apply "$(contact '"Email":"a@b.com","Phone":"+14155550100",'"$(stamp 1)")"
	run -0 apply "$(contact "$(stamp 2)"',"MobilePhone":"+14155550101"')"
	[ "$(jq -c '[.fields, .before, .after]' <<<"$output")" = \
		'[["MobilePhone"],{},{"MobilePhone":"+14155550101"}]' ]
	run -0 apply "$(contact '"Phone":null,'"$(stamp 3)")"
	[ "$(jq -c '[.fields, .before, .after]' <<<"$output")" = \
		'[["Phone"],{"Phone":"+14155550100"},{"Phone":null}]' ]
	[ "$(sql 'SELECT email, phone, mobile_phone FROM contact')" = 'a@b.com||+14155550101' ]
	[ "$(sql 'SELECT phone FROM person_phone')" = +14155550101 ]
	[ "$(sql 'SELECT record FROM contact' | jq -c 'keys_unsorted')" = \
		'["attributes","Id","Email","Phone","SystemModstamp","MobilePhone"]' ]
}

@test "what is older, or cannot say that it is not, is ignored" {
	apply "$(contact '"Email":"new@b.com",'"$(stamp 5)")"
	run -0 apply "$(contact '"Email":"old@b.com",'"$(stamp 4)")" "$(contact '"Email":"none@b.com"')"
	[ -z "$output" ]
	[ "$(sql 'SELECT email FROM contact')" = new@b.com ]
	run -0 apply "$(contact '"Email":"same@b.com",'"$(stamp 5)")"
	[ "$(sql 'SELECT email FROM contact')" = same@b.com ]
}

@test "without stamps the last line counts" {
	apply "$(contact '"Email":"a@b.com"')" "$(contact '"Email":"b@b.com"')"
	[ "$(sql 'SELECT email FROM contact')" = b@b.com ]
}

@test "a field history's stamp is its CreatedDate" {
	history='{"attributes":{"type":"OpportunityFieldHistory"},"Id":"017000000000001","Field":"%s","CreatedDate":"2026-11-20T15:00:0%dZ"}\n'
	# shellcheck disable=SC2059
	{
		printf "$history" new 5
		printf "$history" old 4
	} | tool store-apply
	[ "$(sql "SELECT record ->> 'Field', at FROM opportunity_activity")" = 'new|2026-11-20T15:00:05Z' ]
}

@test "a new stamp alone, other spellings of a time, an Id or an escape are no change" {
	apply "$(contact '"AccountId":"001000000000001","LastName":"R\u00f6e","CreatedDate":"2026-11-20T15:00:00.000+0000",'"$(stamp 1)")"
	run -0 apply "$(contact '"AccountId":"001000000000001AAA","LastName":"Röe","CreatedDate":"2026-11-20T16:00:00+01:00",'"$(stamp 2)")"
	[ -z "$output" ]
	[ "$(sql 'SELECT system_modstamp FROM contact')" = 2026-11-20T15:00:02Z ]
}

@test "a deletion's change has what the columns held; an undeletion's is as new" {
	apply "$(contact '"AccountId":"001000000000001","Email":"a@b.com","Title":"CEO","IsDeleted":false,'"$(stamp 1)")"
	run -0 apply "$(contact '"IsDeleted":true,'"$(stamp 2)")"
	[ "$(jq -c '[.fields, .before, .after]' <<<"$output")" = \
		'[["IsDeleted"],{"IsDeleted":false,"AccountId":"001000000000001","Email":"a@b.com"},null]' ]
	[ "$(sql 'SELECT is_deleted, email FROM contact')" = '1|a@b.com' ]
	run -0 apply "$(contact '"IsDeleted":false,'"$(stamp 3)")"
	[ "$(jq -c '[.before, .after.Email, .after.Title]' <<<"$output")" = '[null,"a@b.com","CEO"]' ]
	run -0 apply "$(contact '"Email":"x@b.com","IsDeleted":true,'"$(stamp 1)" 003000000000002)"
	[ "$(jq -c '[.before, .after]' <<<"$output")" = '[null,null]' ]
}

@test "the same stream again changes nothing" {
	{
		contacts 500
		echo '{"kind":"call","id":"c1","start":"2026-11-20T15:00:00Z","participants":[{"email":"p1@acme.com"}],"associations":[{"object":"Contact","id":"003000000000001AAA","matches":[{"participant":"p1@acme.com","by":"contact-email"}]}],"primary":{},"unmatched":[]}'
		echo '{"kind":"op","to":"salesforce","op":"create","object":"Task","fields":{"CallObject":"c1"},"result":{"ok":true,"id":"00T000000000001"}}'
		echo not json
	} >in
	run -65 tool store-apply --now 2026-11-20T15:00:00Z <in
	sql .dump >before
	run -65 --separate-stderr tool store-apply --changes --now 2026-11-20T16:00:00Z <in
	[ -z "$output" ]
	sql .dump | cmp - before
}

@test "bad lines are named, kept in the store and by --rejects, the rest is done, status 65" {
	cat >in <<-JSON
	$(contact '"Email":"a@b.com"')
	not json
	{"attributes":{"type":"Contakt"},"Id":"$JANE"}
	{"attributes":{"type":"Contact"},"Email":"x@b.com"}
	{"attributes":{"type":"Contact"},"Id":"0030000000000012"}
	{"attributes":{"type":"Contact"},"Id":1}
	{"attributes":{"type":"Contact"},"Id":"003000000000002","CreatedDate":"tomorrow"}
	{"attributes":{"type":"Contact"},"Id":"003000000000002","AccountId":"12"}
	{"attributes":{"type":"Opportunity"},"Id":"006000000000001","CloseDate":"2026-13-01"}
	{"attributes":{"type":"Opportunity"},"Id":"006000000000001","IsClosed":"maybe"}
	{"kind":"pair","object":"Lead"}
	{"id":"what is this"}
	{"kind":"change","seq":1}
	$(contact '"Email":"last@b.com"' 003000000000002)
	JSON
	run -65 --separate-stderr tool store-apply --rejects bad <in
	[ "$stderr" = 'store-apply: stdin:2: no JSON: byte 1: not a value
store-apply: stdin:3: unknown object "Contakt"
store-apply: stdin:4: Contact without Id
store-apply: stdin:5: Id is no Salesforce Id: "0030000000000012"
store-apply: stdin:6: Id is no Salesforce Id: 1
store-apply: stdin:7: CreatedDate is no RFC 3339 time: "tomorrow"
store-apply: stdin:8: AccountId is no Salesforce Id: "12"
store-apply: stdin:9: CloseDate is no date: "2026-13-01"
store-apply: stdin:10: IsClosed is neither true nor false: "maybe"
store-apply: stdin:11: store-apply takes no lines of kind "pair"
store-apply: stdin:12: neither a record nor a line of any kind
store-apply: stdin:13: store-apply takes no lines of kind "change"' ]
	sed -n 2,13p in | cmp - bad
	[ "$(sql 'SELECT count(*) FROM contact')" -eq 2 ]
	[ "$(sql 'SELECT count(*) FROM reject')" -eq 12 ]
	tool store-query rejects | jq -r .line | cmp - bad
}

@test "an Id that is another object's is rejected, one of an unknown prefix is not" {
	cat >in <<-'JSON'
	{"attributes":{"type":"Account"},"Id":"003000000000005AAA","Name":"Acme"}
	{"attributes":{"type":"Account"},"Id":"a0B000000000005","Name":"Acme"}
	{"attributes":{"type":"Account"},"Id":"001000000000005","Name":"Acme"}
	JSON
	run -65 --separate-stderr tool store-apply <in
	[ "$stderr" = 'store-apply: stdin:1: Id 003000000000005AAA is of another object, Contact, not Account' ]
	[ "$(sql 'SELECT count(*) FROM account')" -eq 2 ]
}

@test "a line too long, nested too deep, with bytes that are no UTF-8 or a NUL: rejected and kept" {
	{
		printf '{"kind":"call","id":"'
		head -c 17825792 /dev/zero | tr '\0' x
		printf '"}\n'
		head -c 100000 /dev/zero | tr '\0' '['
		printf '\n{"kind":"call","id":"\xff"}\n{"kind":"call","id":"\x00"}\n'
		contact '"Email":"a@b.com"'
	} >in
	run -65 --separate-stderr tool store-apply <in
	[ "$(sql 'SELECT count(*) FROM contact')" -eq 1 ]
	[ "$(sql 'SELECT count(*), max(length(line)) FROM reject')" = '3|65536' ] # two differ only in what is no text
	tool store-query rejects | jq -e . >/dev/null
}

@test "reject lines of other tools are kept under their name" {
	run -0 apply '{"kind":"reject","tool":"associate-call","why":"no start","line":"{\"kind\":\"call\"}"}'
	[ "$(sql 'SELECT tool, why, line FROM reject')" = 'associate-call|no start|{"kind":"call"}' ]
}

@test "--strict stops at the first bad line; what came before is stored" {
	run -65 --separate-stderr tool store-apply --strict <<-JSON
	$(contact '"Email":"a@b.com"')
	not json
	$(contact '"Email":"b@b.com"' 003000000000002)
	JSON
	[ "$(sql 'SELECT count(*) FROM contact')" -eq 1 ]
}

@test "the first org line binds the store, another org is refused with 78 and changes nothing" {
	apply '{"kind":"org","org":"00D000000000001"}' "$(contact '"Email":"a@b.com"')"
	sql .dump >before
	run -78 --separate-stderr apply '{"kind":"org","org":"00D000000000002"}' "$(contact '"Email":"b@b.com"')"
	[[ "$stderr" == *"belongs to org 00D000000000001EAA"* ]]
	[ "${#stderr_lines[@]}" -eq 1 ]
	sql .dump | cmp - before
	run -0 apply '{"kind":"org","org":"00D000000000001EAA"}'
}

@test "a store of a newer schema, and a file that is no store, are refused with 78" {
	apply "$(contact '"Email":"a@b.com"')"
	sql 'PRAGMA user_version = 99' >/dev/null
	run -78 --separate-stderr apply "$(contact '"Email":"b@b.com"')"
	[[ "$stderr" == *"made by a newer sfpipe"* ]]
	run -78 --separate-stderr tool store-query record Contact
	[ "$(sql 'SELECT email FROM contact')" = a@b.com ]
	echo 'this is no store, but a text of some length, that somebody wrote' >text
	run -78 --separate-stderr tool store-apply -s text </dev/null
	[[ "$stderr" == "store-apply: text: this is no store" ]]
	sqlite3 other.db 'CREATE TABLE t (x)'
	run -78 --separate-stderr tool store-apply -s other.db </dev/null
	[ "$(sqlite3 other.db .tables)" = t ]
	run -74 --separate-stderr tool store-apply -s "$BATS_TEST_TMPDIR" </dev/null
}

@test "a store of schema 1 is refused to readers, and made one of today by store-apply" {
	dates() { sql "SELECT id, created_date_ms, last_modified_date_ms FROM $1 ORDER BY id"; }
	indexes() { sql "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name"; }
	local table
	apply "$(contact '"Email":"a@b.com","CreatedDate":"1969-12-31T23:59:59.999Z","LastModifiedDate":"2026-11-20T15:00:00.123+0000"')" \
		"$(contact '"Email":"b@b.com"' 003000000000002)" \
		'{"attributes":{"type":"Lead"},"Id":"00Q000000000001","Email":"a@b.com","CreatedDate":"2024-02-29T00:00:00Z"}' \
		'{"attributes":{"type":"Opportunity"},"Id":"006000000000001","LastModifiedDate":"2026-11-20T15:00:00Z"}'
	for table in contact lead opportunity; do
		dates "$table"
	done >before
	indexes >listed
	make_schema_1 "$SFPIPE_STORE"
	run -78 --separate-stderr tool store-query record Contact
	[[ "$stderr" == *"run store-apply" ]]
	run -0 tool store-apply </dev/null
	for table in contact lead opportunity; do
		dates "$table"
	done | diff before -
	indexes | diff listed -
	[ "$(sql 'SELECT created_date_ms, last_modified_date_ms FROM contact WHERE created_date_ms < 0')" = '-1|1795186800123' ]
	[ "$(sql "SELECT value FROM meta WHERE name = 'schema'")" = 2 ]
	run -0 tool store-query record Contact --email a@b.com
	[ "${#lines[@]}" -eq 1 ]
}

@test "a feed that a newer sfpipe's store-apply overtakes ends with 78, and writes nothing more" {
	begin_feed
	until sql 'PRAGMA user_version = 99' >/dev/null 2>&1; do sleep 0.1; done
	contact '"Email":"b@b.com"' 003000000000002 >&7
	exec 7>&-
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 78 ]
	[[ "$(<said)" == *"schema 99; start again" ]]
	[ "$(sql 'SELECT count(*) FROM contact')" -eq 1 ]
}

@test "a store that may not be written is said in one sentence" {
	[ "$(id -u)" -ne 0 ] || skip 'root may write anything'
	apply "$(contact '"Email":"a@b.com"')"
	chmod 400 "$SFPIPE_STORE"
	run -74 --separate-stderr apply "$(contact '"Email":"b@b.com"')"
	[ "${#stderr_lines[@]}" -eq 1 ]
}

@test "the store is made with its folders, for its owner alone" {
	export SFPIPE_STORE=$BATS_TEST_TMPDIR/a/b/store.db
	apply "$(contact '"Email":"a@b.com"')"
	[ "$(stat -c %a "$SFPIPE_STORE")" = 600 ]
}

@test "another writer is waited for, then 75; readers never wait" {
	apply "$(contact '"Email":"a@b.com"')"
	coproc HOLD { sqlite3 "$SFPIPE_STORE"; }
	pid=$HOLD_PID
	echo "BEGIN IMMEDIATE; SELECT 'held';" >&"${HOLD[1]}"
	read -r held <&"${HOLD[0]}"
	[ "$held" = held ]
	run -75 --separate-stderr tool store-apply --lock-wait 1s </dev/null
	[[ "$stderr" == *"locked by another store-apply for 1 s; run again" ]]
	run -0 tool store-query record Contact
	echo '.quit' >&"${HOLD[1]}"
	wait "$pid"
	run -0 apply "$(contact '"Email":"b@b.com"')"
}

@test "changes that cannot be written are stored all the same, status 74" {
	contacts 3 >in
	run -74 --separate-stderr bash -c '"$BUILD"/store-apply --changes <in >/dev/full'
	[[ "$stderr" == *"No space left on device"* ]]
	[ "$(sql 'SELECT count(*) FROM contact')" -eq 3 ]
	rm -f store.db*
	run -74 --separate-stderr bash -c 'set -o pipefail; "$BUILD"/store-apply --changes <in | :'
	[ "$(sql 'SELECT count(*) FROM contact')" -eq 3 ]
}

@test "a full disk under the store is 74, the store keeps whole transactions of 10,000 lines" {
	contacts 50000 >in
	head -n 1 in | tool store-apply # a first load has longer ones
	run -74 --separate-stderr bash -c 'trap "" XFSZ; ulimit -f 11000; "$BUILD"/store-apply <in'
	[ "${#stderr_lines[@]}" -eq 1 ]
	n=$(sql 'SELECT count(*) FROM contact')
	[ "$n" -gt 1 ]
	[ "$n" -lt 50000 ]
	[ $((n % 10000)) -eq 0 ]
	[ "$(sql 'PRAGMA integrity_check')" = ok ]
	run -0 tool store-apply <in
	[ "$(sql 'SELECT count(*) FROM contact')" -eq 50000 ]
}

@test "a live feed is stored before the next line comes, and gets its indexes when it is idle" {
	begin_feed
	for _ in $(seq 50); do
		[ "$(sql "SELECT count(*) FROM sqlite_schema WHERE name = 'contact_email'")" = 1 ] && break
		sleep 0.1
	done
	[ "$(sql "SELECT count(*) FROM sqlite_schema WHERE name = 'contact_email'")" = 1 ]
	kill -TERM "$pid" # reads to the end all the same
	kill -INT "$pid"
	contact '"Email":"b@b.com"' 003000000000002 >&7
	exec 7>&-
	wait "$pid"
	[ "$(sql 'SELECT count(*) FROM contact')" -eq 2 ]
}

@test "a first load that was killed: what was committed is there, the next run goes on and indexes it" {
	mkfifo feed
	"$BUILD/store-apply" <feed &
	pid=$!
	exec 7>feed
	contacts 100 >&7
	for _ in $(seq 50); do
		[ "$(sql 'SELECT count(*) FROM contact' 2>/dev/null)" = 100 ] && break
		sleep 0.05
	done
	kill -KILL "$pid"
	exec 7>&-
	wait "$pid" || true
	[ "$(sql "SELECT count(*) FROM contact")" -eq 100 ]
	run -0 tool store-query record Contact --email p7@acme.com
	[ "${#lines[@]}" -eq 1 ]
	contacts 50 81 | tool store-apply
	[ "$(sql "SELECT count(*) FROM contact")" -eq 130 ]
	[ "$(sql "SELECT count(*) FROM sqlite_schema WHERE name = 'contact_email'")" -eq 1 ]
	[ "$(sql "SELECT count(*) FROM change")" -eq 130 ]
}

@test "a watermark never goes back, but by reset or more fields" {
	mark='{"kind":"checkpoint","object":"Contact","modstamp":"2026-11-20T15:00:0%sZ","id":"003000000000001","read":"2026-11-20T16:00:0%sZ","fields":["Id","Email"%s]%s}'
	now() { sql 'SELECT modstamp, read FROM watermark'; }
	# shellcheck disable=SC2059
	m() { printf "$mark\n" "$@" | tool store-apply; }
	m 5 5 '' ''
	[ "$(now)" = '2026-11-20T15:00:05Z|2026-11-20T16:00:05Z' ]
	m 4 6 '' ''
	[ "$(now)" = '2026-11-20T15:00:05Z|2026-11-20T16:00:05Z' ]
	m 5 6 '' ''
	[ "$(now)" = '2026-11-20T15:00:05Z|2026-11-20T16:00:06Z' ]
	m 3 7 ',"Phone"' ''
	[ "$(now)" = '2026-11-20T15:00:03Z|2026-11-20T16:00:07Z' ]
	m 2 8 '' ',"reset":true'
	[ "$(now)" = '2026-11-20T15:00:02Z|2026-11-20T16:00:08Z' ]
	run -65 m 9 x '' ''
}

call() { # call ID MEMBERS
	printf '{"kind":"call","id":"%s","start":"2026-11-20T15:00:00.000+0000",%s}\n' "$1" "$2"
}

@test "a call is a line, columns and rows; its change tells what was added" {
	call c1 '"end":"2026-11-20T16:00:00+01:00","subject":"Demo","organizer":"Rep@US.example","participants":[{"email":"Jane@ACME.com","name":"Jane","other_emails":["j@acme.com"],"phone":"+14155550100"},{"name":"Bob","internal":true}],"associations":[{"object":"VirtualContact","id":"virtual:jane@acme.com","account":"'$ACME'","matches":[{"participant":"jane@acme.com","by":"contact-domain"}]},{"object":"Account","id":"'$ACME'","name":"Acme","matches":[{"participant":"jane@acme.com","by":"contact-domain"}]}],"primary":{"account":"'$ACME'"},"unmatched":[],"as_of":0' >in
	run -0 tool store-apply --changes <in
	[ "$(jq -c '[.seq, .side, .object, .id, .before, .after.participants, .after.associations]' <<<"$output")" = \
		'[1,"calls","call","c1",null,["Jane@ACME.com","Bob"],[{"object":"VirtualContact","id":"virtual:jane@acme.com"},{"object":"Account","id":"'$ACME'"}]]' ]
	[ "$(sql 'SELECT start, "end", subject, organizer, primary_account FROM call')" = \
		"2026-11-20T15:00:00Z|2026-11-20T15:00:00Z|Demo|rep@us.example|$ACME" ]
	[ "$(sql 'SELECT n, email, domain, phone, name, internal FROM call_participant')" = \
		'0|jane@acme.com|acme.com|+14155550100|Jane|0
0|j@acme.com|acme.com|||0
1||||Bob|1' ]
	[ "$(sql 'SELECT n, object, record_id, account_id, "by" FROM association')" = \
		"0|VirtualContact|virtual:jane@acme.com|$ACME|contact-domain
1|Account|$ACME||contact-domain" ]
	[ "$(sql 'SELECT * FROM virtual_record')" = "virtual:jane@acme.com|VirtualContact|jane@acme.com|$ACME||" ]
	sed 's/,"as_of":0//' in >want
	sql 'SELECT line FROM call' | cmp - want
	run -0 apply "$(call c1 '"subject":"Demo 2","participants":[]')"
	[ "$(jq -c '[.fields, .before.associations, .after]' <<<"$output")" = \
		'[["subject","participants","end","organizer","associations","primary","unmatched"],[{"object":"VirtualContact","id":"virtual:jane@acme.com"},{"object":"Account","id":"'$ACME'"}],{"subject":"Demo 2","participants":[]}]' ]
	[ "$(sql 'SELECT (SELECT count(*) FROM association), (SELECT count(*) FROM call_participant)')" = '0|0' ]
}

@test "an email's from, to and cc are its participants" {
	apply '{"kind":"email","id":"<m1@x>","date":"2026-11-20T15:00:00Z","from":{"email":"a@x.com","name":"A"},"to":[{"email":"B@x.com"}],"cc":[{"email":"c@x.com"}],"subject":"Hi","held":true}'
	[ "$(sql 'SELECT id, date, subject, sender, held FROM email')" = '<m1@x>|2026-11-20T15:00:00Z|Hi|a@x.com|1' ]
	[ "$(sql 'SELECT kind, call_id, n, email, name FROM call_participant')" = 'email|<m1@x>|0|a@x.com|A
email|<m1@x>|1|b@x.com|
email|<m1@x>|2|c@x.com|' ]
}

@test "calls that lack what they need are rejected" {
	run -65 --separate-stderr apply '{"kind":"call","start":"2026-11-20T15:00:00Z"}' '{"kind":"call","id":"c1"}' \
		'{"kind":"call","id":"c1","start":"noon"}' "$(call c1 '"as_of":1.5')" \
		"$(call c1 '"associations":[{"object":"Account"}]')" "$(call c1 '"participants":7')"
	[ "$(sed 's/.*stdin:[0-9]: //' <<<"$stderr")" = 'call without id
no start
start is no RFC 3339 time: "noon"
as_of is no whole number
associations holds an entry without object or id
participants is no array' ]
	[ "$(sql 'SELECT count(*) FROM call')" -eq 0 ]
}

@test "a reply changes only the invitee whom it names, and the call is owed" {
	apply "$(call c1 '"subject":"Demo","organizer":"rep@us.example","invitees":[{"email":"a@x.com","response":"needs-action"},{"email":"b@x.com"}],"participants":[{"email":"a@x.com","attended":false},{"email":"b@x.com","attended":true}]')"
	apply "$(call c1 '"method":"reply","invitees":[{"email":"A@x.com","response":"accepted"},{"email":"c@x.com","response":"accepted"}],"participants":[{"email":"a@x.com","response":"accepted"},{"email":"c@x.com"}],"associations":[]')"
	[ "$(sql 'SELECT line FROM call' | jq -c '[.subject, .invitees, .participants, .method]')" = \
		'["Demo",[{"email":"a@x.com","response":"accepted"},{"email":"b@x.com"},{"email":"c@x.com","response":"accepted"}],[{"email":"a@x.com","attended":false,"response":"accepted"},{"email":"b@x.com","attended":true},{"email":"c@x.com"}],null]' ]
	[ "$(sql 'SELECT consumer, side, object, id FROM owed')" = 'calls|calls|call|c1' ]
	apply "$(call c1 '"method":"cancel","invitees":[{"email":"a@x.com"},{"email":"b@x.com"}],"participants":[{"email":"a@x.com"},{"email":"b@x.com"}]')"
	[ "$(sql 'SELECT line FROM call' | jq -c '[[.invitees[].email], [.participants[].email], .status]')" = \
		'[["c@x.com"],["b@x.com","c@x.com"],null]' ]
	apply '{"kind":"call","id":"c1","status":"cancelled","invitees":[]}'
	[ "$(sql 'SELECT status, start FROM call')" = 'cancelled|2026-11-20T15:00:00Z' ]
}

@test "as_of: a call is owed if records changed since, or it was stored anew since" {
	apply "$(contact '"Email":"a@b.com"')"
	apply "$(call c1 '"participants":[],"as_of":1')"
	[ "$(sql 'SELECT count(*) FROM owed')" -eq 0 ]
	apply "$(call c2 '"participants":[],"as_of":0')" # the contact is change 1
	[ "$(sql 'SELECT id, why FROM owed')" = 'c2|records changed while it was processed' ]
	apply "$(call c1 '"participants":[],"subject":"x","as_of":1')" # stored as change 2
	[ "$(sql "SELECT why FROM owed WHERE id = 'c1'")" = 'it was stored anew while it was processed' ]
	sql 'DELETE FROM owed'
	apply "$(call c1 '"participants":[],"subject":"y","stored":2')" # made of what is gone by now
	[ "$(sql 'SELECT subject FROM call WHERE id = '"'c1'")" = x ]
	[ "$(sql 'SELECT id FROM owed')" = c1 ]
}

op() { # op ID RESULT: a Task for a call
	printf '{"kind":"op","to":"salesforce","op":"create","object":"Task","local_object":"call","local_id":"%s","fields":{"CallObject":"%s","WhoId":"003000000000001","WhatId":"006000000000001"}%s}\n' "$1" "$1" "$2"
}

@test "a Task that was made is remembered, as it was moved since" {
	apply "$(op c1 ',"result":{"ok":true,"id":"00T000000000001","created":true}')"
	[ "$(sql 'SELECT * FROM logged_task')" = "00T000000000001EAA|c1|$JANE|006000000000001AAA" ]
	[ "$(sql 'SELECT op, object, id, ok FROM op')" = 'create|Task|00T000000000001EAA|1' ]
	apply '{"kind":"op","to":"salesforce","op":"update","object":"Task","id":"00T000000000001","local_object":"call","local_id":"c1","fields":{"WhoId":null},"result":{"ok":true,"id":"00T000000000001"}}'
	[ "$(sql 'SELECT * FROM logged_task')" = "00T000000000001EAA|c1||006000000000001AAA" ]
	apply "$(op c2 ',"result":{"ok":false,"errors":[{"statusCode":"X","message":"y"}],"retry":false}')"
	[ "$(sql 'SELECT count(*) FROM logged_task')" -eq 1 ]
	run -0 tool store-query ops --failed
	[ "$(jq -r .local_id <<<"$output")" = c2 ]
	apply "$(op c2 ',"result":{"ok":true,"id":"00T000000000002","created":true}')"
	[ -z "$(tool store-query ops --failed)" ]
}

@test "what came unsettled is owed to the consumer whose checkpoint follows, in its transaction" {
	apply "$(call c1 '"participants":[]')" "$(call c2 '"participants":[]')" "$(call c3 '"participants":[]')"
	tool store-query changes --consumer activity >handed
	[ "$(jq -r .id handed | head -3 | paste -sd' ')" = 'c1 c2 c3' ]
	{
		op c1 ',"result":{"ok":true,"id":"00T000000000001"}'
		op c2 ',"result":{"ok":false,"errors":[],"retry":true}'
		op c3 ''
	} >ops
	tool store-apply <ops # no checkpoint: nothing is settled, nothing owed
	[ "$(sql 'SELECT count(*) FROM owed')" -eq 0 ]
	{ cat ops; tail -1 handed; } | tool store-apply
	[ "$(sql "SELECT seq FROM consumer WHERE name = 'activity'")" -eq 3 ]
	[ "$(sql 'SELECT id, why FROM owed')" = 'c2|to be done again
c3|not done yet' ]
	tool store-query changes --consumer activity >handed
	[ "$(jq -c '[.id, .owed]' handed | head -2 | paste -sd' ')" = '["c2",true] ["c3",true]' ]
	# owed anew while the run was under way: that is not settled by its checkpoint
	sql "INSERT OR REPLACE INTO owed (consumer, side, object, id) VALUES ('activity', 'calls', 'call', 'c3')"
	tail -1 handed | tool store-apply
	[ "$(sql 'SELECT id FROM owed')" = c3 ]
}

@test "a checkpoint never takes a consumer back; an unknown one, or another store's, is rejected" {
	apply "$(call c1 '"participants":[]')" "$(call c2 '"participants":[]')"
	apply '{"kind":"checkpoint","consumer":"activity","of":"changes","seq":2}'
	apply '{"kind":"checkpoint","consumer":"activity","of":"changes","seq":1}'
	[ "$(sql "SELECT seq FROM consumer WHERE name = 'activity'")" -eq 2 ]
	run -65 --separate-stderr apply '{"kind":"checkpoint","consumer":"nobody","of":"changes","seq":1}' \
		'{"kind":"checkpoint","consumer":"calls","of":"changes","seq":99}'
	[[ "$stderr" == *'no consumer "nobody"'*'seq 99 is of another store'* ]]
	run -0 tool store-apply --add nobody
	run -0 apply '{"kind":"checkpoint","consumer":"nobody","of":"changes","seq":1}'
}

@test "a line that its writer could not end is rejected, wherever it is cut: nothing is settled by it" {
	apply "$(call c1 '"participants":[]')"
	local line='{"kind":"checkpoint","consumer":"activity","of":"changes","seq":1}' size
	for ((size = 1; size < ${#line}; size++)); do
		run -65 tool store-apply < <(printf '%s' "${line:0:size}")
	done
	[ "$(sql "SELECT seq FROM consumer WHERE name = 'activity'")" -eq 0 ]
	printf '%s' "$line" | tool store-apply # whole, but for its line feed
	[ "$(sql "SELECT seq FROM consumer WHERE name = 'activity'")" -eq 1 ]
}

@test "changes that all have settled are pruned, but the newest; seq is never used again" {
	apply "$(call c1 '"participants":[]')" "$(call c2 '"participants":[]')"
	apply '{"kind":"checkpoint","consumer":"activity","of":"changes","seq":2}'
	[ "$(sql 'SELECT seq FROM change')" -eq 2 ]
	sql 'DELETE FROM change'
	run -0 apply "$(call c3 '"participants":[]')"
	[ "$(jq .seq <<<"$output")" -eq 3 ]
}

@test "another region reads all phone numbers again, each that differs is a change" {
	apply "$(contact '"Phone":"(415) 555-0100","MobilePhone":"+442079460000"')"
	[ "$(sql 'SELECT phone FROM person_phone')" = +442079460000 ]
	run -0 tool store-apply --changes --region US </dev/null
	[ "$(jq -c '[.seq, .fields, .before, .after]' <<<"$output")" = '[2,["Phone"],{},{"Phone":"(415) 555-0100"}]' ]
	[ "$(sql 'SELECT phone, mobile_phone FROM contact')" = '+14155550100|+442079460000' ]
	[ "$(sql 'SELECT count(*) FROM person_phone')" -eq 2 ]
	run -0 apply "$(contact '"Phone":"(415) 555-0101"')" # the store's region, as none is given
	[ "$(sql 'SELECT phone FROM contact')" = +14155550101 ]
	run -0 tool store-apply --changes --region US </dev/null
	[ -z "$output" ]
}

@test "real records load, and load again without a change" {
	needs_data salesforce/npsp
	for o in Account Contact Opportunity OpportunityContactRole; do
		jq -c --arg o "$o" '
			def id($prefix): if . == null then null else $prefix + ("000000000000" + tostring)[-12:] end;
			.Id |= id({Account: "001", Contact: "003", Opportunity: "006", OpportunityContactRole: "00K"}[$o])
			| if .AccountId then .AccountId |= id("001") else . end
			| if .ContactId then .ContactId |= id("003") else . end
			| if .OpportunityId then .OpportunityId |= id("006") else . end
			| del(.CampaignId)' "$DATA/salesforce/npsp/1k-$o.ndjson"
	done >in
	run -0 --separate-stderr tool store-apply --region US <in
	[ "$(sql 'SELECT (SELECT count(*) FROM account), (SELECT count(*) FROM contact), (SELECT count(*) FROM opportunity), (SELECT count(*) FROM opportunity_contact_role)')" = '1223|1024|1517|3499' ]
	[ "$(sql 'SELECT count(*) FROM person_phone')" -gt 0 ]
	run -0 --separate-stderr tool store-apply --region US --changes <in
	[ -z "$output" ]
}

@test "misuse is 64, --help lists every option" {
	run -64 --separate-stderr tool store-apply --frob
	run -64 --separate-stderr tool store-apply file
	run -64 --separate-stderr tool store-apply --now yesterday </dev/null
	run -0 tool store-apply --help
	[[ "$output" == "usage: store-apply"*--changes*--strict* ]]
}

@test "what the org says of an object is kept, in the place of what it said before" {
	cat >in <<-'JSON'
	{"kind":"describe","object":"Lead","at":"2026-11-20T15:00:00Z","fields":[{"name":"A","type":"string"}]}
	{"kind":"describe","object":"Lead","at":"2026-11-21T15:00:00Z","fields":[{"name":"B","type":"string"}]}
	{"kind":"describe","object":"Leed","at":"2026-11-21T15:00:00Z","fields":[]}
	{"kind":"describe","object":"Lead","at":"yesterday","fields":[]}
	{"kind":"describe","object":"Lead","at":"2026-11-21T15:00:00Z"}
	JSON
	run -65 --separate-stderr tool store-apply <in
	[ "$(sqlite3 "$SFPIPE_STORE" "SELECT object, at, line ->> '$.fields[0].name' FROM describe")" = 'Lead|2026-11-21T15:00:00Z|B' ]
	[ "$stderr" = 'store-apply: stdin:3: describe of no object that is known
store-apply: stdin:4: at is no RFC 3339 time
store-apply: stdin:5: describe without fields' ]
}
