#!/usr/bin/env bats
# shellcheck disable=SC2154 # stderr and stderr_lines are set by bats
# resolve-conflicts, line by line. Who wins a field: conflict.bats.

bats_require_minimum_version 1.5.0
load helper

LEAD=00Q000000000001EAA

setup() {
	cd "$BATS_TEST_TMPDIR"
	map '"create":{"local":true,"salesforce":{"require":["Email"]}},'
}

# map MORE [FIELD...]: a map of leads with more members of the object, and more fields
map() {
	local fields='{"salesforce":"LastName","local":"last"},{"salesforce":"Company","local":"company"},
		{"salesforce":"Email","local":"email"},{"salesforce":"Phone","local":"phone"}' more=$1
	shift
	local IFS=,
	printf '{"Lead":{%s"local":"Lead","fields":[%s%s]}}\n' "$more" "$fields" "${*:+,$*}" >map.json
}

resolve() {
	tool resolve-conflicts --map map.json --now 2026-11-22T10:00:00Z "$@"
}

# pair SALESFORCE LOCAL BASE [BY [MORE]]: members of the record, local fields, bases; - for a side
# that is not there
pair() {
	local salesforce=null local=null
	[ "$1" = - ] || salesforce='{"attributes":{"type":"Lead"},"Id":"'$LEAD'","SystemModstamp":"2026-11-20T15:00:00.000+0000"'${1:+,$1}'}'
	[ "$2" = - ] || local='{"id":"42","modified":"2026-11-20T14:00:00Z","salesforce_id":null,"fields":{'$2'},"deleted":false}'
	printf '{"kind":"pair","object":"Lead","local_object":"Lead","paired_by":%s,"salesforce":%s,"local":%s,"base":{%s}%s}\n' \
		"${4:-\"link\"}" "$salesforce" "$local" "$3" "${5:+,$5}"
}

base() {
	printf '"%s":{"salesforce":%s,"local":%s}' "$1" "$2" "${3:-$2}"
}

linked() {
	printf '{"kind":"map","object":"Lead","local_object":"Lead","linked":%s}\n' "$1"
}

@test "a field that changed in Salesforce goes to the local record, alone" {
	pair '"Email":"new@x.example","Phone":"1","LastName":"Roe"' '"email":"a@x.example","phone":"1","last":"Roe"' \
		"$(base Email '"a@x.example"'),$(base Phone '"1"'),$(base LastName '"Roe"')" >in
	run -0 resolve <in
	[ "$output" = '{"kind":"op","to":"local","op":"update","object":"Lead","id":"'$LEAD'","local_object":"Lead","local_id":"42","fields":{"email":"new@x.example"},"was":{"email":"a@x.example"},"seen":"2026-11-20T15:00:00Z","why":{"Email":{"rule":"salesforce changed","base":{"salesforce":"a@x.example","local":"a@x.example"},"salesforce":"new@x.example","local":"a@x.example"}},"base":{"Email":{"salesforce":"new@x.example","local":"new@x.example"}}}' ]
}

