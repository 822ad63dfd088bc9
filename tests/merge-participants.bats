#!/usr/bin/env bats
# shellcheck disable=SC2154 # stderr and stderr_lines are set by bats

bats_require_minimum_version 1.5.0
load helper

# The participants of a call, which may be written over several lines, one a line.
participants() {
	tool merge-participants "${@:2}" <<<"${1//$'\n'/}" >"$BATS_TEST_TMPDIR/merged"
	jq -c '.participants[]' "$BATS_TEST_TMPDIR/merged"
}

invite='{"kind":"call","id":"c1","n":0.10,
"invitees":[{"email":"<Ann@Acme.com>","name":"Ann Roe","response":"accepted"},{"email":"bo@us.example","type":"Room"}],
"attendees":[{"name":"ANN ROE (Guest)","phone":"(415) 555-0001","joined":"2026-05-04T08:00:00.9-07:00"},
{"email":"bo@us.example","left":"2026-05-04T15:30:00.000+0000"}]}'

@test "attendees join invitees, the uninvited follow, rooms are left out" {
	run -0 participants "$invite" --region US --internal-domain us.example
	[ "${lines[0]}" = '{"email":"ann@acme.com","name":"Ann Roe","phone":"+14155550001","invited":true,"attended":true,"response":"accepted","joined":"2026-05-04T15:00:00Z","internal":false}' ]
	[ "${lines[1]}" = '{"email":"bo@us.example","invited":false,"attended":true,"left":"2026-05-04T15:30:00Z","internal":true}' ]
	[ "${#lines[@]}" -eq 2 ]
}

@test "members are read however they are spelled" {
	run -0 participants '{"kind":"call","attendees":[{"em\u0061il":"\u0061@x.com","name":"J\u00e9 (PSTN)","\u0070hone":"\u002b14155550001",
"joined":"2026-05-04T15:10:00\u005a","note":{"email":"b@x.com"}}]}'
	[ "$output" = '{"email":"a@x.com","name":"Jé (PSTN)","phone":"+14155550001","invited":false,"attended":true,"joined":"2026-05-04T15:10:00Z","internal":false}' ]
}

@test "rows of one email are one: first name, earliest joined, latest left" {
	run -0 participants '{"kind":"call","attendees":[
{"email":"a@x.com","joined":"2026-05-04T15:10:00Z","left":"2026-05-04T15:20:00Z"},
{"email":"MAILTO:A@X.com","name":" Ann ","joined":"2026-05-04T15:00:00Z"},
{"email":"a@x.com","name":"Bo","phone":"+14155550001","left":"2026-05-04T15:30:00Z"}]}'
	[ "$output" = '{"email":"a@x.com","name":"Ann","phone":"+14155550001","invited":false,"attended":true,"joined":"2026-05-04T15:00:00Z","left":"2026-05-04T15:30:00Z","internal":false}' ]
}

@test "rows of one phone are one, unless emails or names differ" {
	run -0 participants '{"kind":"call","attendees":[{"phone":"+14155550001","name":"Ann"},
{"phone":"+1 415 555 0001","email":"a@x.com"},{"phone":"+14155550001","email":"b@x.com"},
{"phone":"+14155550001","name":"Bo"},{"phone":"+14155550001","name":"+1 415 ***"}]}'
	[ "$(jq -r '.email // .name' <<<"$output" | paste -sd' ')" = "a@x.com b@x.com" ]
	run -0 participants '{"kind":"call","attendees":[{"phone":"+14155550001","name":"Ann"},
{"phone":"+14155550001","name":"Bo"},{"phone":"+14155550001","name":"ANN"}]}'
	[ "$(jq -r .name <<<"$output" | paste -sd' ')" = "Ann Bo" ]
}

@test "rows with nothing but a name are one by it; rows with nothing stay apart" {
	run -0 participants '{"kind":"call","attendees":[{"name":"Ann"},{"name":"ann (Guest)"},
{"name":"Ann","phone":"+14155550001"},{"name":"+1 415 ***"},{"name":"+1 415 ***"},{},{"email":"no"}]}'
	[ "$(jq -r '.name // "-"' <<<"$output" | paste -sd,)" = 'Ann,Ann,+1 415 ***,+1 415 ***,-,-' ]
}

