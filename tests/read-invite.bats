#!/usr/bin/env bats
# shellcheck disable=SC2154,SC2016 # stderr is set by bats; a shell of its own expands what is quoted

bats_require_minimum_version 1.5.0
load helper

invites=$BATS_TEST_DIRNAME/fixtures/invite

# A calendar whose lines are the arguments, with the METHOD in front.
calendar() {
	printf 'BEGIN:VCALENDAR\r\nMETHOD:%s\r\n' "$1"
	shift
	printf '%s\r\n' "$@"
	printf 'END:VCALENDAR\r\n'
}

# An event with UID u1 that starts on 2026-11-20 at 15:00 UTC, and these lines.
event() {
	local method=$1
	shift
	calendar "$method" BEGIN:VEVENT UID:u1 DTSTART:20261120T150000Z "$@" END:VEVENT
}

@test "iCalendar: times in the calendar's zone, folds, capitals, groups, rooms, phones" {
	run -0 --separate-stderr tool read-invite "$invites/review.ics"
	[ -z "$stderr" ]
	[ "$output" = '{"kind":"call","id":"review-1@us.example","start":"2026-11-20T15:00:00Z","end":"2026-11-20T15:45:00Z","subject":"Review with Acme, second round","organizer":"rep@us.example","invitees":[{"email":"rep@us.example","name":"Roe, Rita","response":"accepted"},{"email":"jane.doe@acme.example","name":"Jane Doe","response":"needs-action"},{"email":"bob@acme.example","response":"tentative"},{"email":"team@acme.example","name":"Team","response":"needs-action","type":"group"},{"email":"room5@us.example","name":"Room 5","response":"needs-action","type":"room"},{"name":"Dial-in","phone":"+1-415-555-0100","response":"needs-action"},{"email":"eve@acme.example","name":"Eve Poe","response":"needs-action"},{"name":"Kim Low","response":"delegated"}],"conference":{"provider":"zoom","id":"84120000001","url":"https://us02web.zoom.us/j/84120000001?pwd=x"}}' ]
}

@test "Google: an instance has an id of its own, a calendar is no organizer, a cancelled item counts" {
	run -0 --separate-stderr tool read-invite "$invites/page.json"
	[ "${lines[0]}" = '{"kind":"call","id":"abc@google.com/20261120T140000Z","start":"2026-11-20T15:00:00Z","end":"2026-11-20T16:00:00Z","subject":"Weekly with Acme","organizer":"rep@us.example","invitees":[{"email":"rep@us.example","name":"Rita Roe","response":"accepted"},{"email":"jane.doe@acme.example","name":"Jane Doe","response":"accepted"},{"email":"c_5@resource.calendar.google.com","name":"Room 5","response":"needs-action","type":"resource"},{"email":"xn--pi@xn--bcher-kva.example","response":"needs-action"}],"invitees_omitted":true,"series":"abc@google.com","conference":{"provider":"meet","id":"abc-defg-hij","url":"https://meet.google.com/abc-defg-hij"}}' ]
	[ "${lines[1]}" = '{"kind":"call","id":"abc@google.com/20261127T140000Z","invitees":[],"status":"cancelled","series":"abc@google.com"}' ]
	[ "${lines[2]}" = '{"kind":"call","id":"day@google.com","start":"2026-11-20T00:00:00Z","end":"2026-11-21T00:00:00Z","all_day":true,"subject":"Fair","invitees":[]}' ]
	[ "${#lines[@]}" -eq 3 ]
}

@test "Google: an imported event's id gives back its UID" {
	run -0 tool read-invite <<<'{"kind":"calendar#event","id":"_dkok0u1ecls62rbgdhig","status":"cancelled"}'
	[ "$(jq -r .id <<<"$output")" = m1@x.example ]
}

