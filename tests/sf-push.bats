#!/usr/bin/env bats
# shellcheck disable=SC2154 # stderr and stderr_lines are set by bats

bats_require_minimum_version 1.5.0
load helper
load proxy

export STANDIN_TOKEN='00Dxx0000000001!standin'

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	for i in 1 2 3; do
		printf '{"attributes":{"type":"Contact"},"Id":"003xx000000000%d","LastName":"N%d"}\n' "$i" "$i"
	done >org.ndjson
}

teardown() {
	standin_stop
	proxy_stop
}

control() {
	curl -sf "$URL/standin/$1" --data-binary "$2" >/dev/null
}

calls() {
	curl -sf "$URL/standin/log" | jq .api_calls
}

dump() {
	curl -sf "$URL/standin/dump?object=$1" | jq -c "$2"
}

# update ID FIELDS, create OBJECT FIELDS [FIND]: op lines.
update() {
	printf '{"kind":"op","to":"salesforce","op":"update","object":"Contact","id":"%s","fields":%s}\n' "$@"
}
create() {
	printf '{"kind":"op","to":"salesforce","op":"create","object":"%s"%s,"fields":%s}\n' "$1" "${3:+,\"find\":$3}" "$2"
}

# lose N: the stand-in behind a server that does what is asked, but drops the N-th answer.
lose() {
	proxy "answer = forward()
if n == $1:
    handler.close_connection = True
else:
    send(*answer)"
}

@test "each op comes out in its place with its result, all else byte for byte" {
	standin_start --load org.ndjson --custom 'Lead.Ext__c:string(40):externalId:unique'
	cat >in <<-'JSON'
	{"kind":"org","org":"00Dxx0000000001"}
	{"kind":"op", "to":"salesforce","op":"create","object":"Task","fields":{"Subject":"Call","CallDurationInSeconds":1e2},"x":0.10}
	{"kind":"call","n":12345678901234567890}
	{"kind":"op","to":"salesforce","op":"upsert","object":"Lead","external_id":{"field":"Ext__c","value":"42"},"fields":{"LastName":"L","Company":"C"}}
	{"kind":"op","to":"salesforce","op":"update","object":"Contact","id":"003xx0000000001","fields":{"Title":"A"}}
	{"kind":"op","to":"salesforce","op":"none","object":"Contact","id":"003xx0000000001"}
	{"kind":"op","to":"app","op":"update","object":"Contact","id":"1","fields":{}}
	{"kind":"op","to":"salesforce","op":"update","object":"Contact","id":"003xx0000000001","fields":{},"result":{"ok":true}}
	{"kind":"checkpoint","consumer":"sync","of":"changes","seq":7}
	JSON
	tool sf-push <in >out
	sed 's/,"result":{"ok":true,"id".*}}$/}/' out | cmp - in
	[ "$(jq -c 'select(.result.id) | [.op,.result.ok,.result.id[0:3],.result.created]' out | paste -sd' ')" = \
		'["create",true,"00T",true] ["upsert",true,"00Q",true] ["update",true,"003",false] ["none",true,"003",false]' ]
	run -0 jq -r .CallDurationInSeconds <(dump Task .)
	[ "$output" -eq 100 ]
}

@test "a thousand records are one API call, each object and op a collection of its own" {
	standin_start
	for i in $(seq 400); do create Contact "{\"LastName\":\"N$i\"}"; done >in
	for i in $(seq 600); do create Task "{\"Subject\":\"S$i\"}"; done >>in
	tool sf-push <in >out
	[ "$(calls)" -eq 1 ]
	[ "$(jq -r .result.ok out | sort | uniq -c | tr -s ' ')" = " 1000 true" ]
	[ "$(dump Task .Id | wc -l)" -eq 600 ]
	jq -e '.subrequests | length == 5' "$LOG" >/dev/null
}

