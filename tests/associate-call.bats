#!/usr/bin/env bats
# shellcheck disable=SC2154 # stderr and stderr_lines are set by bats
# The rules themselves: association-property.py and its oracle. Here: each option, and the promises.

bats_require_minimum_version 1.5.0
load helper

ACME=001000000000001AAA LABS=001000000000002AAA
JANE=003000000000001AAA JANE2=003000000000002AAA ANN=003000000000003AAA
KIM=00Q000000000001EAA
DEAL=006000000000001AAA OLD=006000000000002AAA

setup() {
	cd "$BATS_TEST_TMPDIR"
	export SFPIPE_STORE=$BATS_TEST_TMPDIR/store.db
}

# record TYPE ID MEMBERS: a record line.
record() {
	printf '{"attributes":{"type":"%s"},"Id":"%s","SystemModstamp":"%s",%s}\n' "$1" "$2" \
		"${STAMP:-2026-01-01T00:00:00Z}" "$3"
}

apply() {
	tool store-apply "$@"
}

# crm: two accounts, contacts with one address, a lead, two deals, an Event
crm() {
	{
		record User 005000000000001 '"Email":"rep@us.example","IsActive":true'
		record Account $ACME '"Name":"Acme","IsDeleted":false'
		record Account $LABS '"Name":"Acme Labs","IsDeleted":false'
		record Contact $JANE "\"AccountId\":\"$ACME\",\"Email\":\"jane@acme.com\",\"LastModifiedDate\":\"2026-01-01T00:00:00Z\",\"CreatedDate\":\"2026-01-01T00:00:00Z\""
		record Contact $JANE2 "\"AccountId\":\"$LABS\",\"Email\":\"jane@acme.com\",\"LastModifiedDate\":\"2026-02-01T00:00:00Z\",\"CreatedDate\":\"2026-02-01T00:00:00Z\""
		record Contact $ANN "\"AccountId\":\"$ACME\",\"Email\":\"ann@acme.com\",\"Phone\":\"+1 415 555 0123\""
		record Lead $KIM '"Company":"New Inc","Email":"kim@new.io","IsConverted":false,"CreatedDate":"2026-02-01T00:00:00Z"'
		record Opportunity $DEAL "\"AccountId\":\"$ACME\",\"IsClosed\":false,\"CreatedDate\":\"2026-03-01T00:00:00Z\",\"LastModifiedDate\":\"2026-05-02T00:00:00Z\",\"OwnerId\":\"005000000000009\""
		record Opportunity $OLD "\"AccountId\":\"$ACME\",\"IsClosed\":false,\"CreatedDate\":\"2026-04-01T00:00:00Z\",\"LastModifiedDate\":\"2026-04-01T00:00:00Z\",\"OwnerId\":\"005000000000001\""
		record Event 00U000000000001 "\"StartDateTime\":\"2026-05-04T15:04:00Z\",\"WhatId\":\"$LABS\",\"OwnerId\":\"005000000000001\""
	} | apply
}

# call EMAIL...: a call line with these participants; MORE: further members
call() {
	local list
	list=$(printf ',{"email":"%s"}' "$@")
	printf '{"kind":"call","id":"c1","start":"2026-05-04T15:00:00Z","organizer":"rep@us.example","participants":[%s]%s}\n' \
		"${list:1}" "${MORE:+,$MORE}"
}

# short: of each line the entries as OBJECT:ID with the flags that it has
short() {
	jq -r '[.associations[] | .object + ":" + .id[0:18] + (if .kept then "!kept" else "" end)
		+ (if .deleted then "!deleted" else "" end)] | join(" ")' "$@"
}

associate() {
	tool associate-call "$@"
}

@test "a contact, its account and the deal; the rest of the line stays as it was" {
	crm
	call jane@acme.com >line
	run -0 associate <line
	[ "$output" = "$(sed 's/}$//' line),\"associations\":[{\"object\":\"Contact\",\"id\":\"$JANE\",\"matches\":[{\"participant\":\"jane@acme.com\",\"by\":\"contact-email\",\"record\":\"$JANE\"}]},{\"object\":\"Account\",\"id\":\"$ACME\",\"name\":\"Acme\",\"matches\":[{\"participant\":\"jane@acme.com\",\"by\":\"contact-email\",\"record\":\"$JANE\"}]},{\"object\":\"Opportunity\",\"id\":\"$DEAL\",\"account\":\"$ACME\",\"by\":\"closest-activity\",\"activity\":\"2026-05-02T00:00:00Z\"}],\"primary\":{\"account\":\"$ACME\",\"opportunity\":\"$DEAL\"},\"unmatched\":[],\"as_of\":10}" ]
}

