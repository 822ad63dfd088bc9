#!/usr/bin/env bats
# The two-way sync in the store: local records, links, bases, and the ops that come back with results.
# shellcheck disable=SC2154,SC2030,SC2031 # bats sets stderr, and runs each test in a shell of its own
load helper

LEAD=00Q000000000001EAA OTHER=00Q000000000002EAA NOW=2026-11-20T18:00:00Z

setup() {
	export SFPIPE_STORE=$BATS_TEST_TMPDIR/store.db
	cd "$BATS_TEST_TMPDIR" || return 1
}

sql() {
	sqlite3 -bail "$SFPIPE_STORE" "$@"
}

# apply LINE...: these lines into the store; the changes on stdout.
apply() {
	printf '%s\n' "$@" | tool store-apply --changes --now "$NOW"
}

# quiet LINE...: they change nothing.
quiet() {
	sql .dump >before
	[ -z "$(apply "$@")" ]
	sql .dump | diff before -
}

# local_line FIELDS [MEMBERS]
local_line() {
	printf '{"kind":"local","object":"Lead","id":"42","modified":"2026-11-20T15:00:00Z","fields":%s%s}\n' "$1" "${2:+,$2}"
}

lead() {
	printf '{"attributes":{"type":"Lead"},"Id":"%s",%s}\n' "${2:-$LEAD}" "$1"
}

# op TO KIND FIELDS [MEMBERS]: of the pair of LEAD and 42.
op() {
	printf '{"kind":"op","to":"%s","op":"%s","object":"Lead","id":"%s","local_object":"Lead","local_id":"42","fields":%s%s}\n' \
		"$1" "$2" "$LEAD" "$3" "${4:+,$4}"
}

OK='"result":{"ok":true}' BASE='"base":{"Phone":{"salesforce":"1","local":"1"}}'
LINK='{"kind":"link","object":"Lead","salesforce_id":"'$LEAD'","local_object":"Lead","local_id":"42"}'

# checkpoint of the consumer sync
settled() {
	printf '{"kind":"checkpoint","consumer":"sync","of":"changes","seq":%s,"owed":%s}\n' \
		"$(sql 'SELECT ifnull(max(seq), 0) FROM change')" "$(sql 'SELECT ifnull(max(n), 0) FROM owed')"
}