@test "a name joins one invitee whom nobody joined, if it has two words and is the only one" {
	run -0 participants '{"kind":"call","invitees":[{"email":"a@x.com","name":"Ann Roe"},
{"email":"b@x.com","name":"Bo Roe"},{"email":"c@x.com","name":"Bo Roe"},{"email":"d@x.com","name":"Di"}],
"attendees":[{"email":"ann@home.example","name":"Änn  ROE"},{"name":"Bo Roe"},{"name":"Di"},
{"email":"b@x.com"},{"name":"Ann Roe","phone":"+14155550001"}]}'
	run -0 jq -c '[.email, .name, .other_emails, .invited, .attended]' <<<"$output"
	[ "${lines[0]}" = '["a@x.com","Ann Roe",["ann@home.example"],true,true]' ]
	[ "${lines[1]}" = '["b@x.com","Bo Roe",null,true,true]' ]
	[ "${lines[2]}" = '["c@x.com","Bo Roe",null,true,true]' ]
	[ "${lines[3]}" = '["d@x.com","Di",null,true,false]' ]
	[ "${lines[4]}" = '[null,"Di",null,false,true]' ]
	[ "${lines[5]}" = '[null,"Ann Roe",null,false,true]' ]
}

@test "an invitee takes a laptop and a dial-in, and the times join" {
	run -0 participants '{"kind":"call","invitees":[{"email":"a@x.com","phone":"+14155550001"}],
"attendees":[{"phone":"+14155550001","name":"+14155550001","joined":"2026-05-04T15:00:00Z"},
{"email":"a@x.com","name":"Ann","left":"2026-05-04T15:30:00Z"}]}'
	[ "$output" = '{"email":"a@x.com","name":"+14155550001","phone":"+14155550001","invited":true,"attended":true,"joined":"2026-05-04T15:00:00Z","left":"2026-05-04T15:30:00Z","internal":false}' ]
}

@test "emails are written in normal form, what is none is left out" {
	run -0 participants '{"kind":"call","invitees":[{"email":" <MAILTO:Ann+x@Acme.COM> "},{"email":"mailto:<b@x.com>"},
{"email":"c@MÜNCHEN.de"},{"email":"c@xn--mnchen-3ya.de."},{"email":"d@my_host.com"},{"email":"a@b@c"},{"email":"@x.com"},
{"email":"e@"},{"email":"f f@x.com"},{"email":"Gus <g@x.com>"},{"email":"h@a＠b.com"},{"email":"mailto:"}]}'
	[ "$(jq -r '.email // "-"' <<<"$output" | paste -sd' ')" = \
		"ann+x@acme.com b@x.com c@xn--mnchen-3ya.de d@my_host.com - - - - - - -" ]
}