@test "10,000 updates go out in 11 API calls, one of them for the stamps" {
	awk 'BEGIN { for (i = 1; i <= 10000; i++)
		printf "{\"attributes\":{\"type\":\"Lead\"},\"Id\":\"00Qxx%010d\",\"LastName\":\"N%d\",\"Company\":\"C\",\"SystemModstamp\":\"2026-11-20T15:00:00.000+0000\"}\n", i, i
	}' >leads
	standin_start --load leads
	awk 'BEGIN { for (i = 1; i <= 10000; i++)
		printf "{\"kind\":\"op\",\"to\":\"salesforce\",\"op\":\"update\",\"object\":\"Lead\",\"id\":\"00Qxx%010d\",\"fields\":{\"Title\":\"T%d\"},\"seen\":\"%s\"}\n", i, i,
			i == 7 ? "2026-11-20T14:00:00Z" : "2026-11-20T15:00:00Z"
	}' >in
	tool sf-push <in >out 2>err || [ $? -eq 65 ]
	[ "$(calls)" -eq 11 ]
	[ "$(jq -c '[.id, .result.errors[0].statusCode, .result.retry] | select(.[1])' out)" = '["00Qxx0000000007","CHANGED_SINCE_SEEN",true]' ]
	[ "$(jq -r 'select(.result.ok).fields.Title' out | wc -l)" -eq 9999 ]
	[ "$(dump Lead 'select(.Title).Title' | wc -l)" -eq 9999 ]
}

@test "two ops on one record go in order, in calls of their own" {
	standin_start --load org.ndjson --custom 'Lead.Ext__c:string(40):externalId:unique'
	up='{"kind":"op","to":"salesforce","op":"upsert","object":"Lead","external_id":{"field":"Ext__c","value":"K"},"fields":{"LastName":"%s","Company":"C"}}\n'
	# shellcheck disable=SC2059
	{
		update 003xx0000000001AAA '{"Title":"first"}'
		update 003xx0000000001 '{"Title":"second"}'
		printf "$up" one two
	} >in
	tool sf-push <in >out
	[ "$(jq -c .result.ok out | sort -u)" = true ]
	[ "$(jq -c '.result.created' out | paste -sd' ')" = "false false true false" ]
	[ "$(dump Contact 'select(.Title).Title')" = '"second"' ]
	[ "$(dump Lead .LastName)" = '"two"' ]
	[ "$(calls)" -eq 2 ]
}

@test "what fails is named with field and what to do, the rest is done, status 65" {
	standin_start --load org.ndjson
	{
		update 003xx0000000001AAA '{"LastName":null}'
		update 003xx0000000002AAA '{"Title":"B"}'
		update 003xx0000000099AAA '{"Title":"B"}'
		create Nonsense '{"Name":"x"}'
	} >in
	run -65 --separate-stderr tool sf-push <in
	[ "$(jq -c '[.result.ok,.result.retry,.result.errors[0].statusCode]' <<<"$output" | paste -sd' ')" = \
		'[false,false,"REQUIRED_FIELD_MISSING"] [true,null,null] [false,false,"INVALID_CROSS_REFERENCE_KEY"] [false,false,"INVALID_TYPE"]' ]
	[[ "$stderr" == *"sf-push: stdin:1: update Contact 003xx0000000001AAA: LastName: REQUIRED_FIELD_MISSING: "*"(give these fields a value)"* ]]
	[[ "$stderr" == *"3 ops failed"* ]]
}

@test "a line that lacks what its op needs is rejected in its place" {
	standin_start --load org.ndjson
	{
		update 003xx0000000001AAA '{"Title":"A"}'
		echo '{"kind":"op","to":"salesforce","op":"update","object":"Contact","fields":{}}'
		echo '{"kind":"op","to":"salesforce","op":"move","object":"Contact"}'
		echo '{"kind":"op","to":"salesforce","op":"create","fields":{}}'
		echo '{"kind":"op","to":"salesforce","op":"upsert","object":"Lead","external_id":{"field":"A__c","value":""},"fields":{}}'
		echo '{"kind":"op","to":"salesforce","op":"create","object":"Task","find":{"CallObject":null},"fields":{}}'
		echo '{"kind":"op","to":"salesforce","op":"create","object":"Task where","fields":{}}'
		echo '{"kind":"op","to":"salesforce","op":"update","object":"Contact","id":"003","fields":{}}'
		echo nonsense
	} >in
	run -65 --separate-stderr tool sf-push --rejects inline <in
	[ "$(jq -r .kind <<<"$output" | sort | uniq -c | tr -s ' ' | paste -sd,)" = " 1 op, 8 reject" ]
	[[ "$stderr" == *"stdin:2: update without id"* && "$stderr" == *"stdin:9: "* ]]
}