@test "an email: from, to and cc in this order, date as start, no organizer" {
	crm
	run -0 associate <<<'{"kind":"email","id":"<m@x>","date":"2026-05-04T15:00:00Z","cc":[{"email":"kim@new.io"}],"from":{"email":"rep@us.example"},"to":[{"email":"x@gmail.com"},{"email":"ann@acme.com"}],"organizer":"rep@us.example"}'
	[ "$(short <<<"$output")" = "Contact:$ANN Account:$ACME Lead:$KIM Opportunity:$DEAL" ]
	[ "$(jq -c .unmatched <<<"$output")" = '[{"participant":"x@gmail.com","reason":"free-mail domain"}]' ]
	run -0 associate --opportunity priority --owned-by-organizer <<<"$output"
	[ "$(short <<<"$output")" = "Contact:$ANN Account:$ACME Lead:$KIM" ]
}

@test "lines of other kinds pass byte for byte" {
	printf '%s\n' '{"kind":"checkpoint", "consumer":"calls","seq":0.10}' \
		'{"attributes":{"type":"Contact"},"Id":"003","n":[1e2,12345678901234567890,1234567890123456.78]}' \
		' {"kind":"calls","a":"\u0041\/"} ' '{"kind":7,"z":1,"a":2}' '{}' >in
	associate <in >out
	cmp in out
}

@test "members keep their bytes, associations are replaced where they stood" {
	printf '%s\n' ' { "n" : 0.10 ,"associations" : [ {"object":"Account"} ], "x":[1e2,12345678901234567890, 1234567890123456.78],"kind":"call","start":"2026-05-04T17:00:00+02:00","id":"\u0063\/","unmatched":null,"participants":[ ] } ' >in
	associate <in >out
	printf '%s\n' ' { "n" : 0.10 ,"associations" : [], "x":[1e2,12345678901234567890, 1234567890123456.78],"kind":"call","start":"2026-05-04T17:00:00+02:00","id":"\u0063\/","unmatched":[],"participants":[ ],"primary":{},"as_of":0 } ' | cmp - out
}

@test "a line that lacks what is needed is named and kept, the rest is done, status 65" {
	cat >in <<-'JSON'
	{"kind":"call","start":"2026-05-04T15:00:00Z","participants":[]}
	{"kind":"call","id":"c2","participants":[]}
	{"kind":"call","id":"c3","start":"tomorrow","participants":[]}
	{"kind":"call","id":"c4","start":"2026-05-04T15:00:00","participants":[]}
	{"kind":"call","id":"c5","start":1,"participants":[]}
	{"kind":"call","id":"c6","start":"2026-05-04T15:00:00Z"}
	{"kind":"call","id":"c7","start":"2026-05-04T15:00:00Z","participants":{}}
	{"kind":"call","id":"c8","start":"2026-05-04T15:00:00Z","participants":["a@x.com"]}
	{"kind":"call","id":"c9","start":"2026-05-04T15:00:00Z","participants":[],"manual":{}}
	{"kind":"call","id":"c10","start":"2026-05-04T15:00:00Z","participants":[],"manual":[{"object":"Account"}]}
	{"kind":"call","id":"c11","start":"2026-05-04T15:00:00Z","participants":[],"manual":[{"object":"Case","id":"500000000000001"}]}
	{"kind":"email","id":"e12"}
	{"kind":"email","id":"e13","date":"2026-05-04T15:00:00Z"}
	JSON
	run -65 --separate-stderr associate --rejects rejects <in
	[ "${#lines[@]}" -eq 1 ]
	[ "$(jq -r .id <<<"$output")" = e13 ]
	head -n 12 in | cmp - rejects
	[ "${#stderr_lines[@]}" -eq 12 ]
	[ "${stderr_lines[0]}" = "associate-call: stdin:1: no id" ]
	[ "${stderr_lines[1]}" = "associate-call: stdin:2: no start" ]
	[ "${stderr_lines[2]}" = 'associate-call: stdin:3: start is no RFC 3339 time: "tomorrow"' ]
	[ "${stderr_lines[11]}" = "associate-call: stdin:12: no date" ]
}