@test "phones are written as E.164, what is masked, withheld or too short is left out" {
	phones() { participants "$1" "${@:2}" | jq -r '.phone // "-"' | paste -sd' '; }
	call='{"kind":"call","invitees":[{"phone":"+1 (415) 555-0001 ext. 12"},{"phone":"(415) 555-0002"},{"phone":"tel:+44-20-7946-0018"},
{"phone":"+1 415 ***"},{"phone":"+49 30 1234xx"},{"phone":"+49 30 12••"},{"phone":"7378742833"},{"phone":"+266696687"},
{"phone":"anonymous"},{"phone":"555-0003"},{"phone":true}]}'
	[ "$(phones "${call/,\{\"phone\":true\}/}")" = "+14155550001 - +442079460018 - - - - - - -" ]
	[ "$(phones "${call/,\{\"phone\":true\}/}" --region US)" = \
		"+14155550001 +14155550002 +442079460018 - - - - - - -" ]
	run -65 --separate-stderr tool merge-participants <<<"${call//$'\n'/}"
	[ "$stderr" = "merge-participants: stdin:1: invitees[10].phone is no string" ]
}

@test "internal is any address in exactly one of the domains" {
	call='{"kind":"call","invitees":[{"email":"a@x.com","name":"Ann Roe"},{"email":"b@sub.x.com"}],"attendees":[{"email":"a@us.example","name":"Ann Roe"}]}'
	[ "$(participants "$call" --internal-domain us.example | jq -c .internal | paste -sd,)" = true,false ]
	[ "$(participants "$call" --internal-domain y.com --internal-domain X.com | jq -c .internal | paste -sd,)" = true,false ]
	[ "$(participants "$call" --internal-domain none | jq -c .internal | paste -sd,)" = false,false ]
	echo '{"internal_domains":["sub.x.com"],"region":"US"}' >"$BATS_TEST_TMPDIR/rules.json"
	[ "$(participants "$call" --rules "$BATS_TEST_TMPDIR/rules.json" | jq -c .internal | paste -sd,)" = false,true ]
}

@test "random calls give what design 4 gives" {
	run -0 python3 "$BATS_TEST_DIRNAME/merge-participants-property.py" \
		"${BUILD:-$BATS_TEST_DIRNAME/../build}/merge-participants"
}

@test "the shared cases pass" {
	cases=$BATS_TEST_DIRNAME/../../shared/cases/participants
	[ -x "$cases/run" ] || skip "no shared cases here"
	run -0 "$cases/run" "${BUILD:-$BATS_TEST_DIRNAME/../build}"
}

@test "other lines pass byte for byte, and of a call only participants change" {
	printf '%s\n' '{"kind":"email","id":"m","n":1e2 , "invitees":5}' '{"Id":"003","x":12345678901234567890}' \
		'{ "kind":"call","x":0.10,"participants":[1],"y":"\u00e9" }' \
		'{"kind":"call","participants":[1],"attendees":null}' >"$BATS_TEST_TMPDIR/in"
	tool merge-participants <"$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/out"
	cmp "$BATS_TEST_TMPDIR/in" "$BATS_TEST_TMPDIR/out"
	[ "$(tool merge-participants <<<'{ "kind":"call","participants":[1], "invitees":[],"y":1e2 }')" = \
		'{ "kind":"call","participants":[], "invitees":[],"y":1e2 }' ]
	[ "$(tool merge-participants <<<'{"kind":"call"}')" = '{"kind":"call","participants":[]}' ]
}

@test "a bad line is named and skipped, the rest is done, status 65" {
	run -65 --separate-stderr tool merge-participants --rejects "$BATS_TEST_TMPDIR/rejects" <<-'JSON'
	{"kind":"call","id":"c1"}
	not json
	{"kind":"call","id":"c2","attendees":{}}
	{"kind":"call","id":"c3","invitees":[{},"x"]}
	{"kind":"call","id":"c4","attendees":[{"joined":"tomorrow"}]}
	{"kind":"call","id":"c5","invitees":[{"email":["a@x.com"]}]}
	{"kind":"call","id":"c6","attendees":[{"left":1777000000}]}
	{"kind":"call","id":"c7","attendees":[{"joined":"","left":null,"phone":14155550001}]}
	JSON
	[ "${#lines[@]}" -eq 2 ]
	[ "$(wc -l <"$BATS_TEST_TMPDIR/rejects")" -eq 6 ]
	[[ "${stderr_lines[0]}" == "merge-participants: stdin:2: "* ]]
	[ "${stderr_lines[1]}" = "merge-participants: stdin:3: attendees is no array" ]
	[ "${stderr_lines[2]}" = "merge-participants: stdin:4: invitees[1] is no object" ]
	[ "${stderr_lines[3]}" = 'merge-participants: stdin:5: attendees[0].joined is no RFC 3339 time: "tomorrow"' ]
	[ "${stderr_lines[4]}" = "merge-participants: stdin:6: invitees[0].email is no string" ]
	[ "${stderr_lines[5]}" = "merge-participants: stdin:7: attendees[0].left is no string" ]
}

@test "a list of more than 50,000 entries is refused, one of 50,000 is done" {
	list() { printf '{"kind":"call","attendees":['; yes '{},' | head -n "$1"; echo '{}]}'; }
	run -65 tool merge-participants < <(list 50000 | tr -d '\n')
	[[ "$output" == *"attendees has more than 50000 entries" ]]
	list 49999 | tr -d '\n' >"$BATS_TEST_TMPDIR/list"
	tool merge-participants <"$BATS_TEST_TMPDIR/list" | jq -e '.participants | length == 50000'
}

@test "the order and the bytes are the same with any number of jobs" {
	line=${invite//$'\n'/}
	for i in {1..3000}; do echo "${line/c1/c$i}"; ((i % 700)) || echo '{"kind":"call","attendees":0}'; done >"$BATS_TEST_TMPDIR/in"
	run -65 --separate-stderr tool merge-participants <"$BATS_TEST_TMPDIR/in"
	one=$output said=$stderr
	run -65 --separate-stderr tool merge-participants --jobs 3 <"$BATS_TEST_TMPDIR/in"
	[ "$output" = "$one" ]
	[ "$stderr" = "$said" ]
}

@test "numbers that need no libphonenumber are as it would have them" {
	run -0 python3 "$BATS_TEST_DIRNAME/phone-property.py" "$BUILD/merge-participants"
}

@test "misuse is 64, --help is not, a full disk is 74, a bad rules file 78" {
	run -64 tool merge-participants --no-such-option </dev/null
	run -64 tool merge-participants file </dev/null
	run -64 tool merge-participants --region QQ </dev/null
	[[ "$output" == *QQ* ]]
	run -64 tool merge-participants --jobs 0 </dev/null
	run -64 tool merge-participants --internal-domain a@b </dev/null
	run -0 tool merge-participants --help
	[[ "$output" == *--internal-domain* ]]
	run -0 tool merge-participants --version
	echo '{"region":"QQ"}' >"$BATS_TEST_TMPDIR/rules.json"
	run -78 tool merge-participants --rules "$BATS_TEST_TMPDIR/rules.json" </dev/null
	[ -w /dev/full ] || skip "no /dev/full"
	full() { tool merge-participants <<<'{"kind":"call"}' >/dev/full; }
	run -74 full
}