@test "what the line reader refuses is rejected in its place too; --strict stops there" {
	standin_start --load org.ndjson
	{
		printf '\xef\xbb\xbf{"kind":"op","to":"salesforce","op":"update","object":"Contact"}\n'
		update 003xx0000000001AAA '{"Title":"A"}'
		echo nonsense
		update 003xx0000000002AAA '{"Title":"B"}'
		printf '"%0400d"\n' 0
		update 003xx0000000003AAA '{"Title":"C"}'
		echo '[1]'
	} >in
	run -65 --separate-stderr tool sf-push --rejects inline --max-line 300 <in
	[ "$(jq -r '.id // .why[0:8]' <<<"$output" | paste -sd,)" = \
		'update w,003xx0000000001AAA,no JSON:,003xx0000000002AAA,longer t,003xx0000000003AAA,not a JS' ] ||
		{ echo "$output"; false; }
	[ "$(calls)" -eq 2 ]
	run -65 tool sf-push --rejects rejected <in
	head -1 in | cmp - <(head -1 rejected)
	tail -6 in >rest
	run -65 --separate-stderr tool sf-push --strict --rejects inline <rest
	[ "$(jq -r .kind <<<"$output" | paste -sd' ')" = "op reject" ]
}

@test "find: a create that was made before is not made again" {
	standin_start
	create Task '{"Subject":"it'"'"'s","CallObject":"zo\\om'"'"'1"}' '{"CallObject":"zo\\om'"'"'1"}' >in
	create Task '{"Subject":"other","CallObject":"zoom-2"}' '{"CallObject":"zoom-2"}' >>in
	head -1 in >>in
	tool sf-push <in >out
	[ "$(jq -c .result.created out | paste -sd' ')" = "true true false" ]
	tool sf-push <in >out
	[ "$(jq -c .result.created out | paste -sd' ')" = "false false false" ]
	[ "$(dump Task .Id | wc -l)" -eq 2 ]
}

@test "find: a row that answers no op as we compare is for the server to say: each op is asked for alone" {
	standin_start
	create Task '{"Subject":"a","CallObject":"c1"}' | tool sf-push >/dev/null
	# as if the org held what its own comparison takes for c1
	proxy "status, body = forward()
send(status, body.replace(b'\"CallObject\":\"c1\"', b'\"CallObject\":\"c-one\"'))"
	{
		create Task '{"Subject":"a","CallObject":"c1"}' '{"CallObject":"c1"}'
		create Task '{"Subject":"b","CallObject":"c2"}' '{"CallObject":"c2"}'
	} >in
	run -0 tool sf-push <in
	[ "$(jq -c .result.created <<<"$output" | paste -sd' ')" = "false true" ]
	[ "$(dump Task .CallObject | sort | paste -sd' ')" = '"c1" "c2"' ]
}