@test "--duplicates: oldest-modified, newest-created, all" {
	crm
	call jane@acme.com >in
	[ "$(associate <in | short)" = "Contact:$JANE Account:$ACME Opportunity:$DEAL" ]
	[ "$(associate --duplicates oldest-modified <in | short)" = "Contact:$JANE Account:$ACME Opportunity:$DEAL" ]
	[ "$(associate --duplicates newest-created <in | short)" = "Contact:$JANE2 Account:$LABS" ]
	[ "$(associate --duplicates all <in | short)" = "Contact:$JANE Account:$ACME Contact:$JANE2 Account:$LABS Opportunity:$DEAL" ]
	run -64 associate --duplicates first <in
}

@test "--opportunity priority, --owned-by-organizer" {
	crm
	call ann@acme.com >in
	run -0 associate --opportunity priority <in
	[ "$(jq -c '.associations[-1]' <<<"$output")" = "{\"object\":\"Opportunity\",\"id\":\"$OLD\",\"account\":\"$ACME\",\"by\":\"priority\",\"window\":\"open\"}" ]
	STAMP=2026-02-01T00:00:00Z record Opportunity $OLD '"CreatedDate":"2026-02-01T00:00:00Z"' | apply
	[ "$(associate --opportunity priority <in | jq -r .primary.opportunity)" = "$DEAL" ]
	[ "$(associate --opportunity priority --owned-by-organizer <in | jq -r .primary.opportunity)" = "$OLD" ]
	run -64 associate --opportunity nearest <in
}

@test "--activities, --activity-window" {
	crm
	call >in
	[ "$(associate <in | short)" = "" ]
	run -0 associate --activities <in
	[ "$(short <<<"$output")" = "Account:$LABS" ]
	[ "$(jq -c .primary <<<"$output")" = "{\"account\":\"$LABS\"}" ]
	[ "$(associate --activities --activity-window 4m <in | short)" = "Account:$LABS" ]
	[ "$(associate --activities --activity-window 239 <in | short)" = "" ]
	run -64 associate --activity-window long <in
}

@test "--internal-domain, and the organizer's when it is not given" {
	crm
	call pat@us.example pat@acme.com >in
	[ "$(associate <in | jq -c '[.unmatched[].participant]')" = '[]' ]
	[ "$(associate -d none <in | jq -c '[.unmatched[].participant]')" = '["pat@us.example"]' ]
	[ "$(associate --internal-domain US.example -d acme.com <in | jq -c '[.associations, .unmatched]')" = '[[],[]]' ]
	run -64 associate -d a@b <in
}

@test "--free-mail replaces the list" {
	crm
	printf '# ours\nacme.com\n' >free
	call pat@acme.com x@gmail.com >in
	[ "$(associate --free-mail free <in | jq -c '.unmatched')" = '[{"participant":"pat@acme.com","reason":"free-mail domain"},{"participant":"x@gmail.com","reason":"no record"}]' ]
	run -78 associate --free-mail nowhere <in
}

@test "dates decide to the millisecond" {
	{
		record Lead 00Q000000000002 '"IsConverted":false,"Email":"kim@new.io","CreatedDate":"2026-01-01T00:00:00.500Z","LastModifiedDate":"2026-02-01T00:00:01Z"'
		record Lead "$KIM" '"IsConverted":false,"Email":"ann@new.io","CreatedDate":"2026-01-01T00:00:00.000Z"'
		record Lead 00Q000000000003 '"IsConverted":false,"Email":"kim@new.io","CreatedDate":"2026-01-01T00:00:00Z","LastModifiedDate":"2026-02-01T00:00:00.999Z"'
	} | apply
	call pat@new.io >in
	[ "$(associate <in | jq -r '.associations[0].matches[0].record')" = "$KIM" ]
	[[ "$(associate --explain <in)" == *"not 00Q000000000003EAA, created 2026-01-01T00:00:00Z"*"not 00Q000000000002EAA, created 2026-01-01T00:00:00.500Z"* ]]
	call kim@new.io >in
	[ "$(associate <in | short)" = Lead:00Q000000000003EAA ]
	[ "$(associate --duplicates newest-created <in | short)" = Lead:00Q000000000002EAA ]
}