@test "Graph: Windows zones, X.500 addresses, occurrences that only their series describes" {
	run -0 --separate-stderr tool read-invite "$invites/graph.json"
	[ "${lines[0]}" = '{"kind":"call","id":"040000008200E0","start":"2026-11-20T15:00:00Z","end":"2026-11-20T16:00:00Z","subject":"Kick-off","organizer":"rep@us.example","invitees":[{"email":"rep@us.example","name":"Rita Roe","response":"accepted"},{"email":"jane.doe@acme.example","response":"tentative"},{"email":"r5@us.example","name":"Room 5","response":"needs-action","type":"resource"},{"name":"Kim Low","response":"needs-action"}],"conference":{"provider":"teams","id":"19:meeting_abc@thread.v2","url":"https://teams.microsoft.com/l/meetup-join/19%3ameeting_abc%40thread.v2/0?context=x"}}' ]
	[ "$(jq -c '[.id,.recurs,.series]' <<<"${lines[1]}")" = '["SERIES",true,null]' ]
	[ "$(jq -c '[.id,.start,.series,.invitees[1].email]' <<<"${lines[2]}")" = '["SERIES/20261109T100000Z","2026-11-09T10:00:00Z","SERIES","jane.doe@acme.example"]' ]
	[ "${#lines[@]}" -eq 3 ]
}

@test "Graph: a mail about a meeting counts by its event, without one it is named" {
	jq -c '{meetingMessageType:"meetingCancelled",event:.value[0]}' "$invites/graph.json" >"$BATS_TEST_TMPDIR/mail"
	echo '{"meetingMessageType":"meetingRequest","subject":"x"}' >>"$BATS_TEST_TMPDIR/mail"
	run -65 --separate-stderr tool read-invite "$BATS_TEST_TMPDIR/mail"
	[ "$(jq -c '[.id,.status]' <<<"$output")" = '["040000008200E0","cancelled"]' ]
	[[ "$stderr" == "read-invite: $BATS_TEST_TMPDIR/mail:2: eventMessage without its event"* ]]
}

@test "an event of iCalendar, of Google and of Graph with one UID is one call" {
	jq -c '.value[0]' "$invites/graph.json" >"$BATS_TEST_TMPDIR/graph"
	calendar REQUEST BEGIN:VEVENT UID:040000008200E0 DTSTART:20261120T150000Z DTSTAMP:20261101T090000Z \
		SUMMARY:Old END:VEVENT >"$BATS_TEST_TMPDIR/ics"
	run -0 tool read-invite "$BATS_TEST_TMPDIR/graph" "$BATS_TEST_TMPDIR/ics"
	[ "$(jq -r .subject <<<"$output")" = Kick-off ]
	[ "${#lines[@]}" -eq 1 ]
}

@test "a reply changes only who gives it, whatever comes first" {
	run -0 tool read-invite "$invites/review.ics" "$invites/reply.ics"
	local expected
	expected=$(tool read-invite "$invites/review.ics" | sed 's/"Jane Doe","response":"needs-action"/"Jane Doe","response":"accepted"/')
	[ "$output" = "$expected" ]
	[[ "$output" == *'"Jane Doe","response":"accepted"'* ]]
	run -0 tool read-invite "$invites/reply.ics" "$invites/review.ics"
	[ "$output" = "$expected" ]
}

@test "a reply alone says that it is one, and names only who gives it" {
	run -0 tool read-invite - <"$invites/reply.ics"
	[ "$output" = '{"kind":"call","id":"review-1@us.example","start":"2026-11-20T15:00:00Z","organizer":"rep@us.example","invitees":[{"email":"jane.doe@acme.example","response":"accepted"}],"method":"reply"}' ]
}

@test "a reply to an older version is none to the newest; who was not invited joins" {
	{
		event REQUEST SEQUENCE:2 ATTENDEE:mailto:a@x.example
		event REPLY SEQUENCE:1 'ATTENDEE;PARTSTAT=DECLINED:mailto:a@x.example'
		event COUNTER SEQUENCE:2 'ATTENDEE;PARTSTAT=TENTATIVE;CN=Bo:mailto:b@x.example'
	} >"$BATS_TEST_TMPDIR/ics"
	run -0 tool read-invite "$BATS_TEST_TMPDIR/ics"
	[ "$(jq -c '[.invitees[]|[.email,.response]]' <<<"$output")" = '[["a@x.example","needs-action"],["b@x.example","tentative"]]' ]
	[ "$(jq -c '[.start,.method]' <<<"$output")" = '["2026-11-20T15:00:00Z",null]' ]
}

@test "the newest version counts: sequence, then stamp, then order" {
	{
		event REQUEST SEQUENCE:2 DTSTAMP:20261101T000000Z SUMMARY:second
		event REQUEST SEQUENCE:1 DTSTAMP:20261102T000000Z SUMMARY:first
		event REQUEST SEQUENCE:2 DTSTAMP:20261103T000000Z SUMMARY:newest
		event REQUEST SEQUENCE:2 DTSTAMP:20261102T000000Z SUMMARY:older
	} >"$BATS_TEST_TMPDIR/ics"
	run -0 tool read-invite "$BATS_TEST_TMPDIR/ics"
	[ "$(jq -r .subject <<<"$output")" = newest ]
	[ "${#lines[@]}" -eq 1 ]
}