@test "find: values are one as Salesforce compares them, however they are spelled" {
	echo '{"attributes":{"type":"Account"},"Id":"001xx0000000001","Name":"Acme"}' >org.ndjson
	standin_start --load org.ndjson
	{
		create Opportunity '{"Name":"A","StageName":"Prospecting","CloseDate":"2027-01-01","AccountId":"001xx0000000001","Amount":7777.00}' '{"AccountId":"001xx0000000001","Amount":7777}'
		create Opportunity '{"Name":"B","StageName":"Prospecting","CloseDate":"2027-01-02"}' '{"CloseDate":"2027-01-02"}'
		create Opportunity '{"Name":"C","StageName":"Prospecting","CloseDate":"2027-01-03"}' '{"CloseDate":"2027-01-03"}'
		create Contact '{"LastName":"ÖZ  "}' '{"LastName":"ÖZ  "}'
		create Contact '{"LastName":"2027-01-01"}' '{"LastName":"2027-01-01"}'
		create Contact '{"LastName":"Other"}' '{"LastName":"Other"}'
	} >in
	{
		create Opportunity '{"Name":"A"}' '{"Amount":77770e-1,"AccountId":"001xx0000000001AAA"}'
		create Contact '{"LastName":"öz"}' '{"LastName":"öz"}'
	} >same
	cat same >>in
	run -0 --separate-stderr tool sf-push <in
	[ "$(jq -c .result.created <<<"$output" | paste -sd' ')" = "true true true true true true false false" ]
	cat same >>in
	run -0 --separate-stderr tool sf-push <in
	[ "$(jq -c .result.created <<<"$output" | sort -u)" = false ]
	[ "$(dump Opportunity .Id | wc -l)" -eq 3 ]
	[ "$(dump Contact .Id | wc -l)" -eq 3 ]
}

@test "find: a locator that dies is no refusal: the query is asked again" {
	for i in 1 2 3; do
		echo '{"attributes":{"type":"Lead"},"LastName":"L","Company":"C","Email":"a@x.com"}'
	done >org.ndjson
	standin_start --load org.ndjson --page-size 2 --fault locator-expired
	create Lead '{"LastName":"L","Company":"C"}' '{"Email":"a@x.com"}' >in
	create Lead '{"LastName":"M","Company":"C","Email":"b@x.com"}' '{"Email":"b@x.com"}' >>in
	run -0 --separate-stderr tool sf-push <in
	[ "$(jq -c .result.created <<<"$output" | paste -sd' ')" = 'false true' ]
}

@test "a lost answer doubles no record, and what cannot be known is said" {
	standin_start --load org.ndjson
	lose 2
	create Task '{"Subject":"a","CallObject":"z1"}' '{"CallObject":"z1"}' >in
	create Task '{"Subject":"b"}' >>in
	update 003xx0000000001AAA '{"Title":"A"}' >>in
	run -65 --separate-stderr tool sf-push <in
	[ "$(jq -c '[.result.ok,.result.errors[0].statusCode]' <<<"$output" | paste -sd' ')" = \
		'[true,null] [false,"ANSWER_LOST"] [true,null]' ]
	[ "$(dump Task .Id | wc -l)" -eq 2 ]
}

@test "values that a composite would take for references arrive as they are" {
	standin_start --load org.ndjson
	update 003xx0000000001AAA '{"Title":"@{a.id}"}' >in
	update 003xx0000000002AAA '{"Title":"plain"}' >>in
	tool sf-push <in >out
	[ "$(dump Contact 'select(.Title).Title' | paste -sd' ')" = '"@{a.id}" "plain"' ]
}

@test "another org's ops are refused before the first write" {
	standin_start --load org.ndjson
	update 003xx0000000001AAA '{"Title":"A"}' >in
	echo '{"kind":"op","to":"salesforce","op":"update","object":"Contact","org":"00Dxx0000000009","id":"003xx0000000002AAA","fields":{"Title":"B"}}' >>in
	echo '{"kind":"checkpoint","consumer":"sync","of":"changes","seq":7}' >>in
	run -78 --separate-stderr tool sf-push <in
	[[ "$stderr" == *"stdin:2: the op is for org 00Dxx0000000009"* ]]
	[ "$(calls)" -eq 0 ]
	[[ "$output" != *checkpoint* && "$output" != *'"result"'* ]]
}