@test "--rules holds the options, the command line goes before it" {
	crm
	echo '{"duplicates":"newest-created","opportunity":"priority","internal_domains":["acme.com"]}' >rules
	call jane@acme.com >in
	[ "$(associate --rules rules <in | short)" = "" ]
	[ "$(SFPIPE_RULES=rules associate -d none <in | short)" = "Contact:$JANE2 Account:$LABS" ]
	[ "$(associate --rules rules -d none --duplicates oldest-modified <in | short)" = "Contact:$JANE Account:$ACME Opportunity:$OLD" ]
	echo '{"duplicate":"all"}' >rules
	run -78 associate --rules rules <in
}

@test "manual records stand first, a manual opportunity last and alone" {
	crm
	MORE='"manual":[{"object":"Opportunity","id":"'${OLD:0:15}'"},{"object":"Lead","id":"'$KIM'"}]' call jane@acme.com >in
	run -0 associate --activities <in
	[ "$(short <<<"$output")" = "Lead:$KIM Contact:$JANE Account:$ACME Opportunity:$OLD" ]
	[ "$(jq -c '[.associations[0].matches, .associations[3].by, .primary]' <<<"$output")" = "[[{\"by\":\"manual\"}],\"manual\",{\"account\":\"$ACME\",\"opportunity\":\"$OLD\"}]" ]
}

@test "--keep takes nothing away: kept, merged, deleted, real now; a second run changes nothing" {
	crm
	call jane@acme.com bob@acme.com eve@new.io zoe@new.io | associate --duplicates all >first
	[ "$(short first)" = "Contact:$JANE Account:$ACME Contact:$JANE2 Account:$LABS VirtualContact:virtual:bob@acme.c VirtualLead:virtual:eve@new.io VirtualLead:virtual:zoe@new.io Opportunity:$DEAL" ]
	{
		# merged into Ann, deleted, moved away; a contact for eve; the lead is gone, and zoe with it
		record Contact $JANE "\"IsDeleted\":true,\"MasterRecordId\":\"$ANN\""
		record Contact $JANE2 '"IsDeleted":true'
		record Account $LABS '"Name":"Labs"'
		record Contact 003000000000005AAA '"Email":"eve@new.io"'
		record Lead $KIM '"IsDeleted":true'
	} | sed 's/2026-01-01T00:00:00Z/2026-05-01T00:00:00Z/' | apply
	associate --keep <first >second
	[ "$(short second)" = "VirtualContact:virtual:jane@acme. Account:$ACME VirtualContact:virtual:bob@acme.c Contact:003000000000005AAA Contact:$ANN!kept Contact:$JANE2!kept!deleted Account:$LABS!kept VirtualLead:virtual:zoe@new.io!kept Opportunity:$DEAL" ]
	[ "$(jq -c '.associations[] | select(.id == "'$LABS'") | .name' second)" = '"Labs"' ]
	associate --keep <second | cmp second -
	# anew: nothing is kept
	[ "$(associate <second | short)" = "VirtualContact:virtual:jane@acme. Account:$ACME VirtualContact:virtual:bob@acme.c Contact:003000000000005AAA Opportunity:$DEAL" ]
	# back again: no flag stays
	record Contact $JANE2 '"IsDeleted":false' | sed 's/2026-01-01T00:00:00Z/2026-05-02T00:00:00Z/' | apply
	[ "$(associate --keep <second | short)" = "Contact:$JANE2 Account:$LABS VirtualContact:virtual:bob@acme.c Account:$ACME Contact:003000000000005AAA Contact:$ANN!kept VirtualLead:virtual:zoe@new.io!kept Opportunity:$DEAL" ]
}

@test "--keep: a deleted account is never primary, its deals are not chosen" {
	crm
	call ann@acme.com | associate >first
	STAMP=2026-05-01T00:00:00Z record Account $ACME '"IsDeleted":true' | apply
	associate --keep <first >second
	[ "$(short second)" = "Contact:$ANN Account:$LABS Account:$ACME!kept!deleted" ]
	[ "$(jq -c .primary second)" = "{\"account\":\"$LABS\"}" ]
	associate --keep <second | cmp second -
}