@test "a cancelled meeting keeps its people and says that it is cancelled" {
	{
		event REQUEST SEQUENCE:0 SUMMARY:Talk ORGANIZER:mailto:o@x.example ATTENDEE:mailto:a@x.example
		event CANCEL SEQUENCE:1 STATUS:CANCELLED ORGANIZER:mailto:o@x.example
	} >"$BATS_TEST_TMPDIR/ics"
	run -0 tool read-invite "$BATS_TEST_TMPDIR/ics"
	[ "$(jq -c '[.subject,.status,[.invitees[].email]]' <<<"$output")" = '["Talk","cancelled",["o@x.example","a@x.example"]]' ]
}

@test "a cancellation without a status lets go whom it names, and is whole if nobody is left" {
	event REQUEST ORGANIZER:mailto:o@x.example ATTENDEE:mailto:a@x.example ATTENDEE:mailto:b@x.example >"$BATS_TEST_TMPDIR/ics"
	event CANCEL ATTENDEE:mailto:a@x.example >"$BATS_TEST_TMPDIR/one"
	event CANCEL ATTENDEE:mailto:a@x.example ATTENDEE:mailto:b@x.example >"$BATS_TEST_TMPDIR/all"
	run -0 tool read-invite "$BATS_TEST_TMPDIR/ics" "$BATS_TEST_TMPDIR/one"
	[ "$(jq -c '[.status,[.invitees[].email]]' <<<"$output")" = '[null,["o@x.example","b@x.example"]]' ]
	run -0 tool read-invite "$BATS_TEST_TMPDIR/ics" "$BATS_TEST_TMPDIR/all"
	[ "$(jq -c '[.status,(.invitees|length)]' <<<"$output")" = '["cancelled",3]' ]
	run -0 tool read-invite "$BATS_TEST_TMPDIR/one"
	[ "$(jq -c '[.method,.status]' <<<"$output")" = '["cancel",null]' ]
}

@test "a series and its instances: ids by RECURRENCE-ID as an instant, in any zone" {
	{
		event REQUEST RRULE:FREQ=WEEKLY
		event REQUEST 'RECURRENCE-ID;TZID=America/New_York:20261127T100000' SUMMARY:one
		event REQUEST RECURRENCE-ID:20261127T150000Z SUMMARY:two SEQUENCE:1
		event REQUEST 'RECURRENCE-ID;VALUE=DATE:20261204'
		event REQUEST 'RECURRENCE-ID;RANGE=THISANDFUTURE:20261211T150000Z'
		event ADD
	} >"$BATS_TEST_TMPDIR/ics"
	run -0 tool read-invite "$BATS_TEST_TMPDIR/ics"
	[ "$(jq -sc '[.[]|[.id,.recurs,.subject]]' <<<"$output")" = '[["u1",true,null],["u1/20261127T150000Z",null,"two"],["u1/20261204",null,null],["u1/20261211T150000Z",true,null],["u1/20261120T150000Z",null,null]]' ]
}

starts() {
	calendar REQUEST BEGIN:VEVENT UID:u1 "$1" END:VEVENT >"$BATS_TEST_TMPDIR/ics"
	tool read-invite "${@:2}" "$BATS_TEST_TMPDIR/ics" | jq -r '[.start,.end,.all_day]|map(tostring)|join(" ")'
}