@test "deletions stop at --max-delete" {
	standin_start --load org.ndjson
	for i in 1 2; do
		echo "{\"kind\":\"op\",\"to\":\"salesforce\",\"op\":\"delete\",\"object\":\"Contact\",\"id\":\"003xx000000000$i\"}"
	done >in
	run -78 --separate-stderr tool sf-push <in
	[[ "$stderr" == *"--max-delete"* ]]
	[ "$(dump Contact 'select(.IsDeleted).Id' | wc -l)" -eq 0 ]
	tool sf-push --max-delete 2 <in >out
	[ "$(jq -c .result.ok out | sort -u)" = true ]
	[ "$(dump Contact 'select(.IsDeleted).Id' | wc -l)" -eq 2 ]
}

@test "safety limits: what comes before is done and reported, the rest goes on unsettled, no checkpoint" {
	standin_start --load org.ndjson --custom 'Lead.Ext__c:string(40):externalId:unique'
	delete='{"kind":"op","to":"salesforce","op":"delete","object":"Contact","id":"003xx0000000003"}'
	checkpoint='{"kind":"checkpoint","consumer":"sync","of":"changes","seq":'
	{
		update 003xx0000000001AAA '{"Title":"A"}'
		echo "${checkpoint}1}"
		create Task '{"Subject":"a"}'
		update 003xx0000000002AAA '{"Title":"B"}'
		echo "$delete"
		create Task '{"Subject":"b"}'
		echo '{"kind":"op","to":"salesforce","op":"move"}'
		echo '{"kind":"call","id":"c"}'
		echo "$delete"
		echo "${checkpoint}2}"
	} >in
	run -78 --separate-stderr tool sf-push <in
	[ "$(jq -c '.seq // .result.ok // .id // .op' <<<"$output" | paste -sd' ')" = \
		'true 1 true true "003xx0000000003" "create" "c" "003xx0000000003"' ]
	[[ "$stderr" == *"sf-push: --max-delete 0: stdin:5 is one of the deletions too many (2 in all); before it came 1 creates, 2 updates and 0 deletions; left undone are 1 creates, 0 updates and 2 deletions; if that is right, give --max-delete 2"* ]]
	[[ "$stderr" == *"3 ops were left undone"* ]]
	[ "$(dump Task .Subject)" = '"a"' ]
	[ "$(dump Contact 'select(.IsDeleted).Id' | wc -l)" -eq 0 ]
	run -78 --separate-stderr tool sf-push --dry-run <in
	[[ "$stderr" == *"--max-delete 0: stdin:5 would be one of the deletions too many (2 in all); before it would be done 1 creates, 2 updates and 0 deletions; left undone are 1 creates, 0 updates and 2 deletions; if that is right, give --max-delete 2"* ]]
	[ "$(dump Task .Subject)" = '"a"' ]
	run -78 --separate-stderr tool sf-push --max-delete 9 --max-create 1 <in
	[[ "$stderr" == *"--max-create 1: stdin:6 is one of the creates too many (2 in all)"* ]]
	run -78 --separate-stderr tool sf-push --max-update 0 <in
	[ "$(jq -c 'select(.result)' <<<"$output")" = "" ]
	echo '{"kind":"op","to":"salesforce","op":"upsert","object":"Lead","external_id":{"field":"Ext__c","value":"42"},"fields":{"LastName":"L","Company":"C"}}' >in
	run -78 tool sf-push --max-update 0 <in
	run -78 tool sf-push --max-create 0 <in
	run -0 tool sf-push --max-create 1 --max-update 1 <in
}

# seen ID STAMP FIELDS
seen() {
	printf '{"kind":"op","to":"salesforce","op":"update","object":"Contact","id":"%s","seen":"%s","fields":%s}\n' "$@"
}

