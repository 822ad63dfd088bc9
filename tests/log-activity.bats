#!/usr/bin/env bats
# shellcheck disable=SC2154 # stderr and stderr_lines are set by bats

bats_require_minimum_version 1.5.0
load helper

ACME=001000000000001AAA LABS=001000000000002AAA
JANE=003000000000001AAA ANN=003000000000003AAA KIM=00Q000000000001EAA DEAL=006000000000001AAA
TASK=00T000000000001EAA

setup() {
	cd "$BATS_TEST_TMPDIR"
	export SFPIPE_STORE=$BATS_TEST_TMPDIR/store.db
}

apply() {
	tool store-apply "$@"
}

record() {
	printf '{"attributes":{"type":"%s"},"Id":"%s","SystemModstamp":"%s",%s}\n' "$1" "$2" \
		"${STAMP:-2026-01-01T00:00:00Z}" "$3"
}

# entry OBJECT ID BY: one association
entry() {
	printf '{"object":"%s","id":"%s","matches":[{"participant":"x","by":"%s","record":"%s"}]}' "$1" "$2" "$3" "$2"
}

# call ENTRIES [PRIMARY [MORE]]
call() {
	printf '{"kind":"call","id":"c1","start":"2026-11-20T15:00:00Z","end":"2026-11-20T15:30:10Z","subject":"Kick-off","participants":[],"associations":[%s],"primary":%s%s}\n' \
		"$1" "${2:-{\}}" "${3:+,$3}"
}

# both PRIMARY: a call with Jane and the accounts
both() {
	call "$(entry Contact $JANE contact-email),$(entry Account $ACME contact-email)" "$1"
}

log_activity() {
	tool log-activity "$@"
}

# pushed ID: the op on stdin as sf-push hands it on
pushed() {
	jq -c --arg id "$1" '. + {result: {ok: true, id: $id, created: true}}'
}

@test "a call without a Task gives one op that creates it, found by its CallObject" {
	both "{\"account\":\"$ACME\",\"opportunity\":\"$DEAL\"}" >in
	run -0 log_activity <in
	[ "$output" = "{\"kind\":\"op\",\"to\":\"salesforce\",\"op\":\"create\",\"object\":\"Task\",\"local_object\":\"call\",\"local_id\":\"c1\",\"find\":{\"CallObject\":\"c1\"},\"fields\":{\"Subject\":\"Kick-off\",\"ActivityDate\":\"2026-11-20\",\"CallDurationInSeconds\":1810,\"CallObject\":\"c1\",\"WhoId\":\"$JANE\",\"WhatId\":\"$DEAL\",\"Status\":\"Completed\",\"TaskSubtype\":\"Call\"}}" ]
}

@test "the org is in the op once the store is bound to one" {
	echo '{"kind":"org","org":"00D000000000001EAA"}' | apply
	run -0 log_activity <<<"$(both "{\"account\":\"$ACME\"}")"
	[ "$(jq -c '[.org, .fields.WhatId]' <<<"$output")" = "[\"00D000000000001EAA\",\"$ACME\"]" ]
}