@test "--keep: the account that the chosen deal gives is not 'kept', however often it runs" {
	crm
	record OpportunityContactRole 00K000000000001 "\"OpportunityId\":\"$OLD\",\"ContactId\":\"$JANE2\"" | apply
	call jane@acme.com | associate --duplicates newest-created --opportunity priority --keep >first
	[ "$(short first)" = "Contact:$JANE2 Account:$LABS Account:$ACME Opportunity:$OLD" ]
	associate --duplicates newest-created --opportunity priority --keep <first | cmp first -
}

@test "--keep: an entry with an Id of 15 characters is the same record" {
	crm
	MORE='"associations":[{"object":"Contact","id":"'${ANN:0:15}'","matches":[]}]' call ann@acme.com >in
	[ "$(associate --keep <in | short)" = "Contact:$ANN Account:$ACME Opportunity:$DEAL" ]
}

@test "--fill gives people only to a line that has none, and chooses opportunities anew" {
	crm
	call ann@acme.com >in
	[ "$(associate --fill <in | short)" = "Contact:$ANN Account:$ACME Opportunity:$DEAL" ]
	MORE='"associations":[{"object":"VirtualLead","id":"virtual:x@y.z"}]' call ann@acme.com >in
	[ "$(associate --fill <in | short)" = "Contact:$ANN Account:$ACME Opportunity:$DEAL" ]
	MORE='"unmatched":[{"reason":"no record"}],"associations":[{"object":"Account","id":"'$ACME'"},{"object":"VirtualLead","id":"virtual:x@y.z"},{"object":"Opportunity","id":"'$OLD'"}]' call kim@new.io >in
	run -0 associate --fill <in
	[ "$(short <<<"$output")" = "Account:$ACME VirtualLead:virtual:x@y.z Opportunity:$DEAL" ]
	[ "$(jq -c .unmatched <<<"$output")" = '[{"reason":"no record"}]' ]
	[ "$(associate --fill <<<"$output")" = "$output" ]
	run -64 associate --fill --keep <in
}

@test "--fill: a manual opportunity is the only one there too" {
	crm
	MORE='"manual":[{"object":"Opportunity","id":"'$OLD'"}],"associations":[{"object":"Account","id":"'$ACME'"}]' call kim@new.io >in
	[ "$(associate --fill <in | short)" = "Account:$ACME Opportunity:$OLD" ]
}

@test "--explain says what was tried, what was found, what beat it" {
	crm
	call rep@us.example jane@acme.com bob@acme.com eve@new.io x@gmail.com >in
	run -0 associate --explain <in
	grep -q '^call c1, 2026-05-04T15:00:00Z' <<<"$output"
	grep -q 'rep@us.example: internal: an active User' <<<"$output"
	grep -q "contact-email jane@acme.com: $JANE, modified 2026-01-01T00:00:00Z, the oldest modified of 2" <<<"$output"
	grep -q "not $JANE2, modified 2026-02-01T00:00:00Z" <<<"$output"
	grep -q "lead-email jane@acme.com: none" <<<"$output"
	grep -q "contact-domain acme.com: account $ACME, contacts of the domain: 2, first $JANE" <<<"$output"
	grep -q "not account $LABS, contacts: 1" <<<"$output"
	grep -q "lead-domain new.io: $KIM" <<<"$output"
	grep -q "gmail.com: free-mail domain" <<<"$output"
	grep -q "$OLD: open, its closest activity 2026-04-01T00:00:00Z" <<<"$output"
	grep -q "chosen: $DEAL, the closest in time" <<<"$output"
	grep -q "primary: account $ACME" <<<"$output"
	run -0 associate -e --opportunity priority --owned-by-organizer --activities <<<"$(call ann@acme.com)"
	grep -q "Event 00U000000000001EAA at 2026-05-04T15:04:00Z: the organizer's" <<<"$output"
	run -0 associate -e --opportunity priority --owned-by-organizer <<<"$(call ann@acme.com)"
	grep -q "$DEAL: not the organizer's" <<<"$output"
	grep -q "chosen: $OLD: open is the first window" <<<"$output"
}