@test "--unless-modified: a record changed between look and write is not written, 25 a call" {
	for i in $(seq -w 10 69); do
		printf '{"attributes":{"type":"Contact"},"Id":"003xx00000000%s","LastName":"N","SystemModstamp":"2026-11-22T11:00:00.000+0000","LastModifiedDate":"2026-11-22T11:00:00.000+0000"}\n' "$i"
	done >org.ndjson
	standin_start --load org.ndjson --now 2026-11-22T12:00:00Z
	for i in $(seq -w 10 69); do seen "003xx00000000$i" 2026-11-22T11:00:00Z '{"Title":"A"}'; done >in
	create Task '{"Subject":"x"}' >>in
	run -0 tool sf-push --unless-modified <in
	# one looks at the stamps, one creates, and 60 updates are three
	[ "$(calls)" -eq 5 ]
	[ "$(dump Contact 'select(.Title == "A").Id' | wc -l)" -eq 60 ]
	# what the stamps do not show, as if it had come after the look
	for i in 10 11; do
		control records "{\"attributes\":{\"type\":\"Contact\"},\"Id\":\"003xx00000000$i\",\"SystemModstamp\":\"2026-11-22T11:00:00.000+0000\",\"LastModifiedDate\":\"2026-11-22T11:30:00.000+0000\"}"
	done
	{
		seen 003xx0000000010 2026-11-22T11:00:00Z '{"Title":"B"}'
		seen 003xx0000000011 2026-11-22T11:00:00Z '{"Title":"@{b}"}'
		seen 003xx0000000012 2026-11-22T12:00:00Z '{"Title":"@{c}"}'
		seen 003xx0000000013 2026-11-22T12:00:00Z '{"LastName":null}'
		seen 003xx0000000014 2026-11-22T12:00:00Z '{"LastName":"@{d}","Nope":1}'
		update 003xx0000000015 '{"Title":"D"}'
	} >in
	run -65 --separate-stderr tool sf-push --unless-modified --rejects inline <in
	[ "$(jq -c '[.result.ok,.result.retry,.result.errors[0].statusCode]' <<<"$output" | paste -sd' ')" = \
		'[false,true,"MATCH_PRECONDITION_FAILED"] [false,true,"MATCH_PRECONDITION_FAILED"] [true,null,null] [false,false,"REQUIRED_FIELD_MISSING"] [false,false,"INVALID_FIELD"] [null,null,null]' ]
	[[ "$stderr" == *"stdin:1: update Contact 003xx0000000010AAA: MATCH_PRECONDITION_FAILED: "*"pull it, and decide anew"* ]]
	[[ "$stderr" == *"stdin:6: update without seen, which --unless-modified compares with"* ]]
	[ "$(dump Contact 'select(.Title != "A").Title')" = '"@{c}"' ]
}

@test "--unless-modified: locked rows and lost answers" {
	standin_start --load org.ndjson --fault lock-row:times=2
	for i in 1 2 3; do
		seen "003xx000000000$i" 2036-01-01T00:00:00Z '{"Title":"A"}'
	done >in
	run -0 tool sf-push --unless-modified <in
	control faults '{"clear":true,"faults":["drop-after:on=row"]}'
	run -0 --separate-stderr tool sf-push -v --unless-modified <in
	[[ "$stderr" == *"some records could not be written for now; again in"* ]]
	control faults '{"clear":true,"faults":["lock-row:times=always"]}'
	run -65 --separate-stderr tool sf-push --unless-modified <in
	[ "$(jq -c '.result.retry' <<<"$output" | sort -u)" = true ]
}

@test "--dry-run checks the plan against describe and writes nothing" {
	standin_start --load org.ndjson --restrict Task.Status
	{
		create Contact '{"FirstName":"x"}'
		create Contact '{"LastName":"ok"}'
		update 003xx0000000001AAA "{\"Title\":\"$(printf 'x%.0s' $(seq 200))\"}"
		update 003xx0000000001AAA '{"Nope__c":1,"Name":"x"}'
		create Task '{"Subject":"x","Status":"Nope"}'
	} >in
	run -65 --separate-stderr tool sf-push --dry-run <in
	[ "$(jq -c '[.result.dry_run,.result.ok,[.result.errors[].statusCode]]' <<<"$output" | paste -sd' ')" = \
		'[true,false,["REQUIRED_FIELD_MISSING"]] [true,true,[]] [true,false,["STRING_TOO_LONG"]] [true,false,["INVALID_FIELD","INVALID_FIELD_FOR_INSERT_UPDATE"]] [true,false,["INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"]]' ]
	[ "$(calls)" -eq 1 ]
	[ "$(dump Contact .Id | wc -l)" -eq 3 ]
}