@test "times: zones of the tz database, behind a prefix, of Windows, floating, whole days" {
	[ "$(starts 'DTSTART;TZID=Europe/Berlin:20260701T120000')" = "2026-07-01T10:00:00Z null null" ]
	[ "$(starts 'DTSTART;TZID=US/Pacific:20261201T120000')" = "2026-12-01T20:00:00Z null null" ]
	[ "$(starts 'DTSTART;TZID=/x.example/2026_1/Asia/Kolkata:20261201T120000')" = "2026-12-01T06:30:00Z null null" ]
	[ "$(starts 'DTSTART;TZID="W. Europe Standard Time":20261201T120000')" = "2026-12-01T11:00:00Z null null" ]
	[ "$(starts 'DTSTART;TZID="(UTC-05:00) Eastern Time (US & Canada)":20260701T120000')" = "2026-07-01T16:00:00Z null null" ]
	[ "$(starts DTSTART:20261201T120000)" = "2026-12-01T12:00:00Z null null" ]
	[ "$(starts DTSTART:20261201T120000 --timezone Asia/Tokyo)" = "2026-12-01T03:00:00Z null null" ]
	[ "$(starts $'X-A:b\r\nDTSTART;VALUE=DATE:20261201')" = "2026-12-01T00:00:00Z 2026-12-02T00:00:00Z true" ]
	[ "$(starts 'DTSTART;VALUE=DATE:20261201' -z Asia/Tokyo)" = "2026-11-30T15:00:00Z 2026-12-01T15:00:00Z true" ]
	[ "$(starts $'DTSTART;TZID=Europe/Berlin:20261024T120000\r\nDURATION:P1DT1H')" = "2026-10-24T10:00:00Z 2026-10-25T12:00:00Z null" ]
	[ "$(starts $'DTSTART:20261024T120000Z\r\nDTEND:20261023T120000Z')" = "2026-10-24T12:00:00Z null null" ]
}

@test "X-WR-TIMEZONE is the zone of floating times, unless --timezone is given" {
	calendar PUBLISH X-WR-TIMEZONE:Europe/Berlin BEGIN:VEVENT UID:a DTSTART:20261201T120000 END:VEVENT >"$BATS_TEST_TMPDIR/ics"
	run -0 tool read-invite "$BATS_TEST_TMPDIR/ics"
	[[ "$output" == *2026-12-01T11:00:00Z* ]]
	run -0 tool read-invite -z UTC "$BATS_TEST_TMPDIR/ics"
	[[ "$output" == *2026-12-01T12:00:00Z* ]]
}

@test "an unknown zone is named; --timezone stands in for it" {
	calendar REQUEST BEGIN:VEVENT UID:u1 'DTSTART;TZID=Mars/Base:20261201T120000' END:VEVENT >"$BATS_TEST_TMPDIR/ics"
	run -65 --separate-stderr tool read-invite "$BATS_TEST_TMPDIR/ics"
	[ "$stderr" = "read-invite: $BATS_TEST_TMPDIR/ics:5: time zone \"Mars/Base\" is unknown (--timezone says what to take for such)" ]
	[ "$(starts 'DTSTART;TZID=Mars/Base:20261201T120000' -z Asia/Tokyo)" = "2026-12-01T03:00:00Z null null" ]
}

@test "zone names are no paths, zone rules no work for hours" {
	for zone in ../../../etc/passwd /etc/localtime right/UTC America//New_York zone.tab; do
		calendar REQUEST BEGIN:VEVENT UID:u1 "DTSTART;TZID=$zone:20261201T120000" END:VEVENT >"$BATS_TEST_TMPDIR/ics"
		run -65 tool read-invite "$BATS_TEST_TMPDIR/ics"
	done
	calendar REQUEST BEGIN:VTIMEZONE TZID:bomb BEGIN:STANDARD DTSTART:16010101T000000 TZOFFSETFROM:+0000 \
		TZOFFSETTO:+0100 'RRULE:FREQ=SECONDLY' END:STANDARD END:VTIMEZONE \
		BEGIN:VEVENT UID:u1 DTSTART\;TZID=bomb:20261201T120000 END:VEVENT >"$BATS_TEST_TMPDIR/ics"
	run -65 timeout 10 "$BUILD/read-invite" "$BATS_TEST_TMPDIR/ics"
	[[ "$output" == *'time zone "bomb" is unknown'* ]]
}

@test "join links: Zoom, Webex, Teams, wrapped ones; what looks like one is none" {
	link() {
		event REQUEST "DESCRIPTION:$1" | tool read-invite | jq -c '.conference|if . then [.provider,.id] else . end'
	}
	[ "$(link 'x <https://acme.zoom.us/w/93330000002?tk=1>')" = '["zoom","93330000002"]' ]
	[ "$(link 'us.webex.com/us/j.php?MTID=m123')" = '["webex","m123"]' ]
	[ "$(link 'https://teams.microsoft.com/meet/23100000000012?p=x')" = '["teams","23100000000012"]' ]
	[ "$(link 'https://safe.example/?url=https%3A%2F%2Fzoom.us%2Fj%2F93330000003&data=1')" = '["zoom","93330000003"]' ]
	[ "$(link 'https://evilzoom.us/j/93330000002 https://zoom.us/j/12 https://meet.google.com/landing')" = null ]
}