@test "a local record is kept whole, merged, and pending for the sync alone; unchanged it writes nothing" {
	run -0 apply "$(local_line '{"email":"a@x.com","n":1}')"
	[ "$(jq -c '[.side,.object,.id,.fields,.before,.after.n]' <<<"$output")" = '["local","Lead","42",["email","n"],null,1]' ]
	quiet "$(local_line '{"email":"a@x.com"}')"
	run -0 apply "$(local_line '{"email":null,"new":true}')"
	[ "$(jq -c '[.fields,.before,.after]' <<<"$output")" = '[["email","new"],{"email":"a@x.com"},{"email":null,"new":true}]' ]
	[ "$(sql 'SELECT fields FROM local_record')" = '{"email":null,"n":1,"new":true}' ]
	[ "$(tool store-query changes --consumer sync | jq -r '.side // .kind' | uniq -c | tr -s ' ')" = " 2 local
 1 checkpoint" ]
	[ "$(tool store-query changes --consumer calls | jq -r .kind)" = checkpoint ]
	[ "$(tool store-query changes --consumer sync --all | jq -c '[.side,.after]' | head -1)" = '["local",{"email":null,"n":1,"new":true}]' ]
}

@test "an older local line is ignored; a touched record is no change; deleted and back" {
	apply "$(local_line '{"email":"a@x.com"}')" >/dev/null
	quiet '{"kind":"local","object":"Lead","id":"42","modified":"2026-11-20T14:59:59Z","fields":{"email":"old@x.com"}}'
	run -0 apply '{"kind":"local","object":"Lead","id":"42","modified":"2026-11-20T16:00:00+00:00","fields":{"email":"a@x.com"}}'
	[ -z "$output" ]
	[ "$(sql 'SELECT modified, changed FROM local_record')" = '2026-11-20T16:00:00Z|2026-11-20T15:00:00Z' ]
	quiet "$(local_line '{"email":"old@x.com"}')"
	run -0 apply '{"kind":"local","object":"Lead","id":"42","deleted":true}'
	[ "$(jq -c .after <<<"$output")" = null ]
	[ -z "$(sql 'SELECT * FROM local_email')" ]
	run -0 apply '{"kind":"local","object":"Lead","id":"42","fields":{}}'
	[ "$(jq -c '[.before,.after]' <<<"$output")" = '[null,{}]' ]
	[ "$(sql 'SELECT email, field, id FROM local_email')" = 'a@x.com|email|42' ]
}

@test "bad lines of the sync are rejected, each for what it lacks" {
	run -65 --separate-stderr tool store-apply <<-JSON
	{"kind":"local","object":"Lead","fields":{}}
	{"kind":"local","object":"Lead","id":42,"fields":{}}
	{"kind":"local","object":"Lead","id":"42"}
	{"kind":"local","object":"Lead","id":"42","fields":[]}
	{"kind":"local","object":"Lead","id":"42","fields":{},"deleted":1}
	{"kind":"local","object":"Lead","id":"42","fields":{},"modified":"noon"}
	{"kind":"local","object":"Lead","id":"42","fields":{},"salesforce_id":"12"}
	{"kind":"link","object":"Lead","salesforce_id":"12","local_object":"Lead","local_id":"42"}
	{"kind":"link","object":"Contact","salesforce_id":"$LEAD","local_object":"Lead","local_id":"42"}
	{"kind":"link","object":"Lead","salesforce_id":"$LEAD","local_id":"42"}
	{"kind":"link","object":"Lead","salesforce_id":"$LEAD","local_object":"Lead","local_id":"42","unlink":true}
	{"kind":"conflict","object":"Lead","id":"$LEAD"}
	{"kind":"map"}
	{"kind":"op","to":"local","op":"update","object":"Lead","fields":{}}
	{"kind":"op","to":"local","op":"create","object":"Lead","id":"$LEAD","local_object":"Lead","fields":{},"result":{"ok":true}}
	JSON
	[ "$(grep -c '^store-apply: stdin:' <<<"$stderr")" -eq 15 ]
	[[ "$stderr" == *'stdin:9: link: 00Q000000000001EAA is the Id of a Lead'* ]]
	[[ "$stderr" == *'stdin:11: link: there is no such link'* ]]
	[ "$(sql 'SELECT count(*) FROM local_record')" -eq 0 ]
}

@test "what Salesforce took makes the link, the bases and our copy; pulled back it is no change of ours" {
	apply "$(lead '"Phone":"0","LastModifiedDate":"2026-11-20T10:00:00Z","SystemModstamp":"2026-11-20T10:00:00Z"')" "$(local_line '{"phone":"1"}')" >/dev/null
	line=$(op salesforce update '{"Phone":"1"}' "$BASE,$OK")
	run -0 apply "$line"
	[ "$(jq -c '[.side,.fields]' <<<"$output")" = '["salesforce",["Phone"]]' ]
	quiet "$line"
	[ "$(sql 'SELECT salesforce_id, local_id, "by", own, modified FROM link')" = "$LEAD|42|op||2026-11-20T10:00:00Z" ]
	[ "$(sql 'SELECT field, salesforce, local FROM base')" = 'Phone|"1"|"1"' ]
	[ "$(sql "SELECT record ->> 'Phone', system_modstamp FROM lead")" = '1|2026-11-20T10:00:00Z' ]
	apply "$(lead '"Phone":"1","LastModifiedDate":"2026-11-20T11:00:00Z","SystemModstamp":"2026-11-20T11:00:00Z"')" >/dev/null
	[ "$(sql 'SELECT own, modified FROM link')" = "2026-11-20T11:00:00Z|2026-11-20T10:00:00Z" ]
	apply "$(lead '"Phone":"2","LastModifiedDate":"2026-11-20T12:00:00Z","SystemModstamp":"2026-11-20T12:00:00Z"')" >/dev/null
	[ "$(sql 'SELECT own IS NULL FROM link')" = 1 ]
}

@test "a create makes a link to what it made; one that found its record writes nothing and is decided anew" {
	apply "$(local_line '{"phone":"1"}')" "$(op salesforce create '{"Phone":"1"}' "$BASE,"'"result":{"ok":true,"id":"'$LEAD'","created":true}')" >/dev/null
	[ "$(sql "SELECT record FROM lead")" = '{"attributes":{"type":"Lead"},"Id":"'$LEAD'","Phone":"1"}' ]
	[ "$(sql 'SELECT count(*) FROM link, base')" -eq 1 ]
	apply '{"kind":"op","to":"salesforce","op":"create","object":"Lead","local_object":"Lead","local_id":"43","fields":{"Phone":"3"},"base":{"Phone":{"salesforce":"3","local":"3"}},"result":{"ok":true,"id":"'$OTHER'","created":false}}' >/dev/null
	[ "$(sql 'SELECT count(*) FROM link')" -eq 2 ]
	[ "$(sql 'SELECT count(*) FROM base')" -eq 1 ]
	[ "$(sql 'SELECT count(*) FROM lead')" -eq 1 ]
	[ "$(sql 'SELECT consumer, side, id FROM owed')" = "sync|salesforce|$OTHER" ]
	# a third that finds the same is not linked, and said
	run -0 --separate-stderr apply '{"kind":"op","to":"salesforce","op":"create","object":"Lead","local_object":"Lead","local_id":"44","fields":{},"result":{"ok":true,"id":"'$OTHER'","created":false}}'
	[[ "$stderr" == *"Lead $OTHER and local Lead 44 are not linked: Lead $OTHER is linked to Lead 43"* ]]
	[ "$(sql 'SELECT count(*) FROM link')" -eq 2 ]
}

@test "a failed op keeps its base; what is undone, to be tried again or in conflict stays owed to the sync" {
	apply "$LINK" "$(op salesforce none '{}' "$BASE,$OK")" >/dev/null
	apply "$(settled)" >/dev/null
	apply "$(op salesforce update '{"Phone":"2"}' '"base":{"Phone":{"salesforce":"2","local":"2"}},"result":{"ok":false,"errors":[],"retry":false}')" "$(settled)" >/dev/null
	[ "$(sql 'SELECT salesforce FROM base')" = '"1"' ]
	[ "$(sql 'SELECT count(*) FROM owed')" -eq 0 ]
	[ "$(tool store-query ops --failed | wc -l)" -eq 1 ]
	for left in '' '"result":{"ok":false,"errors":[],"retry":true}'; do
		apply "$(op salesforce update '{"Phone":"2"}' "$left")" "$(settled)" >/dev/null
		[ "$(sql 'SELECT consumer, side, id FROM owed')" = "sync|salesforce|$LEAD" ]
		apply "$(settled)" >/dev/null
		[ "$(sql 'SELECT count(*) FROM owed')" -eq 0 ]
	done
	conflict='{"kind":"conflict","object":"Lead","id":"'$LEAD'","local_id":"42","fields":{"Phone":{"base":"1","salesforce":"2","local":"3"}}}'
	apply "$conflict" "$(settled)" >/dev/null
	[ "$(tool store-query conflicts | jq -c '[.fields.Phone.local,.at]')" = '["3","'$NOW'"]' ]
	quiet "$conflict"
	apply "$conflict" "$(settled)" >/dev/null
	[ "$(sql 'SELECT count(*) FROM conflict')" -eq 1 ]
	apply "$(settled)" >/dev/null
	[ -z "$(tool store-query conflicts)" ]
}

@test "a local op waits for its importer, one for each record; its result settles it" {
	apply "$(lead '"Phone":"1"')" "$(local_line '{"phone":null}')" "$LINK" >/dev/null
	one=$(op local update '{"phone":"0"}' '"was":{"phone":null}')
	two=$(op local update '{"phone":"1"}' '"was":{"phone":null},'"$BASE")
	apply "$one" "$two" >/dev/null
	quiet "$two"
	tool store-query ops --consumer app >out
	[ "$(jq -c '[.kind,.fields.phone,.seq]' out)" = '["op","1",2]
["checkpoint",null,2]' ]
	quiet "$(sed 1q out)" # no result: it goes on waiting
	jq -c 'if .kind == "op" then .result = {"ok":true,"modified":"2026-11-20T17:00:00Z"} else . end' out >results
	tool store-apply <results
	quiet "$(sed 1q results)"
	[ "$(tool store-query ops --consumer app | wc -l)" -eq 1 ]
	[ "$(sql 'SELECT field, local FROM base')" = 'Phone|"1"' ]
	[ "$(sql 'SELECT fields, modified, changed FROM local_record')" = '{"phone":"1"}|2026-11-20T17:00:00Z|2026-11-20T15:00:00Z' ]
	# exported again it is no change; an export from before it is none either
	[ -z "$(apply '{"kind":"local","object":"Lead","id":"42","modified":"2026-11-20T17:00:00Z","fields":{"phone":"1"}}')" ]
	quiet "$(local_line '{"phone":null}')"
}

@test "two that an op was to bring together: when one changes the other is decided anew as well, unless they are linked" {
	failed='"result":{"ok":false,"errors":[],"retry":false}'
	owed() {
		sql "SELECT consumer, side, object, id FROM owed ORDER BY side"
	}
	both="$(lead '"Phone":"1"') $(local_line '{"phone":"2"}')"
	apply "${both% *}" "${both##* }" >/dev/null
	for wait in failed waits; do
		op=$(op local update '{"phone":"1"}')
		[ $wait = waits ] || op=$(op salesforce update '{"Phone":"2"}' "$failed")
		apply "$op" "$(settled)" >/dev/null
		[ -z "$(owed)" ]
		apply "$(local_line "{\"email\":\"$wait@x.com\"}")" >/dev/null
		[ "$(owed)" = "sync|salesforce|Lead|$LEAD" ]
		apply "$op" "$(settled)" >/dev/null
		[ -z "$(owed)" ]
		apply "$(lead "\"Email\":\"$wait@x.com\"")" >/dev/null
		[ "$(owed)" = "sync|local|Lead|42" ]
		apply "$(settled)" >/dev/null
	done
	# of a pair that stays itself nobody need hear
	apply "$(op salesforce update '{"Phone":"3"}' "$failed")" "$(settled)" >/dev/null
	apply "$(op salesforce update '{"Phone":"4"}' "$failed")" >/dev/null
	[ -z "$(owed)" ]
	apply "$(settled)" "$LINK" >/dev/null
	apply "$(op salesforce update '{"Phone":"5"}' "$failed")" "$(settled)" >/dev/null
	apply "$(local_line '{"email":"linked@x.com"}')" "$(lead '"Email":"linked@x.com"')" >/dev/null
	[ -z "$(owed)" ]
	[ "$(tool store-query changes --consumer sync | jq -r 'select(.kind == "change") | .side')" = $'local\nsalesforce' ]
}

@test "a local create carries its salesforce_id, and its result makes record and link" {
	line='{"kind":"op","to":"local","op":"create","object":"Lead","id":"'$LEAD'","local_object":"Lead","fields":{"phone":"1"},'$BASE'}'
	apply "$line" >/dev/null
	run -0 tool store-query ops --consumer app
	[ "$(jq -r .salesforce_id <<<"${lines[0]}")" = "$LEAD" ]
	apply "$(jq -c '.result = {"ok":true,"local_id":"77"}' <<<"${lines[0]}")" >/dev/null
	[ "$(sql 'SELECT id, salesforce_id, fields FROM local_record')" = "77|$LEAD|"'{"phone":"1"}' ]
	[ "$(sql 'SELECT local_id, (SELECT count(*) FROM base WHERE link = n) FROM link')" = '77|1' ]
	# a result that could not be: kept as failed
	apply "${line/$LEAD/$OTHER}" >/dev/null
	apply "$(tool store-query ops --consumer app | sed 1q | jq -c '.result = {"ok":false,"errors":[{"message":"full"}]}')" >/dev/null
	[ "$(tool store-query ops --failed | jq -r '.id')" = "$OTHER" ]
	[ "$(tool store-query ops --consumer app | wc -l)" -eq 1 ]
}

@test "a local op is never handed out unless the pair's op for Salesforce succeeded" {
	mine=$(op local update '{"phone":"1"}')
	for result in '' '"result":{"ok":false,"errors":[],"retry":true}' '"result":{"ok":false,"errors":[],"retry":false}'; do
		apply "$mine" >/dev/null
		apply "$(op salesforce update '{"Fax":"1"}' "$result")" "$mine" >/dev/null
		[ "$(tool store-query ops --consumer app | wc -l)" -eq 1 ]
	done
	apply "$(op salesforce update '{"Fax":"1"}' "$OK")" "$mine" >/dev/null
	[ "$(tool store-query ops --consumer app | wc -l)" -eq 2 ]
	# over the limit it is owed, not handed out
	apply "$(op local update '{"phone":"2"}' '"result":{"ok":false,"retry":true,"errors":[]}')" "$(settled)" >/dev/null
	[ "$(tool store-query ops --consumer app | wc -l)" -eq 1 ]
	[ "$(sql 'SELECT id FROM owed')" = "$LEAD" ]
}

@test "a change of either record withdraws the op that waits; an old result is settled as what it is" {
	apply "$(lead '"Phone":"1"')" "$(local_line '{"phone":"0"}')" "$LINK" >/dev/null
	mine=$(op local update '{"phone":"1"}' "$BASE")
	for change in "$(lead '"Phone":"9"')" '{"kind":"local","object":"Lead","id":"42","fields":{"fax":"9"}}'; do
		apply "$mine" >/dev/null
		handed=$(tool store-query ops --consumer app | sed 1q)
		apply "$change" >/dev/null
		[ "$(tool store-query ops --consumer app | wc -l)" -eq 1 ]
	done
	quiet "$(jq -c '.result = {"ok":false,"errors":[]}' <<<"$handed")"
	apply "$(op local update '{"phone":"2"}')" >/dev/null
	done=$(jq -c '.result = {"ok":true}' <<<"$handed")
	apply "$done" >/dev/null
	[ "$(sql "SELECT fields ->> 'phone' FROM local_record")" = 1 ]
	[ "$(tool store-query ops --consumer app | wc -l)" -eq 1 ] # what was decided without it is decided anew
	[ "$(sql "SELECT why FROM owed WHERE id = '$LEAD'")" = 'written while it was decided anew' ]
	quiet "$done"
}

@test "links by hand: made over others, ended, kept; moved with bases, revived with them" {
	apply "$LINK" >/dev/null
	quiet "$LINK"
	apply "$(op salesforce none '{}' '"base":{"Phone":{"salesforce":"1","local":"1"},"Fax":{"salesforce":null,"local":null}},'"$OK")" >/dev/null
	apply "${LINK/\"42\"/\"43\"}" >/dev/null
	[ "$(sql 'SELECT local_id, ended IS NULL, why FROM link ORDER BY n')" = '42|0|another link was made by hand
43|1|' ]
	[ "$(sql 'SELECT why FROM owed')" = 'linked by hand' ]
	apply "${LINK/\"42\"/\"43\",\"unlink\":true}" >/dev/null
	[ "$(sql 'SELECT why FROM link WHERE local_id = 43')" = 'by hand' ]
	apply "${LINK%\}},\"why\":\"undeleted\"}" >/dev/null
	[ "$(tool store-query links | jq -c '[.local_id, .ended]')" = '["42",null]
["43","'$NOW'"]' ]
	[ "$(sql 'SELECT count(*) FROM base JOIN link ON link = n WHERE ended IS NULL')" -eq 2 ]
	moved='{"kind":"link","object":"Contact","salesforce_id":"003000000000001AAA","local_object":"Lead","local_id":"42","from":"'$LEAD'","from_object":"Lead","fields":["Phone"],"why":"converted"}'
	apply "$moved" >/dev/null
	quiet "$moved"
	[ "$(sql 'SELECT object, local_id, why FROM link ORDER BY n')" = 'Contact|42|
Lead|43|by hand
Lead|42|converted' ]
	[ "$(sql 'SELECT field FROM base')" = Phone ]
}

@test "an op that failed is told until its record changes or its pair is decided anew; then it may fail again" {
	failed() {
		tool store-query ops --failed | jq -r '.to + .local_id' | tr '\n' ' '
	}
	ours=$(op salesforce update '{"Phone":"1"}' "$BASE,"'"result":{"ok":false,"errors":[{"statusCode":"X"}],"retry":false}')
	theirs=$(op local update '{"title":"1"}' "$BASE")
	apply "$(local_line '{"phone":"1"}')" "$(lead '"Phone":"2"')" "$LINK" "$ours" "$theirs" >/dev/null
	[ "$(failed)" = 'salesforce42 ' ] # and the local op, which rested on it, is not handed out
	[ "$(tool store-query ops --consumer app | wc -l)" -eq 1 ]
	for change in "$(local_line '{"phone":"1","other":1}')" "$(lead '"Phone":"3"')" "$LINK"; do
		apply "$change" >/dev/null
		[ "$(failed)" = "$([ "$change" != "$LINK" ] || echo 'salesforce42 ')" ]
		apply "$ours" >/dev/null
		[ "$(failed)" = 'salesforce42 ' ]
		quiet "$ours"
	done
	[ "$(tool store-query status --json | jq .failed)" -eq 1 ]
	apply "$(op salesforce none '{}' "$BASE,$OK")" >/dev/null
	[ "$(failed)" = '' ]
	apply "$theirs" >/dev/null
	apply "$(tool store-query ops --consumer app | sed 1q | jq -c '.result = {"ok":false,"errors":[]}')" >/dev/null
	[ "$(failed)" = 'local42 ' ]
	apply "${theirs/title/rank}" >/dev/null
	[ "$(failed)" = '' ]
	[ "$(tool store-query ops | wc -l)" -eq 4 ]
}

@test "what a person parted no late result of an op links again" {
	apply "$LINK" "$(op local update '{"phone":"1"}' "$BASE")" >/dev/null
	tool store-query ops --consumer app | sed 1q >waits
	apply "${LINK%\}},\"unlink\":true}" >/dev/null
	apply "$(jq -c '.result = {"ok":true}' waits)" "$(op salesforce update '{"Phone":"2"}' "$BASE,$OK")" >/dev/null
	[ "$(sql 'SELECT why FROM link')" = "by hand" ]
	[ "$(sql 'SELECT record FROM lead')" = '{"attributes":{"type":"Lead"},"Id":"'$LEAD'","Phone":"2"}' ]
}

@test "what the map says of creation is kept" {
	map='{"kind":"map","object":"Lead","local_object":"Lead","create_salesforce":true,"as":"Lead","linked":3}'
	apply "$map" >/dev/null
	quiet "$map"
	[ "$(sql "SELECT value FROM meta WHERE name = 'map Lead'")" = '{"create_salesforce":true,"as":"Lead"}' ]
	run -64 tool store-query ops --consumer sync
	run -64 tool store-query ops --consumer nobody
	run -64 tool store-query ops --consumer app --failed
}

@test "a row that was created and deleted again before its result came: the sync hears of it once more" {
	local create='{"kind":"op","to":"local","op":"create","object":"Lead","id":"'$LEAD'","local_object":"Lead","fields":{"email":"a@x.com"}'
	apply "$(lead '"Email":"a@x.com"')" "$create}" >/dev/null
	apply '{"kind":"local","object":"Lead","id":"42","salesforce_id":"'$LEAD'","fields":{"email":"a@x.com"},"deleted":true}' >/dev/null
	apply "$(settled)" >/dev/null
	apply "$create"',"seq":1,"result":{"ok":true,"local_id":"42"}}' >/dev/null
	[ "$(sql 'SELECT local_id, ended IS NULL FROM link')" = '42|1' ]
	[ "$(sql 'SELECT object, id, why FROM owed')" = "Lead|$LEAD|created locally" ]
}

@test "a link and an op that waits are looked for by what they name, not among all there are" {
	echo '{"attributes":{"type":"Lead"},"Id":"00Q000000999999","Company":"C"}' | tool store-apply
	# more than SQLite keeps in memory
	sqlite3 "$SFPIPE_STORE" "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000)
		INSERT INTO link (object, salesforce_id, local_object, local_id, made, \"by\")
		SELECT 'Lead', '00Q' || i, 'Person', printf('%02000d', i), '2026-01-01T00:00:00Z', 'hand' FROM n"
	sqlite3 "$SFPIPE_STORE" "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000)
		INSERT INTO op (at, \"to\", op, object, id, line, local_object)
		SELECT '2026-01-01T00:00:00Z', 'local', 'create', 'Lead', '00Q' || i, printf('%02000d', i), 'Person' FROM n"
	for i in $(seq 10000 10010); do
		echo '{"kind":"link","object":"Lead","salesforce_id":"00Q0000000'"$i"'","local_object":"Person","local_id":"'"$i"'"}'
		echo '{"kind":"op","to":"local","op":"create","object":"Lead","id":"00Q0000001'"$i"'","local_object":"Person","local_id":null,"fields":{"a":"b"},"base":{}}'
	done >lines
	[ "$(bytes_read store-apply <lines)" -lt 10000000 ]
	[ "$(sqlite3 "$SFPIPE_STORE" 'SELECT count(*) FROM link')" -eq 12011 ]
	[ "$(sqlite3 "$SFPIPE_STORE" 'SELECT count(*) FROM op WHERE ok IS NULL')" -eq 12011 ]
}