@test "what changed since it was seen comes back with retry, unwritten" {
	standin_start --load org.ndjson --now 2026-11-22T12:00:00Z
	control records '{"attributes":{"type":"Contact"},"Id":"003xx0000000002","SystemModstamp":"2026-11-22T11:00:01.000+0000"}'
	control records '{"attributes":{"type":"Contact"},"Id":"003xx0000000001","SystemModstamp":"2026-11-22T11:00:00.000+0000"}'
	for i in 1 2; do
		echo "{\"kind\":\"op\",\"to\":\"salesforce\",\"op\":\"update\",\"object\":\"Contact\",\"id\":\"003xx000000000$i\",\"seen\":\"2026-11-22T11:00:00Z\",\"fields\":{\"Title\":\"A\"}}"
	done >in
	head -1 in >again
	cat again >>in
	run -65 --separate-stderr tool sf-push <in
	[ "$(jq -c '[.result.ok,.result.retry,.result.errors[0].statusCode]' <<<"$output" | paste -sd' ')" = \
		'[true,null,null] [false,true,"CHANGED_SINCE_SEEN"] [true,null,null]' ]
	[ "$(dump Contact 'select(.Title).Id')" = '"003xx0000000001AAA"' ]
}

@test "what cannot be looked at is not written: it comes back with retry" {
	standin_start --load org.ndjson
	control faults '{"faults":["subrequest:on=retrieve"]}'
	echo '{"kind":"op","to":"salesforce","op":"update","object":"Contact","id":"003xx0000000001","seen":"2020-01-01T00:00:00Z","fields":{"Title":"A"}}' >in
	update 003xx0000000002AAA '{"Title":"B"}' >>in
	run -65 --separate-stderr tool sf-push --retry-budget 10s <in
	[ "$(jq -c '[.result.ok,.result.retry]' <<<"$output" | paste -sd' ')" = '[false,true] [true,null]' ]
	[ "$(dump Contact 'select(.Title).Id')" = '"003xx0000000002AAA"' ]
}

@test "a part of a composite that fails says why, whatever its body; what passes is tried again" {
	standin_start
	answer() {
		printf 'import json\nparts = json.loads(text)["compositeRequest"]\nif n == 1: send(200, json.dumps({"compositeResponse": [{"body": %s, "httpHeaders": {}, "httpStatusCode": %s, "referenceId": p["referenceId"]} for p in parts]}).encode())\nelse: send(*forward())' "$@"
	}
	create Lead '{"LastName":"L","Company":"C"}' >in
	proxy "$(answer None 503)"
	run -0 --separate-stderr tool sf-push <in
	[ "$(jq -c .result.created <<<"$output")" = true ]
	proxy_stop
	proxy "$(answer '{"message":"bare","errorCode":"BARE"}' 400)"
	run -65 --separate-stderr tool sf-push <in
	[ "$(jq -c '.result.errors[0].statusCode' <<<"$output")" = '"BARE"' ]
	[ "${stderr_lines[0]}" = "sf-push: stdin:1: create Lead: BARE: bare" ]
	proxy_stop
	proxy "$(answer None 400)"
	run -65 --separate-stderr tool sf-push <in
	[ "$(jq -c '.result.errors[0]|[.statusCode,.message]' <<<"$output")" = '["UNKNOWN_ERROR","HTTP status 400"]' ]
	proxy_stop
	proxy "$(answer '[{"success":False,"errors":[]}]' 200)"
	run -65 --separate-stderr tool sf-push <in
	[ "$(jq -c '.result.errors[0].statusCode' <<<"$output")" = '"UNKNOWN_ERROR"' ]
}