@test "who has neither address nor name is left out, an address is no name, a calendar no person" {
	event REQUEST 'ORGANIZER;CN=x:mailto:unknownorganizer@calendar.google.com' 'ATTENDEE;CN=:mailto:' \
		'ATTENDEE;CN=a@x.example:invalid:nomail' "ATTENDEE;CN=\"'Bo Low'\":b@x.example" >"$BATS_TEST_TMPDIR/ics"
	run -0 tool read-invite "$BATS_TEST_TMPDIR/ics"
	[ "$(jq -c '[.organizer,.invitees]' <<<"$output")" = '[null,[{"email":"a@x.example","response":"needs-action"},{"email":"b@x.example","name":"Bo Low","response":"needs-action"}]]' ]
}

@test "what cannot be read is named by file and line, the rest is done" {
	{
		calendar REQUEST BEGIN:VEVENT UID:a DTSTART:20261301T000000Z END:VEVENT
		calendar REQUEST BEGIN:VEVENT DTSTART:20261120T150000Z END:VEVENT
		calendar REQUEST BEGIN:VEVENT UID:b DTSTART:20261120T150000Z
		calendar REQUEST BEGIN:VTODO UID:c END:VTODO
		event REQUEST 'ATTENDEE;CN=x' : 'broken line'
	} >"$BATS_TEST_TMPDIR/ics"
	run -65 --separate-stderr tool read-invite "$BATS_TEST_TMPDIR/ics"
	local file=read-invite:\ $BATS_TEST_TMPDIR/ics
	[ "${stderr_lines[0]}" = "$file:5: DTSTART is no time: \"20261301T000000Z\"" ]
	[ "${stderr_lines[1]}" = "$file:10: event without a UID: nothing to know it by" ]
	[ "${stderr_lines[2]}" = "$file:16: event that does not end" ]
	[ "${stderr_lines[3]}" = "$file:20: calendar without an event, only VTODO" ]
	[ "${stderr_lines[4]}" = "$file:31: ATTENDEE: property without a value" ]
	[ "$(jq -r .id <<<"$output")" = u1 ]
}

@test "JSON: bad lines cost themselves; documents may be any number and printed at length" {
	printf '%s\n' '{"kind":"calendar#event","id":"a","status":"cancelled"}' '{"kind":' '{"kind":"call"}' \
		'{"error":{"code":410,"message":"gone"}}' '{"kind":"calendar#event","id":"b","status":"cancelled"}' >"$BATS_TEST_TMPDIR/json"
	run -65 --separate-stderr tool read-invite "$BATS_TEST_TMPDIR/json"
	[ "$(jq -sc '[.[].id]' <<<"$output")" = '["a@google.com","b@google.com"]' ]
	[[ "${stderr_lines[0]}" == "read-invite: $BATS_TEST_TMPDIR/json:2: "* ]]
	[[ "${stderr_lines[1]}" == *"json:3: no event of Google Calendar or Microsoft Graph" ]]
	[[ "${stderr_lines[2]}" == *"json:4: an error answer, no event: gone" ]]
	cat "$invites/page.json" "$invites/graph.json" >"$BATS_TEST_TMPDIR/json"
	run -0 tool read-invite "$BATS_TEST_TMPDIR/json"
	[ "${#lines[@]}" -eq 6 ]
	jq '.items|{a:.[0],b:.[2],c:{"kind":"tasks#task"}}' "$invites/page.json" >"$BATS_TEST_TMPDIR/json"
	run -0 tool read-invite "$BATS_TEST_TMPDIR/json"
	[ "${#lines[@]}" -eq 2 ]
}