@test "WhoId is the surest contact, of the primary account first" {
	{
		record Contact $JANE "\"AccountId\":\"$LABS\""
		record Contact $ANN "\"AccountId\":\"$ACME\""
	} | apply
	who() { log_activity <<<"$(call "$1" "$2")" | jq -r .fields.WhoId; }
	none="{}"
	[ "$(who "$(entry Contact $ANN contact-phone),$(entry Contact $JANE contact-email)" $none)" = $JANE ]
	[ "$(who "$(entry Contact $ANN contact-email),$(entry Contact $JANE contact-email)" $none)" = $ANN ]
	[ "$(who "$(entry Contact $ANN contact-email),$(entry Contact $JANE manual)" $none)" = $JANE ]
	[ "$(who "$(entry Contact $JANE contact-email),$(entry Contact $ANN contact-phone)" "{\"account\":\"$ACME\"}")" = $ANN ]
	[ "$(who "{\"object\":\"Contact\",\"id\":\"$JANE\",\"deleted\":true},$(entry Contact $ANN contact-phone)" $none)" = $ANN ]
}

@test "a lead is WhoId only without a contact and without a WhatId" {
	run -0 log_activity <<<"$(call "$(entry Lead $KIM lead-email)")"
	[ "$(jq -c '.fields | [.WhoId, .WhatId]' <<<"$output")" = "[\"$KIM\",null]" ]
	run -0 log_activity <<<"$(call "$(entry Lead $KIM lead-email),$(entry Account $ACME lead-conversion)" "{\"account\":\"$ACME\"}")"
	[ "$(jq -c '.fields | [.WhoId, .WhatId]' <<<"$output")" = "[null,\"$ACME\"]" ]
	run -0 log_activity <<<"$(call "$(entry Lead $KIM lead-email),$(entry Contact $ANN contact-email)")"
	[ "$(jq -c '.fields | [.WhoId, .WhatId]' <<<"$output")" = "[\"$ANN\",null]" ]
}

@test "a call with nobody, or cancelled, is not logged" {
	{
		call ""
		call '{"object":"VirtualContact","id":"virtual:a@x.com"}'
		call "$(entry Contact $JANE contact-email)" "" '"status":"cancelled"'
	} >in
	run -0 log_activity <in
	[ -z "$output" ]
}

@test "no subject, no end, an end before the start" {
	run -0 log_activity <<<"{\"kind\":\"call\",\"id\":\"c1\",\"start\":\"2026-11-20T23:30:00-02:00\",\"associations\":[$(entry Contact $JANE manual)]}"
	[ "$(jq -c '.fields | [.Subject, .ActivityDate, .CallDurationInSeconds]' <<<"$output")" = '["Call","2026-11-21",null]' ]
	run -0 log_activity <<<"{\"kind\":\"call\",\"id\":\"c1\",\"start\":\"2026-11-20T15:00:00Z\",\"end\":\"2026-11-20T14:00:00Z\",\"subject\":\"\",\"associations\":[$(entry Contact $JANE manual)]}"
	[ "$(jq -c '.fields | [.Subject, .CallDurationInSeconds]' <<<"$output")" = '["Call",null]' ]
}

@test "none where the store holds a Task with that CallObject, whoever made it, deleted ones too" {
	record Task $TASK '"CallObject":"c1","WhoId":null,"WhatId":null' | apply
	run -0 log_activity <<<"$(both "{\"account\":\"$ACME\"}")"
	[ -z "$output" ]
	STAMP=2026-02-01T00:00:00Z record Task $TASK '"IsDeleted":true' | apply
	run -0 log_activity <<<"$(both "{\"account\":\"$ACME\"}")"
	[ -z "$output" ]
	STAMP=2026-03-01T00:00:00Z record Task $TASK '"CallObject":"C1"' | apply
	run -0 log_activity <<<"$(both "{\"account\":\"$ACME\"}")"
	[ "$(jq -r .op <<<"$output")" = create ]
}

@test "once it is made, no second one, before and after it is pulled" {
	both "{\"account\":\"$ACME\"}" >in
	log_activity <in | pushed $TASK | apply
	run -0 log_activity <in
	[ -z "$output" ]
	record Task $TASK "\"CallObject\":\"c1\",\"WhoId\":\"$JANE\",\"WhatId\":\"$ACME\"" | apply
	run -0 log_activity <in
	[ -z "$output" ]
}

@test "its WhoId and WhatId follow the call, with what they were" {
	both "{\"account\":\"$ACME\"}" >in
	log_activity <in | pushed $TASK | apply
	record Task $TASK "\"CallObject\":\"c1\",\"WhoId\":\"$JANE\",\"WhatId\":\"$ACME\"" | apply
	both "{\"account\":\"$ACME\",\"opportunity\":\"$DEAL\"}" >moved
	run -0 log_activity <moved
	[ "$output" = "{\"kind\":\"op\",\"to\":\"salesforce\",\"op\":\"update\",\"object\":\"Task\",\"id\":\"$TASK\",\"local_object\":\"call\",\"local_id\":\"c1\",\"fields\":{\"WhatId\":\"$DEAL\"},\"was\":{\"WhatId\":\"$ACME\"},\"seen\":\"2026-01-01T00:00:00Z\"}" ]
	pushed $TASK <<<"$output" | apply
	STAMP=2026-02-01T00:00:00Z record Task $TASK "\"WhatId\":\"$DEAL\"" | apply # as the next pull brings it
	run -0 log_activity <moved
	[ -z "$output" ]
	call "$(entry Contact $ANN contact-email)" >alone
	run -0 log_activity <alone
	[ "$(jq -c '[.op, .fields]' <<<"$output")" = "[\"update\",{\"WhoId\":\"$ANN\",\"WhatId\":null}]" ]
}

@test "what somebody else has moved stays where it is" {
	both "{\"account\":\"$ACME\"}" >in
	log_activity <in | pushed $TASK | apply
	STAMP=2026-12-01T00:00:00Z record Task $TASK "\"CallObject\":\"c1\",\"WhoId\":\"$JANE\",\"WhatId\":\"$LABS\"" | apply
	run -0 log_activity <in
	[ -z "$output" ]
	run -0 log_activity <<<"$(both "{\"account\":\"$ACME\",\"opportunity\":\"$DEAL\"}")"
	[ -z "$output" ]
}

# made OWNER CREATED MODIFIED: the Task of c1 as we make it for Jane and Acme, pulled; the answer was lost.
made() {
	record Task $TASK "\"CallObject\":\"c1\",\"WhoId\":\"$JANE\",\"WhatId\":\"$ACME\",\"Subject\":\"Kick-off\",\"ActivityDate\":\"2026-11-20\",\"CallDurationInSeconds\":1810,\"Status\":\"Completed\",\"OwnerId\":\"$1\",\"CreatedDate\":\"$2\",\"LastModifiedDate\":\"$3\"" | apply
}

@test "a Task that the store did not hear of is ours, also where its call has moved since" {
	us=005000000000001AAA at=2026-11-20T16:00:00Z
	# another call's, which the store did hear of
	both "{\"account\":\"$ACME\"}" | jq -c '.id = "c0"' | log_activity | pushed 00T000000000009EAA | apply
	record Task 00T000000000009EAA "\"CallObject\":\"c0\",\"OwnerId\":\"$us\"" | apply
	call "$(entry Contact $ANN contact-email)" "{\"opportunity\":\"$DEAL\"}" >moved
	cp store.db before.db
	made $us $at $at
	run -0 log_activity <<<"$(both "{\"account\":\"$ACME\"}")"
	[ "$(jq -c '[.op, .id, .fields]' <<<"$output")" = "[\"none\",\"$TASK\",{\"WhoId\":\"$JANE\",\"WhatId\":\"$ACME\"}]" ]
	run -0 log_activity <moved
	[ "$(jq -c '[.op, .id, .fields, .was]' <<<"${lines[0]}")" = "[\"none\",\"$TASK\",{\"WhoId\":\"$JANE\",\"WhatId\":\"$ACME\"},null]" ]
	[ "$(jq -c '[.op, .id, .fields, .was]' <<<"${lines[1]}")" = "[\"update\",\"$TASK\",{\"WhoId\":\"$ANN\",\"WhatId\":\"$DEAL\"},{\"WhoId\":\"$JANE\",\"WhatId\":\"$ACME\"}]" ]
	[ "${#lines[@]}" -eq 2 ]
	pushed $TASK <<<"$output" | apply
	run -0 log_activity <moved
	[ -z "$output" ] # the next pull brings what was written
	for other in "005000000000002AAA $at $at" "$us $at 2026-11-20T17:00:00Z"; do
		rm store.db* && cp before.db store.db
		# shellcheck disable=SC2086
		made $other
		run -0 log_activity <moved
		[ -z "$output" ]
	done
}

@test "an op that failed made nothing: the next run creates it" {
	both "{\"account\":\"$ACME\"}" >in
	log_activity <in | jq -c '. + {result: {ok: false, errors: [], retry: false}}' | apply
	run -0 log_activity <in
	[ "$(jq -r .op <<<"$output")" = create ]
}

@test "a change of a call stands for the stored call, other changes are dropped" {
	both "{\"account\":\"$ACME\"}" | apply
	cat >in <<-JSON
	{"kind":"change","seq":1,"side":"calls","object":"call","id":"c1","fields":[],"before":null,"after":{}}
	{"kind":"change","seq":2,"side":"calls","object":"call","id":"c2","fields":[],"before":null,"after":{}}
	{"kind":"change","seq":3,"side":"calls","object":"email","id":"c1","fields":[],"before":null,"after":{}}
	{"kind":"change","seq":4,"side":"salesforce","object":"Contact","id":"$JANE","fields":[],"before":null,"after":{}}
	{"kind":"checkpoint","consumer":"activity","of":"changes","seq":4}
	JSON
	run -0 log_activity <in
	[ "${#lines[@]}" -eq 2 ]
	[ "$(jq -c '[.op, .local_id]' <<<"${lines[0]}")" = '["create","c1"]' ]
	[ "${lines[1]}" = "$(tail -n 1 in)" ]
	tool store-query changes --consumer activity | log_activity >out
	[ "$(jq -r .kind out | paste -sd,)" = op,checkpoint ]
}

@test "lines of other kinds pass byte for byte, in order" {
	printf '%s\n' ' {"kind":"checkpoint","seq":0.10} ' '{"attributes":{"type":"Task"},"Id":"00T"}' '{"kind":"email","id":"e"}' '{}' >in
	log_activity <in >out
	cmp in out
}

@test "a call without id or start is named and kept, the rest is done" {
	{
		echo '{"kind":"call","start":"2026-11-20T15:00:00Z"}'
		echo '{"kind":"call","id":"c2"}'
		echo '{"kind":"call","id":"c3","start":"soon"}'
		both "{\"account\":\"$ACME\"}"
	} >in
	run -65 --separate-stderr log_activity --rejects rejects <in
	[ "${#lines[@]}" -eq 1 ]
	head -n 3 in | cmp - rejects
	[ "${stderr_lines[0]}" = "log-activity: stdin:1: no id" ]
	[[ "${stderr_lines[2]}" == "log-activity: stdin:3: start"* ]]
	run -65 --separate-stderr log_activity --strict <in
	[ -z "$output" ]
}

@test "a full disk is 74, misuse 64, a store that is none 78; --help lists every option" {
	full() { log_activity "$@" >/dev/full; }
	run -74 full <<<"$(both "{\"account\":\"$ACME\"}")"
	run -64 log_activity --nope
	run -64 log_activity file
	head -c 8192 /dev/urandom >noise
	run -78 --separate-stderr log_activity --store noise </dev/null
	[ "${#stderr_lines[@]}" -eq 1 ]
	run -0 log_activity --help
	for option in store max-line rejects strict help log verbose version; do
		[[ "$output" == *"--$option"* ]]
	done
	run -0 log_activity --version
}

@test "a call that starts later stays owed until it has taken place; a series is never logged" {
	both '{"account":"'$ACME'"}' | apply
	run -0 --separate-stderr bash -c '"$BUILD"/store-query changes --consumer activity |
		"$BUILD"/log-activity --now 2026-11-20T14:00:00Z | tee first | "$BUILD"/store-apply'
	run -0 jq -c 'select(.kind == "op") | [.op, .result.retry, .result.errors[0].statusCode]' first
	[ "$output" = '["none",true,"NOT_YET"]' ]
	run -0 --separate-stderr bash -c '"$BUILD"/store-query changes --consumer activity |
		"$BUILD"/log-activity --now 2026-11-20T16:00:00Z'
	run -0 jq -c 'select(.kind == "op") | [.op, .find.CallObject]' <<<"$output"
	[ "$output" = '["create","c1"]' ]
	run -0 --separate-stderr tool log-activity < <(both '{"account":"'$ACME'"}' |
		jq -c '.recurs = true')
	[ -z "$output" ]
}

@test "a subject and an id that are too long for Salesforce are cut, the id so that it stays its own" {
	both '{"account":"'$ACME'"}' |
		jq -c '.subject = ("ü" * 300) | .id = ("x" * 300), .id = ("x" * 300 + "y")' >calls
	run -0 --separate-stderr tool log-activity <calls
	run -0 jq -c '.fields | [(.Subject | length), (.CallObject | length)]' <<<"$output"
	[ "${lines[0]}" = '[255,255]' ]
	run -0 --separate-stderr tool log-activity <calls
	run -0 jq -r '.find.CallObject' <<<"$output"
	[ "${#lines[@]}" -eq 2 ]
	[ "${lines[0]}" != "${lines[1]}" ]
}