@test "a look that answers for another record is none" {
	standin_start --load org.ndjson
	proxy "
import json
status, body = forward()
if n == 1:
    answer = json.loads(body)
    answer['compositeResponse'][0]['body'].reverse()
    body = json.dumps(answer).encode()
send(status, body)"
	for i in 1 2; do
		echo '{"kind":"op","to":"salesforce","op":"update","object":"Contact","id":"003xx000000000'$i'","seen":"2030-01-01T00:00:00Z","fields":{"Title":"A"}}'
	done >in
	run -65 --separate-stderr tool sf-push <in
	[ "$(jq -c '.result.errors[0].statusCode' <<<"$output" | sort -u)" = '"NOT_LOOKED_AT"' ]
}

@test "--dry-run: a describe that passes is asked for again, and no object is called missing for it" {
	standin_start --load org.ndjson --fault 'subrequest:on=describe,status=503,code=SERVER_UNAVAILABLE'
	update 003xx0000000001AAA '{"Title":"B"}' >in
	run -0 --separate-stderr tool sf-push --dry-run <in
	[ "$(jq -c .result.ok <<<"$output")" = true ]
}

@test "assignment rules do not fire" {
	standin_start --assignment-rule Lead:005xx0000000009AAA
	create Lead '{"LastName":"L","Company":"C"}' >in
	tool sf-push <in >out
	[ "$(dump Lead .OwnerId)" != '"005xx0000000009AAA"' ]
}

@test "a line written into a pipe that stays open is answered at once" {
	standin_start --load org.ndjson
	mkfifo pipe
	"$BUILD/sf-push" <pipe >out 3>&- &
	pid=$!
	exec 9>pipe
	update 003xx0000000001AAA '{"Title":"A"}' >&9
	for _ in $(seq 60); do
		grep -q '"result"' out && break
		sleep 0.05
	done
	grep -q '"result"' out
	kill -TERM "$pid"
	exec 9>&-
	wait "$pid" || status=$?
	[ "${status:-0}" -eq 75 ]
}

@test "the day's limit: what was not done comes out without a result, no checkpoint, 75" {
	standin_start --limit 1000 --used 1000 --load org.ndjson
	update 003xx0000000001AAA '{"Title":"A"}' >in
	echo '{"kind":"checkpoint","consumer":"sync","of":"changes","seq":7}' >>in
	run -75 --separate-stderr tool sf-push --api-reserve 0 <in
	[ "$output" = "$(head -1 in)" ]
	[[ "$stderr" == *"1 ops were left undone"* ]]
}

@test "a --token-command that reads its standard input takes no ops away" {
	standin_start --load org.ndjson
	update 003xx0000000001AAA '{"Title":"A"}' >in
	run -0 tool sf-push --token-command 'cat >eaten; echo "$SF_ACCESS_TOKEN"' <in
	[ "$(jq .result.ok <<<"$output")" = true ]
	[ ! -s eaten ]
}

@test "no token 78, a refused one 77, a full disk 74 that says what could not be reported" {
	standin_start --load org.ndjson
	update 003xx0000000001AAA '{"Title":"A"}' >in
	SF_ACCESS_TOKEN='' run -78 tool sf-push <in
	SF_ACCESS_TOKEN='00Dxx0000000001!no' run -77 tool sf-push <in
	run -74 --separate-stderr bash -c '"$BUILD/sf-push" <in >/dev/full'
	[[ "$stderr" == *"update Contact 003xx0000000001AAA: could not be reported"* ]]
	run -74 --separate-stderr unread tool sf-push <in
	[[ "$stderr" == *"update Contact 003xx0000000001AAA: could not be reported"* ]]
}

@test "misuse is 64, --help is 0, nothing to do is 0 and no call" {
	standin_start
	run -64 tool sf-push --nonsense
	run -64 tool sf-push in
	run -0 tool sf-push --help
	[[ "$output" == *--dry-run*--max-delete* ]]
	run -0 tool sf-push </dev/null
	[ "$(calls)" -eq 0 ]
}