@test "--explain passes no lines, and what it quotes cannot steer a terminal" {
	MORE='"subject":"\u001b[2J"' call 'a' >in
	echo '{"kind":"checkpoint"}' >>in
	run -0 associate --explain <in
	[ "$(LC_ALL=C tr -d '\n -~' <<<"$output" | wc -c)" -eq 0 ]
	[ "$(grep -c checkpoint <<<"$output")" -eq 0 ]
}

@test "--jobs 4 gives the same bytes as --jobs 1" {
	crm
	for ((i = 0; i < 300; i++)); do
		call jane@acme.com "p$i@acme.com" "q$i@new.io" ann@acme.com
		echo '{"kind":"checkpoint","seq":'$i'}'
	done >some
	for ((i = 0; i < 8; i++)); do cat some; done >in
	associate --duplicates all <in >one
	for jobs in 2 4 64; do
		associate --duplicates all --jobs $jobs <in >many
		cmp one many
	done
	associate --explain <some >one
	associate --explain -j 4 <some | cmp one -
	run -64 associate --jobs 0 <in
	run -64 associate --jobs 65 <in
}

# with PARTICIPANTS: a call line with these, as JSON
with() {
	printf '{"kind":"call","id":"c1","start":"2026-05-04T15:00:00Z","participants":[%s]}\n' "$1"
}

# mixed: lines that are looked up together, among others that are not, or cannot be.
mixed() {
	local i many
	many=$(printf '{"email":"p%d@none.example"},' {1..600})
	for i in {1..12}; do
		with "{\"email\":\"jane@acme.com\"},{\"email\":\"new$i@acme.com\",\"other_emails\":[\"kim@new.io\"]}"
		printf '{"kind":"note","id":"n%d"}\n' "$i"
		with '{"\u0065mail":"ann@acme.com","n\u0061me":"Ann"},{},{"phone":"+14155550123","name":"?"}'
		printf '{"kind":"call","id":"c%d","participants":[]}\n' "$i"
		printf '{"kind":"email","id":"e%d","date":"2026-05-01T00:00:00Z","from":{"email":"Jane <x>"},"to":[{"email":"kim@new.io"}],"cc":{"email":"ann@acme.com"}}\n' "$i"
		printf 'bad %d\n' "$i"
		with "$many{\"email\":\"jane@acme.com\"}"
		with '{"email":"jane@acme.com"},7'
		printf '{"kind":"call","id":"x%d","method":"reply","start":"2026-05-01T00:00:00Z"}\n' "$i"
	done
}

