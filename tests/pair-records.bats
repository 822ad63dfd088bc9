#!/usr/bin/env bats
# shellcheck disable=SC2154,SC2030,SC2031 # bats sets stderr, and runs each test in a shell of its own
load helper

L1=00Q000000000001EAA L2=00Q000000000002EAA L3=00Q000000000003EAA
C1=003000000000001AAA C2=003000000000002AAA

setup() {
	export SFPIPE_STORE=$BATS_TEST_TMPDIR/store.db
	cd "$BATS_TEST_TMPDIR" || return 1
	cat >map.json <<-'JSON'
	{"Lead":{"local":"Person","create":{"local":true,"salesforce":{"require":["Email"]}},
	  "fields":[{"salesforce":"Email","local":"email"},{"salesforce":"Phone","local":"phone"},
	    {"salesforce":"Company","local":"firm"},{"salesforce":"LastName","local":"name"}]},
	 "Contact":{"local":"Person","fields":[{"salesforce":"Email","local":"email"},
	    {"salesforce":"Phone","local":"phone"},{"salesforce":"Title","local":"firm"}]}}
	JSON
}

# apply LINE...: these lines into the store.
apply() {
	printf '%s\n' "$@" | tool store-apply
}

# record TYPE ID MEMBERS: a record of Salesforce; seconds count up, so that it is newer than all before.
record() {
	second=$((${second:-10} + 1))
	printf '{"attributes":{"type":"%s"},"Id":"%s","SystemModstamp":"2026-11-20T15:00:%s.000+0000",%s}\n' "$1" "$2" "$second" "$3"
}

lead() {
	record Lead "$@"
}

# person ID EMAIL [MEMBERS]: a local record.
person() {
	printf '{"kind":"local","object":"Person","id":"%s","fields":{"email":"%s"}%s}\n' "$1" "$2" "${3:+,$3}"
}

pairs() {
	tool store-query changes --consumer sync | tool pair-records --map map.json "$@"
}

# shown: pairs as "object by salesforce local", links as what becomes of them.
shown() {
	jq -r 'if .kind == "pair" then [.object, .paired_by // "-", .salesforce.Id // "-", .local.id // "-",
			(select(.had_link) | "had"), (select(.contact) | .contact)]
		elif .kind == "link" then [if .unlink then "end" elif .from then "move \(.from)" else "make" end,
			.object, .salesforce_id, .local_id, .why]
		else empty end | join(" ")'
}

# settle: every pair is linked and settled as it stands, and the sync has heard of all.
settle() {
	pairs "$@" >paired
	jq -c 'if .kind == "pair" and .local and .salesforce then
			. as $p | {"kind":"op","to":"salesforce","op":"none","object","id":.salesforce.Id,"local_object",
			"local_id":.local.id,"base":({"Email":"email","Phone":"phone"} | with_entries(.value |=
				{"salesforce":$p.salesforce[{"email":"Email","phone":"Phone"}[.]],"local":$p.local.fields[.]})),
			"result":{"ok":true}}
		elif .kind == "pair" then empty else . end' paired >settled
	tool store-apply <settled
	shown <paired
}