@test "bytes that are no text, nesting, long input and nothing at all" {
	printf 'BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:u\nDTSTART:20261120T150000Z\nSUMMARY:a\303\n \251\001b\377\nATTENDEE;CN=x\0:mailto:x@y.example\nEND:VEVENT\nEND:VCALENDAR\n' >"$BATS_TEST_TMPDIR/ics"
	run -65 --separate-stderr tool read-invite "$BATS_TEST_TMPDIR/ics"
	[ "$stderr" = "read-invite: $BATS_TEST_TMPDIR/ics:7: ATTENDEE: NUL byte" ]
	[ "$(jq -r .subject <<<"$output")" = $'aé\001b\uFFFD' ]
	printf '%*s' 100000 '' | tr ' ' '[' >"$BATS_TEST_TMPDIR/deep"
	run -65 --separate-stderr tool read-invite "$BATS_TEST_TMPDIR/deep"
	yes BEGIN:VEVENT | head -100000 >"$BATS_TEST_TMPDIR/ics"
	run -65 --separate-stderr tool read-invite "$BATS_TEST_TMPDIR/ics"
	[ "${#stderr_lines[@]}" -eq 51 ]
	[ "${stderr_lines[50]}" = "read-invite: $BATS_TEST_TMPDIR/ics: 99950 more of the kind" ]
	run -65 --separate-stderr tool read-invite --max-input 1000 "$invites/review.ics"
	[[ "$stderr" == *"review.ics:1: larger than 1000 bytes (--max-input)" ]]
	run -65 --separate-stderr tool read-invite <<<"Dear Jane,"
	[ "$stderr" = "read-invite: stdin:1: neither iCalendar nor JSON" ]
	run -0 --separate-stderr tool read-invite </dev/null
	[ -z "$output$stderr" ]
}

@test "a file that cannot be read is 74, and the others are read" {
	run -74 --separate-stderr tool read-invite /nonexistent "$BATS_TEST_TMPDIR" "$invites/reply.ics"
	[ "${stderr_lines[0]}" = "read-invite: /nonexistent: No such file or directory" ]
	[ "${stderr_lines[1]}" = "read-invite: $BATS_TEST_TMPDIR: Is a directory" ]
	[ "${#lines[@]}" -eq 1 ]
}

@test "a full disk is 74, misuse is 64, --help lists the options" {
	run -74 bash -c '"$BUILD/read-invite" "$1" >/dev/full' - "$invites/reply.ics"
	run -64 --separate-stderr tool read-invite --timezone Mars/Base
	[[ "$stderr" == *"--timezone takes a zone such as Europe/Paris, not 'Mars/Base'"* ]]
	run -64 tool read-invite --max-input 0
	run -64 tool read-invite --nonsense
	run -0 tool read-invite --help
	[[ "$output" == *--timezone* ]]
}

@test "a call line flows into merge-participants" {
	[ -x "$BUILD/merge-participants" ] || skip "merge-participants is not built"
	tool read-invite "$invites/review.ics" >"$BATS_TEST_TMPDIR/call"
	run -0 tool merge-participants --internal-domain us.example <"$BATS_TEST_TMPDIR/call"
	[ "$(jq -c '[.participants[]|.email // .name]' <<<"$output")" = '["rep@us.example","jane.doe@acme.example","bob@acme.example","team@acme.example","Dial-in","eve@acme.example","Kim Low"]' ]
}

@test "every real calendar gives call lines, or an error that names file and line" {
	needs_data ics
	local bad=0 file status_is
	while IFS= read -r file; do
		status_is=0
		timeout 60 "$BUILD/read-invite" "$file" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || status_is=$?
		jq -es 'all(.kind == "call" and (.id|length) > 0)' "$BATS_TEST_TMPDIR/out" >/dev/null || bad=1
		case $status_is in
		0) [ -s "$BATS_TEST_TMPDIR/out" ] || [[ "$file" == *.json ]] || bad=1 ;;
		65) grep -qE "^read-invite: $file:[0-9]+: " "$BATS_TEST_TMPDIR/err" || bad=1 ;;
		*) bad=1 ;;
		esac
		[ "$bad" -eq 0 ] || {
			echo "$file: status $status_is"
			cat "$BATS_TEST_TMPDIR/err"
			return 1
		}
	done < <(find "$DATA/ics" "$DATA/ics-copyleft" "$DATA/calendar-google" "$DATA/calendar-graph" "$DATA/recorded-elv2" \
		-name '*.ics' -o -path '*calendar*.json' -o -name 'outlook-*.json')
}

@test "every real Google and Graph event is read" {
	needs_data calendar-graph
	run -0 --separate-stderr tool read-invite "$DATA"/calendar-google/*event*.json "$DATA"/calendar-google/gdata*.json \
		"$DATA"/calendar-graph/event-*.json "$DATA"/calendar-graph/*list*.json "$DATA"/calendar-graph/*page.json \
		"$DATA"/recorded-elv2/google-calendar-*.json "$DATA"/recorded-elv2/outlook-*.json
	[ -z "$stderr" ]
	[ "${#lines[@]}" -ge 35 ]
}