@test "lines that are looked up together are as each alone, and in their order" {
	crm
	mixed >in
	while IFS= read -r line; do
		printf '%s\n' "$line" | tool associate-call --rejects inline 2>/dev/null || [ $? -eq 65 ]
	done <in >alone
	[ "$(jq -r '.kind' alone | sort | uniq -c | tr -s ' ')" = " 48 call
 12 email
 12 note
 36 reject" ]
	[ "$(jq -r '.associations[]?.object' alone | sort | uniq -c | wc -l)" -ge 4 ]
	for jobs in 1 2 4; do
		tool associate-call --jobs $jobs --rejects inline <in >together 2>err || [ $? -eq 65 ]
		cmp together alone
		[ "$(grep -c '^associate-call: stdin:' err)" -eq 36 ]
		cut -d: -f3 err >numbers
		sort -n numbers | cmp - numbers
		cat in | tool associate-call --jobs $jobs --rejects inline >together 2>/dev/null || [ $? -eq 65 ]
		cmp together alone
		grep -v '^bad' in | tool associate-call --jobs $jobs --strict >together 2>err || [ $? -eq 65 ]
		cmp together <(head -3 alone)
		[ "$(wc -l <err)" -eq 1 ]
	done
	tool associate-call --explain <in 2>/dev/null | grep '^call\|^email' >explained || true
	[ "$(wc -l <explained)" -eq 48 ]
}

@test "a line on a pipe that stays open is answered at once, from what the store then holds" {
	crm
	for jobs in 1 4; do
		mkfifo in$jobs out$jobs
		associate --jobs $jobs <in$jobs >out$jobs 3>&- &
		local pid=$!
		exec 8>in$jobs 9<out$jobs
		call kim@new.io >&8
		read -r -t 60 answer <&9
		[ "$(short <<<"$answer")" = "Lead:$KIM" ]
		STAMP=2026-06-0${jobs}T00:00:00Z record Lead $KIM '"IsDeleted":true' | apply
		call kim@new.io >&8
		read -r -t 60 answer <&9
		[ "$(short <<<"$answer")" = "" ]
		STAMP=2026-06-0${jobs}T00:00:01Z record Lead $KIM '"IsDeleted":false' | apply
		exec 8>&- 9<&-
		wait "$pid"
	done
}

# probe: loading so many people as the store now seems to hold never pays, so it is asked line by line
probe() {
	sqlite3 store.db 'UPDATE contact SET rowid = 4000000000 WHERE rowid = (SELECT max(rowid) FROM contact)'
}

# people FROM TO ACCOUNT: contacts of a domain with many
people() {
	local i
	for i in $(seq "$1" "$2"); do
		record Contact "0030000000$((10000 + i))" "\"AccountId\":\"$3\",\"Email\":\"p$i@big.com\""
	done
}

# ask N: so many calls with somebody unknown of that domain, and of one without contacts; what is answered
ask() {
	for _ in $(seq "$1"); do
		call new@big.com rep2@us.example someone@new.io >&8
		read -r -t 60 answer <&9
		jq -c '[[.associations[] | [.object, .id, .matches[0].of?]], .unmatched]' <<<"$answer"
	done | sort | uniq -c | tr -s ' '
}

@test "what many lines ask is kept, until the store changes" {
	crm
	sqlite3 store.db "DELETE FROM activity"
	people 1 50 $ACME | apply
	people 51 90 $LABS | apply
	probe
	mkfifo in out
	associate --jobs 1 <in >out 3>&- &
	local pid=$!
	exec 8>in 9<out
	ask 30 >first
	[ "$(wc -l <first)" -eq 1 ]
	grep "^ 30 .*\"Account\",\"$ACME\",2" first | grep "\"Opportunity\",\"$DEAL\"" | grep -v rep2
	record Event 00U000000000002 "\"StartDateTime\":\"2026-05-04T15:04:00Z\",\"WhatId\":\"$OLD\"" | apply
	ask 30 >after
	grep "^ 30 .*\"Account\",\"$ACME\",2" after | grep "\"Opportunity\",\"$OLD\""
	STAMP=2026-06-01T00:00:00Z people 1 20 $LABS | apply
	ask 30 >after
	grep "^ 30 .*\"Account\",\"$LABS\",2" after
	STAMP=2026-06-02T00:00:00Z record User 005000000000001 '"Email":"rep@us.example","IsActive":false' | apply
	ask 30 >after
	grep '^ 30 .*rep2@us.example' after
	STAMP=2026-06-02T00:00:00Z record Account $LABS '"Name":"Acme Labs","IsDeleted":true' | apply
	ask 30 >after
	grep "^ 30 .*\"Account\",\"$ACME\"," after
	STAMP=2026-06-03T00:00:00Z record Account $ACME '"Name":"Acme","IsDeleted":true' | apply
	ask 30 >after
	grep '^ 30 ' after | grep new@big.com | grep -v '"Account"'
	exec 8>&- 9<&-
	wait "$pid"
}

@test "domains with many people, more than are kept: as if none was" {
	local domains=1030
	crm
	awk -v n=$domains 'BEGIN { for (d = 0; d < n; d++) for (i = 0; i < 33; i++) printf \
		"{\"attributes\":{\"type\":\"Contact\"},\"Id\":\"003%06d%06d\",\"SystemModstamp\":" \
		"\"2026-01-01T00:00:00Z\",\"AccountId\":\"001%06d%06d\",\"Email\":\"p%d@d%d.com\"}\n",
		d, i, d, i % 2, i, d }' | apply
	awk -v n=$domains 'BEGIN { for (k = 0; k < 2; k++) for (d = 0; d < n; d++) printf \
		"{\"kind\":\"call\",\"id\":\"c%d\",\"start\":\"2026-05-04T15:00:00Z\",\"participants\":" \
		"[{\"email\":\"new@d%d.com\"},{\"email\":\"new@d%d.com\"}]}\n", d, d, n - 1 - d }' >in
	associate <in >loaded
	probe
	associate --jobs 1 <in >probed
	cmp probed loaded
	[ "$(jq -r '.associations[] | select(.object == "Account").id' probed | sort -u | wc -l)" -eq $domains ]
}