@test "pairs: by stored Salesforce id, by email in any spelling, and what has no counterpart" {
	apply "$(lead $L1 '"Email":"Ann@X.com"')" "$(lead $L2 '"Email":"bob@x.com"')" "$(lead $L3 '"Email":"eve@x.com"')" \
		"$(person 1 ' ann@x.com')" "$(person 2 other@x.com '"salesforce_id":"00Q000000000002"')" "$(person 3 new@x.com)"
	[ "$(pairs | shown)" = "Lead email $L1 1
Lead salesforce_id $L2 2
Lead - $L3 -
Lead - - 3" ]
	pairs >out
	[ "$(head -1 out | jq -c 'del(.linked)')" = '{"kind":"map","object":"Lead","local_object":"Person","create_salesforce":true,"as":"Lead"}' ]
	[ "$(sed -n 2p out)" = '{"kind":"pair","object":"Lead","local_object":"Person","paired_by":"email","salesforce":{"attributes":{"type":"Lead"},"Id":"'$L1'","SystemModstamp":"2026-11-20T15:00:11.000+0000","Email":"Ann@X.com"},"local":{"id":"1","salesforce_id":null,"fields":{"email":" ann@x.com"},"deleted":false},"base":{},"modified":{}}' ]
	[ "$(tail -1 out | jq -r .consumer)" = sync ]
}

@test "a linked pair comes once, whichever side changed, with the bases of both" {
	apply "$(lead $L1 '"Email":"a@x.com","Phone":"1"')" "$(person 1 a@x.com)"
	settle
	[ -z "$(pairs | shown)" ]
	apply "$(lead $L1 '"Phone":"2"')" "$(person 1 b@x.com)" "$(lead $L1 '"Phone":"3"')"
	run -0 pairs
	[ "$(shown <<<"$output")" = "Lead link $L1 1" ]
	[ "$(jq -c 'select(.kind == "pair").base' <<<"$output")" = '{"Email":{"salesforce":"a@x.com","local":"a@x.com"},"Phone":{"salesforce":"1","local":null}}' ]
	# behind the checkpoint it comes again; other lines pass
	tool store-query changes --consumer sync >in
	{ cat in; echo '{"kind":"call","id":"c1"}'; cat in; } | tool pair-records --map map.json >out
	[ "$(jq -r .kind out | sort | uniq -c | tr -s ' ' | tr '\n' ';')" = ' 1 call; 2 checkpoint; 1 map; 2 pair;' ]
}

@test "several of one email: the first goes with the first, the second with the second, either way round" {
	one=$(lead $L2 '"Email":"a@x.com","LastModifiedDate":"2026-11-01T00:00:00Z","CreatedDate":"2026-01-01T00:00:00Z"')
	two=$(lead $L1 '"Email":"a@x.com","LastModifiedDate":"2026-11-02T00:00:00Z","CreatedDate":"2026-02-01T00:00:00Z"')
	three=$(lead $L3 '"Email":"a@x.com","LastModifiedDate":"2026-11-03T00:00:00Z"')
	for order in one two; do
		rm -f store.db*
		case $order in
		one) apply "$two" "$one" "$three" "$(person 8 a@x.com)" "$(person 7 a@x.com)" ;;
		two) apply "$(person 8 a@x.com)" "$(person 7 a@x.com)" "$three" "$two" "$one" ;;
		esac
		[ "$(pairs | shown | LC_ALL=C sort)" = "Lead - $L3 -
Lead email $L1 8
Lead email $L2 7" ]
	done
	sed -i 's/"local":"Person"/&,"duplicates":"newest-created"/' map.json
	[ "$(pairs | shown | LC_ALL=C sort)" = "Lead - $L3 -
Lead email $L1 7
Lead email $L2 8" ]
}

@test "deleted, converted, person accounts and what is claimed by an Id are no match by email" {
	apply "$(lead $L1 '"Email":"a@x.com","IsDeleted":true')" "$(lead $L2 '"Email":"a@x.com","IsConverted":true')" \
		"$(record Contact $C1 '"Email":"a@x.com","IsPersonAccount":true')" "$(lead $L3 '"Email":"a@x.com"')" \
		"$(person 1 a@x.com)" "$(person 2 a@x.com "\"salesforce_id\":\"$L3\"")" "$(person 3 b@x.com "\"salesforce_id\":\"$L1\"")"
	run -0 --separate-stderr pairs -v
	# a contact has 1's email: no lead is made of it; 3 had a lead
	[ "$(shown <<<"$output" | LC_ALL=C sort)" = "Lead - - 1 $C1
Lead - - 3 had
Lead salesforce_id $L3 2" ]
	[[ "$stderr" == *"1 person accounts were left out"* ]]
}

@test "a local record of which no lead was made comes again when its contact goes or has another email" {
	apply "$(record Contact $C1 '"Email":"a@x.com","IsPersonAccount":true')" "$(record Contact $C2 '"Email":"b@x.com","IsPersonAccount":true')" \
		"$(person 1 a@x.com)" "$(person 2 b@x.com)"
	[ "$(settle)" = "Lead - - 1 $C1
Lead - - 2 $C2" ]
	apply "$(record Contact $C1 '"Email":"c@x.com"')" "$(record Contact $C2 '"IsDeleted":true')"
	[ "$(settle)" = "Lead - - 1
Lead - - 2" ]
}

@test "what waited for an email comes again when its counterpart goes before they were linked" {
	apply "$(lead $L1 '"Email":"a@x.com"')" "$(person 1 a@x.com)" "$(lead $L2 '"Email":"b@x.com"')" "$(person 2 b@x.com)" \
		"$(person 3 c@x.com)" "$(lead $L3 '"Email":"c@x.com"')"
	pairs | jq -c 'select(.kind == "checkpoint")' | tool store-apply # all four refused, say
	apply "$(lead $L1 '"IsDeleted":true')" "$(lead $L2 '"Email":"q@x.com"')" \
		'{"kind":"local","object":"Person","id":"3","deleted":true}'
	[ "$(pairs | shown)" = "Lead - - 1
Lead - $L2 -
Lead - - 2
Lead - $L3 -" ]
	pairs | jq -c 'select(.kind == "checkpoint")' | tool store-apply
	apply "$(lead $L3 '"IsConverted":true')" "$(person 1 z@x.com)"
	[ "$(pairs | shown)" = "Lead - - 1" ]
}

@test "a deletion ends the link and nothing is made again; an undeletion revives it with its bases" {
	apply "$(lead $L1 '"Email":"a@x.com"')" "$(person 1 a@x.com)"
	settle
	apply "$(lead $L1 '"IsDeleted":true')"
	[ "$(settle)" = "end Lead $L1 1 deleted in Salesforce" ]
	apply "$(person 1 b@x.com)"
	[ "$(settle)" = "Lead - - 1 had" ]
	apply "$(lead $L1 '"IsDeleted":false')"
	[ "$(pairs | jq -c 'select(.base).base.Email')" = '{"salesforce":"a@x.com","local":"a@x.com"}' ]
	[ "$(settle)" = "make Lead $L1 1 undeleted
Lead link $L1 1" ]
	# the same from the local side, where nothing is deleted in Salesforce
	apply '{"kind":"local","object":"Person","id":"1","deleted":true}'
	[ "$(settle)" = "end Lead $L1 1 deleted locally" ]
	apply "$(lead $L1 '"Phone":"9"')"
	[ "$(settle)" = "Lead - $L1 - had" ]
	apply "$(person 1 b@x.com)"
	[ "$(settle)" = "make Lead $L1 1 undeleted
Lead link $L1 1" ]
}

@test "a merge moves the link to the winner, through chains, whichever comes first" {
	apply "$(lead $L1 '"Email":"a@x.com"')" "$(person 1 a@x.com)"
	settle
	apply "$(lead $L3 '"Email":"c@x.com"')" "$(lead $L2 '"Email":"b@x.com","IsDeleted":true,"MasterRecordId":"00Q000000000003"')" \
		"$(lead $L1 "\"IsDeleted\":true,\"MasterRecordId\":\"$L2\"")"
	run -0 pairs
	[ "$(shown <<<"$output")" = "move $L1 Lead $L3 1 merged into $L3
Lead link $L3 1" ]
	[ "$(jq -c 'select(.base).base.Email' <<<"$output")" = '{"salesforce":"a@x.com","local":"a@x.com"}' ]
	settle
	[ "$(tool store-query links | jq -r '[.salesforce_id, .why // "lives"] | join(" ")')" = "$L3 lives
$L1 merged into $L3" ]
	apply "$(lead $L3 '"Phone":"1"')"
	[ "$(settle)" = "Lead link $L3 1" ]
}

@test "a winner that is linked already keeps its link, and the other local record is named" {
	apply "$(lead $L1 '"Email":"a@x.com"')" "$(lead $L2 '"Email":"b@x.com"')" "$(person 1 a@x.com)" "$(person 2 b@x.com)"
	settle
	apply "$(lead $L1 "\"IsDeleted\":true,\"MasterRecordId\":\"$L2\"")" "$(lead $L2 '"Phone":"1"')"
	run -0 --separate-stderr pairs -v
	[ "$(shown <<<"$output")" = "end Lead $L1 1 merged into $L2, which is linked to local 2
Lead link $L2 2" ]
	[[ "$stderr" == *"local 1: its Lead $L1 was merged into $L2, which is linked to local 2"* ]]
	settle
	# of two that were merged into a third the first brings its link
	apply "$(lead $L3 '"Email":"c@x.com"')" "$(person 3 c@x.com)"
	settle
	apply "$(record Lead 00Q000000000004EAA '"Email":"d@x.com"')" \
		"$(lead $L2 '"IsDeleted":true,"MasterRecordId":"00Q000000000004"')" \
		"$(lead $L3 '"IsDeleted":true,"MasterRecordId":"00Q000000000004"')"
	[ "$(settle)" = "move $L2 Lead 00Q000000000004EAA 2 merged into 00Q000000000004EAA
Lead link 00Q000000000004EAA 2
end Lead $L3 3 merged into 00Q000000000004EAA, which is linked to local 2" ]
}

@test "a conversion moves the link to the contact, with the bases of fields that both map alike" {
	apply "$(lead $L1 '"Email":"a@x.com","Phone":"1","Company":"X"')" "$(person 1 a@x.com)"
	settle
	apply "$(record Contact $C1 '"Email":"a@x.com","Phone":"1"')" \
		"$(lead $L1 "\"IsConverted\":true,\"ConvertedContactId\":\"$C1\"")"
	run -0 pairs
	[ "$(shown <<<"$output")" = "move $L1 Contact $C1 1 converted to contact $C1
Contact link $C1 1" ]
	[ "$(jq -c 'select(.kind == "link").fields, select(.base).base' <<<"$output")" = '["Email","Phone"]
{"Email":{"salesforce":"a@x.com","local":"a@x.com"},"Phone":{"salesforce":"1","local":null}}' ]
	settle
	# a contact that is linked already keeps its own; one that is not mapped ends the link
	apply "$(lead $L2 '"Email":"b@x.com"')" "$(person 2 b@x.com)"
	settle
	apply "$(lead $L2 "\"IsConverted\":true,\"ConvertedContactId\":\"$C1\"")"
	[ "$(settle)" = "end Lead $L2 2 converted to contact $C1, which is linked to local 1" ]
	apply "$(lead $L3 '"Email":"c@x.com"')" "$(person 3 c@x.com)"
	settle
	jq -c 'del(.Contact)' map.json >lead.json
	apply "$(lead $L3 "\"IsConverted\":true,\"ConvertedContactId\":\"$C2\"")"
	[ "$(tool store-query changes --consumer sync | tool pair-records --map lead.json | shown)" = "end Lead $L3 3 converted" ]
}

@test "who was found for one that this run gives to another comes again, and is not taken for one that had a link" {
	apply "$(lead $L1 '"Email":"a@x.com"')" "$(person 5 a@x.com)"
	settle
	apply '{"kind":"local","object":"Person","id":"5","deleted":true}'
	settle
	apply "$(person 5 a@x.com)" "$(person 2 a@x.com)"
	pairs >out
	[ "$(jq -c 'select(.kind == "op") | [.local_id, .result.errors[0].statusCode, .result.retry]' out)" = '["2","PAIRED_MEANWHILE",true]' ]
	[ "$(settle)" = "make Lead $L1 5 undeleted
Lead link $L1 5" ]
	[ "$(settle | tail -n 1)" = "Lead - - 2" ]
	[ -z "$(settle)" ]
}

@test "--only: what is left out is not done with: a conversion heard of through the contact moves the link" {
	apply "$(lead $L1 '"Email":"a@x.com"')" "$(person 1 a@x.com)"
	settle
	apply "$(lead $L1 "\"IsConverted\":true,\"ConvertedContactId\":\"$C1\"")" "$(record Contact $C1 '"Email":"a@x.com"')"
	run -0 pairs --only Contact
	[ "$(shown <<<"$output")" = "move $L1 Contact $C1 1 converted to contact $C1
Contact link $C1 1" ]
}

@test "a link that moves while its local record is deleted moves and ends, whichever comes first" {
	for first in lead person; do
		[ $first = lead ] || L1=$L2 C1=$C2
		apply "$(lead $L1 "\"Email\":\"$first@x.com\"")" "$(person $first $first@x.com)"
		settle
		converted=$(lead $L1 "\"IsConverted\":true,\"ConvertedContactId\":\"$C1\"")
		deleted='{"kind":"local","object":"Person","id":"'$first'","deleted":true}'
		[ $first = lead ] || apply "$deleted"
		apply "$(record Contact $C1 "\"Email\":\"$first@x.com\"")" "$converted"
		[ $first = person ] || apply "$deleted"
		[ "$(settle)" = "move $L1 Contact $C1 $first converted to contact $C1
end Contact $C1 $first deleted locally" ]
		[ -z "$(settle)" ]
		[ "$(tool store-query links | jq -r 'select(.local_id == "'$first'") | [.salesforce_id, .ended != null] | join(" ")' | sort)" = "$C1 true
$L1 true" ]
		apply "$(person $first $first@x.com)"
		[ "$(settle)" = "make Contact $C1 $first undeleted
Contact link $C1 $first" ]
	done
}

@test "a changed email that now is another's ends the link and pairs anew; one linked by hand stays" {
	apply "$(lead $L1 '"Email":"a@x.com"')" "$(person 1 a@x.com)" "$(lead $L2 '"Email":"b@x.com"')"
	settle
	apply "$(person 1 c@x.com)" # nobody's: the link stays
	[ "$(pairs | shown)" = "Lead link $L1 1" ]
	apply "$(person 1 b@x.com)"
	[ "$(settle)" = "end Lead $L1 1 its email became that of Lead $L2
Lead - $L1 - had
Lead email $L2 1" ]
	apply "$(person 9 z@x.com)" "$(lead $L2 '"Email":"z@x.com"')"
	[ "$(settle)" = "end Lead $L2 1 its email became that of local Person 9
Lead email $L2 9
Lead - - 1 had" ]
	apply '{"kind":"link","object":"Lead","salesforce_id":"'$L3'","local_object":"Person","local_id":"1"}' \
		"$(lead $L3 '"Email":"b@x.com"')"
	settle
	apply "$(person 4 q@x.com)" "$(lead $L3 '"Email":"q@x.com"')"
	[ "$(pairs | shown | sort)" = "Lead - - 4
Lead link $L3 1" ]
}

@test "what a person parted no rule pairs again" {
	apply "$(lead $L1 '"Email":"a@x.com"')" "$(person 1 a@x.com)"
	settle
	apply '{"kind":"link","object":"Lead","salesforce_id":"'$L1'","local_object":"Person","local_id":"1","unlink":true}' \
		"$(person 1 a@x.com '"modified":"2026-11-20T15:00:00Z","salesforce_id":"'$L2'"')" "$(lead $L1 '"Phone":"1"')"
	[ "$(settle)" = "Lead - - 1 had
Lead - $L1 - had" ]
	apply '{"kind":"link","object":"Lead","salesforce_id":"'$L1'","local_object":"Person","local_id":"1"}'
	[ "$(settle)" = "Lead link $L1 1" ]
}

@test "modified tells when others changed a record last" {
	apply "$(lead $L1 '"Email":"a@x.com","LastModifiedDate":"2026-11-20T10:00:00Z"')" "$(person 1 a@x.com '"modified":"2026-11-20T11:00:00Z"')"
	settle
	apply '{"kind":"op","to":"salesforce","op":"update","object":"Lead","id":"'$L1'","local_object":"Person","local_id":"1","fields":{"Phone":"2"},"result":{"ok":true}}'
	apply "$(lead $L1 '"Phone":"2","LastModifiedDate":"2026-11-20T12:00:00Z"')"
	[ "$(pairs | jq -c 'select(.modified).modified')" = '{"salesforce":"2026-11-20T10:00:00Z","local":"2026-11-20T11:00:00Z"}' ]
	apply "$(lead $L1 '"Phone":"3","LastModifiedDate":"2026-11-20T13:00:00Z"')"
	[ "$(pairs | jq -r 'select(.modified).modified.salesforce')" = 2026-11-20T13:00:00Z ]
}

@test "run_as owner: whom OwnerId names, mapped, by default or as it is, if that is an active user" {
	apply '{"attributes":{"type":"User"},"Id":"005000000000001AAA","Username":"rep@us.example","IsActive":true}' \
		'{"attributes":{"type":"User"},"Id":"005000000000002AAA","Username":"gone@us.example","IsActive":false}' \
		"$(person 1 a@x.com)" "$(person 2 b@x.com | sed 's/"email"/"owner":"005000000000001","email"/')" \
		"$(person 3 c@x.com | sed 's/"email"/"owner":"005000000000002AAA","email"/')"
	# owners FIELD DEFAULT
	owners() {
		jq -c '.Lead.create.salesforce += {"run_as":"owner","fields":{"OwnerId":'"$2"'}} | .Lead.fields += ['"$1"']' map.json >owner.json
		tool store-query changes --consumer sync | tool pair-records --map owner.json |
			jq -r 'select(.kind == "pair") | "\(.local.id) \(.owner)"' | tr '\n' ' '
	}
	[ "$(owners '' '{"local":"owner"}')" = '1 null 2 rep@us.example 3 null ' ]
	[ "$(owners '' '"005000000000001AAA"')" = '1 rep@us.example 2 rep@us.example 3 rep@us.example ' ]
	[ "$(owners '{"salesforce":"OwnerId","local":"owner"}' '"005000000000001AAA"')" = '1 rep@us.example 2 rep@us.example 3 null ' ]
	[ "$(owners '{"salesforce":"OwnerId","local":"owner","direction":"pull"}' '{"local":"owner"}')" = '1 null 2 rep@us.example 3 null ' ]
	[ "$(owners '{"salesforce":"OwnerId","local":"owner","direction":"pull"}' '"005000000000001AAA"')" = '1 rep@us.example 2 rep@us.example 3 rep@us.example ' ]
}

@test "a switch of creation is refused while there are records, 78, and taken when a person says so" {
	apply "$(person 1 a@x.com)" "$(person 2 b@x.com)"
	settle
	sed 's/"salesforce":{"require":\["Email"\]}/"salesforce":false/' map.json >off.json
	run -78 --separate-stderr tool pair-records --map off.json </dev/null
	[[ "$stderr" == *"Lead: create.salesforce was switched off while there are 2 local records (1, 2)"*--accept-switch* ]]
	run -0 tool pair-records --map off.json --accept-switch </dev/null
	apply '{"kind":"map","object":"Lead","create_salesforce":true,"as":"Opportunity"}'
	run -78 --separate-stderr pairs
	[[ "$stderr" == *"new records are now created as Lead, no longer as Opportunity"*--accept-switch* ]]
}

@test "bad lines, a full disk, misuse, --help" {
	run -65 --separate-stderr tool pair-records --map map.json <<-'JSON'
	{"kind":"change","seq":1}
	{"kind":"change","side":"salesforce","object":"Lead","id":"12"}
	{"kind":"change","side":"salesforce","object":"Account","id":"12"}
	{"kind":"change","side":"calls","object":"call","id":"12"}
	{"kind":"call","id":"c1"}
	JSON
	[ "$output" = '{"kind":"call","id":"c1"}' ]
	[ "$(grep -c '^pair-records: stdin:[12]: change: ' <<<"$stderr")" -eq 2 ]
	run -74 --separate-stderr bash -c 'echo "{\"kind\":\"call\"}" | "$BUILD"/pair-records --map map.json >/dev/full'
	run -64 tool pair-records </dev/null
	run -64 tool pair-records --map map.json x </dev/null
	run -78 tool pair-records --map none.json </dev/null
	run -0 tool pair-records --help
	[[ "$output" == "usage: pair-records"*--map* ]]
}