@test "ops for both sides: Salesforce first, what settles goes with it" {
	pair '"Email":"new@x.example","Phone":"1","LastName":"Poe"' '"email":"a@x.example","phone":"2","last":"Poe"' \
		"$(base Email '"a@x.example"'),$(base Phone '"1"'),$(base LastName '"Roe"')" >in
	run -0 resolve <in
	[ "$(jq -c '[.to, .fields, .was, .base]' <<<"$output")" = '["salesforce",{"Phone":"2"},{"Phone":"1"},{"LastName":{"salesforce":"Poe","local":"Poe"},"Phone":{"salesforce":"2","local":"2"}}]
["local",{"email":"new@x.example"},{"email":"a@x.example"},{"Email":{"salesforce":"new@x.example","local":"new@x.example"}}]' ]
}

@test "a settled pair gives no line; all else passes byte for byte" {
	pair '"Email":"a@x.example"' '"email":" A@x.example "' "$(base Email '"a@x.example"')" >in
	printf '%s\n' '{"kind":"checkpoint", "consumer":"sync","of":"changes","seq":1.0}' '{"attributes":{"type":"Lead"},"Id":"1e3"}' >other
	cat other >>in
	resolve <in >out
	cmp out other
}

@test "a pair that was found just now is linked, if by an op that writes nothing" {
	pair '"Email":"a@x.example"' '"email":"a@x.example"' '' '"email"' >in
	run -0 resolve <in
	[ "$(jq -c '[.op, .id, .local_id, .fields, .base, .result]' <<<"$output")" = '["none","'$LEAD'","42",null,{"Email":{"salesforce":"a@x.example","local":"a@x.example"}},{"ok":true}]' ]
}

@test "a line that is no pair is named and skipped, the rest is done, status 65" {
	{
		echo '{"kind":"pair"}'
		echo '{"kind":"pair","object":"Contact","salesforce":null,"local":null}'
		echo '{"kind":"pair","object":"Lead","salesforce":null,"local":null}'
		echo '{"kind":"pair","object":"Lead","salesforce":{"Id":"x"},"local":null}'
		echo '{"kind":"pair","object":"Lead","local":{"id":"42"}}'
		echo '{"kind":"map","object":"Contact"}'
		echo '{"kind":"org","org":"x"}'
		pair '"Phone":"2"' '"phone":"1"' "$(base Phone '"1"')"
	} >in
	run -65 --separate-stderr resolve <in
	[ "${#lines[@]}" -eq 1 ]
	[ "$stderr" = 'resolve-conflicts: stdin:1: pair without object
resolve-conflicts: stdin:2: the map has no object of this pair
resolve-conflicts: stdin:3: a pair with neither side
resolve-conflicts: stdin:4: salesforce is no record with an Id
resolve-conflicts: stdin:5: local is no local record with id and fields
resolve-conflicts: stdin:6: object is not in the map
resolve-conflicts: stdin:7: org is no Salesforce Id' ]
}

@test "a full disk is 74, misuse 64, --help 0" {
	[ -c /dev/full ] || skip "no /dev/full"
	pair '"Phone":"2"' '"phone":"1"' '' >in
	run -74 bash -c '"$BUILD"/resolve-conflicts -m map.json <in >/dev/full'
	TMPDIR=$PWD/none run -74 "$BUILD"/resolve-conflicts -m map.json <in # valgrind needs it, too
	run -64 tool resolve-conflicts
	run -64 resolve --take=both
	run -64 resolve --field=Phone
	run -64 resolve argument
	run -64 resolve --max-share=101
	run -0 tool resolve-conflicts --help
	[[ "$output" == *--take* ]]
}

# --- creation

@test "what is new locally is created in Salesforce, if what is needed is there" {
	pair - '"last":"Roe","company":"Acme","email":"j@x.example","phone":""' '' null >in
	run -0 resolve <in
	[ "$(jq -c '[.op, .object, .local_id, .id, .find, .fields, .was]' <<<"$output")" = '["create","Lead","42",null,{"Email":"j@x.example"},{"LastName":"Roe","Company":"Acme","Email":"j@x.example"},null]' ]
	pair - '"last":"Roe","company":"Acme"' '' null >in
	run -0 resolve <in
	[ -z "$output" ]
	run -0 resolve --explain <in
	[[ "$output" == *"nothing: Email is needed and blank"* ]]
	pair - '"last":"Roe","email":"j@x.example"' '' null >in
	run -0 resolve --explain <in
	[[ "$output" == *"nothing: Company is needed and blank"* ]] # though the map does not say so
	pair - '"last":"Roe","company":"Acme","email":"j@x.example"' '' null '"had_link":true' >in
	run -0 resolve <in
	[ -z "$output" ]
	pair - '"last":"Roe","company":"Acme","email":"j@x.example"' '' null '"contact":"003000000000001AAA"' >in
	run -0 resolve <in
	[ -z "$output" ]
	map ''
	pair - '"last":"Roe","company":"Acme","email":"j@x.example"' '' null >in
	run -0 resolve <in
	[ -z "$output" ]
}

@test "what is new in Salesforce is created locally, blanks and pushed fields aside" {
	map '"create":{"local":true},' '{"salesforce":"Country","local":"country","direction":"push"}'
	pair '"LastName":"Roe","Phone":null,"Country":"NL"' - '' null >in
	run -0 resolve <in
	[ "$(jq -c '[.to, .op, .id, .local_id, .fields, .base]' <<<"$output")" = '["local","create","'$LEAD'",null,{"last":"Roe"},{"LastName":{"salesforce":"Roe","local":"Roe"}}]' ]
	map ''
	run -0 resolve <in
	[ -z "$output" ]
}

@test "a create is an upsert by the external ID that holds the local id" {
	map '"create":{"salesforce":{}},' '{"salesforce":"Key__c","value":"local_id"}' '{"salesforce":"Synced__c","value":"now"}'
	pair - '"last":"Roe","company":"Acme"' '' null >in
	run -0 resolve <in
	[ "$(jq -c '[.op, .external_id, .find, .fields]' <<<"$output")" = '["upsert",{"field":"Key__c","value":"42"},null,{"LastName":"Roe","Company":"Acme","Key__c":"42","Synced__c":"2026-11-22T10:00:00Z"}]' ]
	map '"create":{"salesforce":{}},' '{"salesforce":"Key__c","value":"local_id","external_id":false}'
	run -0 resolve <in
	[ "$(jq -c '[.op, .external_id, .find]' <<<"$output")" = '["create",null,{"Key__c":"42"}]' ]
}

@test "when: local fields must have a value, or one of several" {
	map '"create":{"salesforce":{"when":{"active":true,"kind":["a","b",null]}}},'
	for fields in '"active":true,"kind":"b"' '"active":1,"kind":""' '"active":"true","kind":null'; do
		pair - '"last":"R","company":"A","email":"e@x.example",'"$fields" '' null >in
		run -0 resolve <in
		[ "$(jq -r .op <<<"$output")" = create ]
	done
	for fields in '"active":true' '"active":false,"kind":"a"' '"active":true,"kind":"c"' '"kind":"a"'; do
		pair - '"last":"R","company":"A","email":"e@x.example",'"$fields" '' null >in
		run -0 resolve <in
		[ -z "$output" ]
	done
}

@test "defaults give what is not mapped or blank" {
	map '"create":{"salesforce":{"record_type":"012000000000001AAA","fields":{"Company":"unknown","LeadSource":"Web","Rating":{"local":"rating"},"Since__c":{"value":"today"}}}},'
	pair - '"last":"Roe","email":"e@x.example","rating":"Hot"' '' null >in
	run -0 resolve <in
	[ "$(jq -c .fields <<<"$output")" = '{"LastName":"Roe","Email":"e@x.example","Company":"unknown","LeadSource":"Web","Rating":"Hot","Since__c":"2026-11-22","RecordTypeId":"012000000000001AAA"}' ]
}

@test "a new lead can become an opportunity, written as its owner" {
	map '"create":{"salesforce":{"as":"Opportunity","run_as":"owner","fields":{"Name":{"local":"company"},"StageName":"New","CloseDate":{"value":"today"},"OwnerId":{"local":"owner"},"Key__c":{"value":"local_id"}}}},'
	pair - '"last":"Roe","company":"Acme","owner":"005000000000001AAA"' '' null '"owner":"rep@us.example"' >in
	run -0 resolve <in
	[ "$(jq -c '[.op, .object, .local_object, .external_id, .fields, .why, .base, .as, .result]' <<<"$output")" = '["upsert","Opportunity","Lead",{"field":"Key__c","value":"42"},{"Name":"Acme","StageName":"New","CloseDate":"2026-11-22","OwnerId":"005000000000001AAA","Key__c":"42"},null,null,"rep@us.example",null]' ]
	pair - '"last":"Roe","company":"Acme","owner":"005000000000001AAA"' '' null >in
	run -0 resolve <in
	[ "$(jq -c .result <<<"$output")" = '{"ok":false,"errors":[{"statusCode":"REFUSED","message":"its owner is no active User in the store","fields":[]}],"retry":false}' ]
	pair - '"last":"Roe","company":"","owner":"005000000000001AAA"' '' null '"owner":"rep@us.example"' >in
	run -0 resolve <in
	[ -z "$output" ]
}

@test "deleted, converted and person account records are left alone" {
	for gone in '"IsDeleted":true' '"IsConverted":true' '"IsPersonAccount":true'; do
		pair "$gone"',"Phone":"2"' '"phone":"1"' '' >in
		pair "$gone"',"Phone":"2"' - '' >>in
		run -0 resolve <in
		[ -z "$output" ]
	done
	pair '"Phone":"2"' '"phone":"1"' '' | sed 's/"deleted":false/"deleted":true/' >in
	run -0 resolve <in
	[ -z "$output" ]
}

# --- value fields

@test "value fields are written on linking, then ride along; never alone, never again the same" {
	map '' '{"salesforce":"Key__c","value":"local_id"}' '{"salesforce":"Synced__c","value":"now"}' '{"salesforce":"Hidden__c","value":"now"}'
	pair '"Phone":"1","Key__c":null,"Synced__c":null' '"phone":"1"' '' '"email"' >in
	run -0 resolve <in
	[ "$(jq -c '[.op, .fields, .was, .why.Key__c.rule, .base]' <<<"$output")" = '["update",{"Key__c":"42","Synced__c":"2026-11-22T10:00:00Z"},{"Key__c":null,"Synced__c":null},"value",{"Phone":{"salesforce":"1","local":"1"}}]' ]
	pair '"Phone":"1","Key__c":"42","Synced__c":null' '"phone":"1"' "$(base Phone '"1"')" >in
	run -0 resolve <in
	[ -z "$output" ]
	pair '"Phone":"1","Key__c":"42","Synced__c":null' '"phone":"2"' "$(base Phone '"1"')" >in
	run -0 resolve <in
	[ "$(jq -c .fields <<<"$output")" = '{"Phone":"2","Synced__c":"2026-11-22T10:00:00Z"}' ]
	pair '"Phone":"2","Key__c":"42","Synced__c":null' '"phone":"1"' "$(base Phone '"1"')" >in
	run -0 resolve <in
	[ "$(jq -c '[.to, .fields]' <<<"$output")" = '["local",{"phone":"2"}]' ]
	# a link that Salesforce has not heard of
	pair '"Phone":"1","Key__c":null,"Synced__c":null' '"phone":"1"' "$(base Phone '"1"')" '"link"' '"new_link":true' >in
	run -0 resolve <in
	[ "$(jq -c '[.op, .fields]' <<<"$output")" = '["update",{"Key__c":"42","Synced__c":"2026-11-22T10:00:00Z"}]' ]
	pair '"Phone":"1"' '"phone":"1"' "$(base Phone '"1"')" '"link"' '"new_link":true' >in
	run -0 resolve <in
	[ "$(jq -c '[.op, .result]' <<<"$output")" = '["none",{"ok":true}]' ]
}

# --- conflicts

@test "a held field is a conflict, beside what moves; --take ends it, --field some of it" {
	map '"conflict":"hold",'
	pair '"Phone":"2","Email":"s@x.example","LastName":"B"' '"phone":"3","email":"l@x.example","last":"A"' \
		"$(base Phone '"1"'),$(base LastName '"A"')" >in
	run -0 resolve <in
	[ "$(jq -c '[.kind, .to, .fields]' <<<"$output")" = '["op","local",{"last":"B"}]
["conflict",null,{"Email":{"salesforce":"s@x.example","local":"l@x.example"},"Phone":{"base":"1","salesforce":"2","local":"3"}}]' ]
	run -0 resolve --take=local <in
	[ "$(jq -c '[.kind, .to, .fields]' <<<"$output")" = '["op","salesforce",{"Email":"l@x.example","Phone":"3"}]
["op","local",{"last":"B"}]' ]
	run -0 resolve --take=salesforce --field=phone <in
	[ "$(jq -c '[.kind, .to, .fields]' <<<"$output")" = '["op","local",{"last":"B","phone":"2"}]
["conflict",null,{"Email":{"salesforce":"s@x.example","local":"l@x.example"}}]' ]
}

@test "a conflict of a pair that is not linked yet links it" {
	map '"conflict":"hold",'
	pair '"Phone":"2"' '"phone":"3"' '' '"email"' >in
	run -0 resolve <in
	[ "$(jq -c '[.kind, .op, .base]' <<<"$output")" = '["op","none",null]
["conflict",null,null]' ]
}

# --- limits

# pairs N: linked pairs that change in Salesforce
pairs() {
	jq -nc --argjson n "$1" 'range($n) | {kind:"pair",object:"Lead",local_object:"Lead",paired_by:"link",
		salesforce:{Id:("00Q" + ("00000000000\(.)"[-12:]) + "EAA"),Phone:"2"},
		local:{id:"\(.)",fields:{phone:"1"}},base:{Phone:{salesforce:"1",local:"1"}}}'
}

@test "9,600 of 10,000 wait behind limit 400, each with its op" {
	{ linked 10000; pairs 10000; echo '{"kind":"checkpoint","consumer":"sync","of":"changes","seq":9}'; } >in
	resolve <in >out
	[ "$(jq -c 'select(.kind == "op" and .result == null)' out | wc -l)" -eq 400 ]
	[ "$(jq -c 'select(.result.retry) | .result.errors[0].statusCode' out | sort | uniq -c | tr -s ' ')" = ' 9600 "OVER_LIMIT"' ]
	[ "$(jq -r 'select(.kind == "op") | .local_id' out | sort -u | wc -l)" -eq 10000 ]
	[ "$(tail -n 1 out | jq -r .kind)" = checkpoint ]
	# those that come first go out
	[ "$(jq -r 'select(.kind == "op" and .result == null) | .local_id' out | tail -n 1)" = 399 ]
}

@test "both ops of a pair over limit wait; creates do not count" {
	map '"limit":1,"create":{"salesforce":{}},'
	{
		linked 10
		pair '"Phone":"1","LastName":"B"' '"phone":"2","last":"A"' "$(base Phone '"1"'),$(base LastName '"A"')"
		pair '"Phone":"1","LastName":"B"' '"phone":"2","last":"A"' "$(base Phone '"1"'),$(base LastName '"A"')"
		pair - '"last":"Roe","company":"Acme","email":"j@x.example"' '' null
	} >in
	run -0 resolve <in
	[ "$(jq -c 'select(.kind == "op") | [.to, .op, .result.retry]' <<<"$output")" = '["salesforce","update",null]
["local","update",null]
["salesforce","update",true]
["local","update",true]
["salesforce","create",null]' ]
}

@test "more than a fifth of the linked records, and more than 50: nothing is written, 78" {
	{ linked 254; pairs 51; } >in
	run -78 --separate-stderr resolve <in
	[ -z "$output" ]
	[[ "$stderr" == *"Lead: the plan updates 51 of 254 linked records, more than --max-share=20 (per cent)"* ]]
	{ linked 255; pairs 51; } >in
	run -0 resolve <in
	{ linked 60; pairs 50; } >in
	run -0 resolve <in
	{ linked 100; pairs 51; } >in
	run -0 resolve --max-share=51 <in
	run -78 resolve --max-share=50 <in
	# what waits behind limit is not counted, nor what is only being linked
	map '"limit":50,'
	run -0 resolve <in
	map ''
	run -78 resolve <in
	sed 's/"link"/"email"/' in >unlinked
	run -0 resolve <unlinked
	# nor that Salesforce is told of a new link, though what else moves is
	sed 's/}$/,"new_link":true}/' in >new
	run -78 resolve <new
	map '' '{"salesforce":"Key__c","value":"local_id"}'
	sed 's/"Phone":"[^"]*"\(.*"local"\)/"Phone":"1","Key__c":null\1/; s/"phone":"[^"]*"/"phone":"1"/; s/}$/,"new_link":true}/' in >new
	run -0 resolve <new
	[ "$(jq -c 'select(.kind == "op") | .fields | keys' <<<"$output" | sort | uniq -c | tr -s ' ')" = ' 51 ["Key__c"]' ]
}

@test "--max-create, --max-update, --max-delete: of either side, named in the message, 78" {
	{ pair - '"last":"Roe","company":"Acme","email":"j@x.example"' '' null; pair '"LastName":"A"' - '' null; } >in
	run -0 resolve --max-create=1 <in
	run -78 --separate-stderr resolve --max-create=0 <in
	[ -z "$output" ]
	[[ "$stderr" == *"creates 1 records in Salesforce, more than --max-create=0 "* ]]
	pair '"LastName":"A"' - '' null >in
	run -78 --separate-stderr resolve --max-create=0 <in
	[[ "$stderr" == *"creates 1 records locally, more than --max-create=0 "* ]]
	pair '"Phone":"1"' '"phone":"2"' "$(base Phone '"1"')" >in
	run -0 resolve --max-update=1 <in
	run -78 --separate-stderr resolve --max-update=0 <in
	[[ "$stderr" == *--max-update=0* ]]
	echo '{"kind":"op","to":"salesforce","op":"delete","object":"Lead","id":"'$LEAD'"}' >in
	run -78 --separate-stderr resolve <in
	[[ "$stderr" == *"deletes 1 records in Salesforce, more than --max-delete=0 "* ]]
	run -0 resolve --max-delete=1 <in
	sed 's/}$/,"result":{"ok":true}}/' in >done
	run -0 resolve <done
}

@test "nothing at all is written if the input breaks off with an error" {
	{ pairs 3; echo nonsense; } >in
	run -65 --separate-stderr resolve --strict <in
	[ -z "$output" ]
	run -65 --separate-stderr resolve <in
	[ "${#lines[@]}" -eq 3 ]
}

@test "the same input and --now give the same plan" {
	map '' '{"salesforce":"Synced__c","value":"now"}'
	{ linked 100; pairs 40 | sed 's/"Phone":"2"/"Phone":"2","Synced__c":null/'; pair '"Phone":"1","Synced__c":null' '"phone":"2"' "$(base Phone '"1"')"; } >in
	resolve <in >one
	sleep 1
	resolve <in >two
	cmp one two
	grep -q 2026-11-22T10:00:00Z one
}

# --- the map

@test "--check-map says what the map holds, or all that is wrong with it, with line and column" {
	run -0 resolve --check-map </dev/null
	[ "$output" = "Lead: local Lead, two-way, 4 fields, conflict salesforce, limit 400, created locally, created in Salesforce" ]
	cat >map.json <<-'JSON'
	{"Leed": {"fields": []},
	 "Lead": {
	  "directoin": "pull", "limit": 0, "match": ["email"],
	  "create": {"salesforce": {"requires": []}},
	  "fields": [
	    {"salesforce": "Phone", "local": "é"}, {"salesforce": "phone", "local": "other"},
	    {"salesforce": "Title", "local": "é"},
	    {"salesforce": "Name", "local": "name"},
	    {"salesforce": "Fax", "local": "fax", "value": "now"},
	    {"salesforce": "Rating", "local": 7}, {"local": "x"}]}}
	JSON
	run -78 --separate-stderr resolve --check-map </dev/null
	[ -z "$output" ]
	[ "$stderr" = "resolve-conflicts: map.json:1:2: no object Leed is known (did you mean Lead?)
resolve-conflicts: map.json:2:2: Lead: a new Lead could not be found again: a field with \"value\":\"local_id\", or Email, is needed
resolve-conflicts: map.json:2:2: Lead: a new Lead needs Company, but no field that goes there maps it
resolve-conflicts: map.json:2:2: Lead: a new Lead needs LastName, but no field that goes there maps it
resolve-conflicts: map.json:2:2: Lead: match by email needs a field that maps Email
resolve-conflicts: map.json:3:3: no such key: directoin (did you mean direction?)
resolve-conflicts: map.json:3:33: limit: a whole number of 1 or more is needed
resolve-conflicts: map.json:4:29: no such key: requires (did you mean require?)
resolve-conflicts: map.json:6:44: Phone is mapped at 6:5 already
resolve-conflicts: map.json:7:5: local é is mapped at 6:5 already
resolve-conflicts: map.json:8:5: Name cannot be written: \"direction\":\"pull\" is needed
resolve-conflicts: map.json:9:5: a field has both local and value
resolve-conflicts: map.json:10:39: local: a string is needed, not a number
resolve-conflicts: map.json:10:43: a field without salesforce
resolve-conflicts: map.json: 14 problems, nothing is done with this map" ]
	printf '{"Lead":\n  {"fields": [}}' >map.json
	run -78 --separate-stderr resolve --check-map </dev/null
	[ "$stderr" = "resolve-conflicts: map.json:2:15: no JSON: not a value" ]
	rm map.json
	run -78 --separate-stderr resolve --check-map </dev/null
	[ "$stderr" = "resolve-conflicts: map.json: No such file or directory" ]
}

@test "--check-map: what match is by default; what a new record cannot get" {
	echo '{"Account":{"fields":[{"salesforce":"Name","local":"name"}]}}' >map.json
	run -0 resolve --check-map </dev/null
	map '"create":{"salesforce":{"fields":{"Fax":"1","fax":"2","CreatedDate":"2026-11-20T15:00:00Z"}}},'
	run -78 --separate-stderr resolve --check-map </dev/null
	[ "${stderr_lines[0]}" = "resolve-conflicts: map.json:1:54: fax is given at 1:44 already" ]
	[ "${stderr_lines[1]}" = "resolve-conflicts: map.json:1:64: CreatedDate cannot be written" ]
	echo '{"Account":{"match":["email"],"fields":[{"salesforce":"Name","local":"name"}]}}' >map.json
	run -78 resolve --check-map </dev/null
}

@test "the map for leads and contacts that comes with it is good" {
	run -0 tool resolve-conflicts --map "$TOP/scripts/lead-contact.map.json" --check-map
	[ "${#lines[@]}" -eq 2 ]
}