@test "a live feed holds no transaction: the store's log can be truncated" {
	crm
	mkfifo in out
	associate <in >out 3>&- &
	local pid=$!
	exec 8>in 9<out
	call kim@new.io >&8
	read -r -t 60 answer <&9
	STAMP=2026-06-01T00:00:00Z record Lead $KIM '"Company":"Newer"' | apply
	for _ in $(seq 100); do
		emptied=$(sqlite3 store.db 'PRAGMA wal_checkpoint(TRUNCATE)')
		[ "$emptied" != '0|0|0' ] || break
		sleep 0.05
	done
	[ "$emptied" = '0|0|0' ]
	exec 8>&- 9<&-
	wait "$pid"
}

@test "as_of is the newest change that was seen" {
	crm
	[ "$(call | associate | jq .as_of)" -eq 10 ]
	STAMP=2026-06-01T00:00:00Z record Lead $KIM '"Company":"Newer"' | apply
	[ "$(call | associate | jq .as_of)" -eq 11 ]
}

@test "a missing store is an empty one" {
	call jane@acme.com x@gmail.com >in
	run -0 associate --store nowhere/store.db <in
	[ "$(jq -c '[.associations, .primary, [.unmatched[].reason]]' <<<"$output")" = '[[],{},["no record","free-mail domain"]]' ]
	[ ! -e nowhere ]
}

@test "a store that is none, newer, older or unreadable is said in one sentence" {
	call >in
	head -c 8192 /dev/urandom >noise
	run -78 --separate-stderr associate --store noise <in
	[ "${#stderr_lines[@]}" -eq 1 ]
	sqlite3 other.db 'CREATE TABLE t (a)'
	run -78 --separate-stderr associate --store other.db <in
	[ "${#stderr_lines[@]}" -eq 1 ]
	crm
	cp store.db newer.db
	sqlite3 newer.db 'PRAGMA user_version = 99'
	run -78 --separate-stderr associate --store newer.db <in
	[[ "$stderr" == *newer* ]]
	[ "${#stderr_lines[@]}" -eq 1 ]
	mkdir folder
	run --separate-stderr associate --store folder <in
	[ "$status" -eq 74 ] || [ "$status" -eq 78 ]
	[ "${#stderr_lines[@]}" -eq 1 ]
	run -78 associate --jobs 4 --store newer.db <in
	run -78 associate --store newer.db </dev/null
	run -78 associate --store noise </dev/null
	run -0 associate --store none.db </dev/null
	[ ! -e none.db ]
}

@test "a store that one may not read is said, too" {
	crm
	[ "$(id -u)" -ne 0 ] || skip "root may read all"
	chmod 0 store.db
	run --separate-stderr associate <<<"$(call)"
	[ "$status" -eq 74 ] || [ "$status" -eq 78 ]
	[ "${#stderr_lines[@]}" -eq 1 ]
}

@test "a full disk is 74, misuse 64, --help lists every option" {
	full() { associate "$@" >/dev/full; }
	run -74 full <<<"$(call)"
	run -74 full --explain <<<"$(call)"
	run -74 full --jobs 4 <<<"$(call)"
	run -64 --separate-stderr associate --nope
	[[ "$stderr" == *"associate-call: "*"--nope"* ]]
	run -64 associate file
	run -0 associate --help
	for option in activities activity-window duplicates explain fill free-mail internal-domain jobs keep \
		opportunity owned-by-organizer rules store max-line rejects strict help log verbose version; do
		[[ "$output" == *"--$option"* ]]
	done
	run -0 associate --version
}

@test "a reader that goes away ends it quietly" {
	for ((i = 0; i < 20000; i++)); do echo '{"kind":"x","pad":"0123456789"}'; done >in
	broken() { associate <in | head -n 1; }
	run -0 --separate-stderr broken
	[ -z "$stderr" ]
}

@test "made-up CRMs: the rules of design 5, done a second time, agree" {
	SEEDS=1-8 run -0 python3 "$TOP/tests/association-property.py"
	[[ "$output" == *" passed, 0 failed" ]]
}
