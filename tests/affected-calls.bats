#!/usr/bin/env bats
# shellcheck disable=SC2154 # stderr is set by bats
# affected-calls: a change leads to the calls whose associations it changes, and to no other.
# affected-property.py does the same at random.

bats_require_minimum_version 1.5.0
load helper

ACME=001000000000001AAA
NEW=001000000000002AAA
JANE=003000000000001AAA
BOB=003000000000002AAA
LEAD=00Q000000000001EAA
DEAL=006000000000001AAA

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export SFPIPE_STORE=$PWD/store.db
	stamp=0
}

# record TYPE ID MEMBERS: a record line, each newer than the one before.
record() {
	printf '{"attributes":{"type":"%s"},"Id":"%s","SystemModstamp":"2026-11-20T10:%02d:%02dZ"%s}\n' \
		"$1" "$2" $((stamp / 60)) $((stamp % 60)) "${3:+,$3}"
}

put() {
	stamp=$((stamp + 1))
	record "$@" | tool store-apply
}

call() { # call ID EMAIL [MEMBERS]
	printf '{"kind":"call","id":"%s","start":"2026-11-20T15:00:00Z","participants":[{"email":"%s"}]%s}\n' \
		"$1" "$2" "${3:+,$3}"
}

# store_calls [OPTION...] < calls
store_calls() {
	tool associate-call "$@" | tool store-apply
}

# What changes name, a line each: its ids.
named() {
	tool store-query changes --consumer calls | tool affected-calls "$@" | jq -r 'select(.kind != "checkpoint") | .id'
}

settle() {
	tool store-query changes --consumer calls | tool affected-calls | tool associate-call "$@" | tool store-apply
}

associated() { # associated ID: what the stored call is associated with
	tool store-query calls --id "$1" | jq -r '.associations[] | .object + " " + .id' | paste -sd,
}

# Jane of Acme, known by her address; c1 with her, c2 with somebody else there, c3 far from all.
acme() {
	put Account $ACME '"Name":"Acme"'
	put Contact $JANE '"AccountId":"'$ACME'","Email":"jane@acme.com","Phone":"+14155550100","LastModifiedDate":"2026-01-01T00:00:00Z"'
	{
		call c1 jane@acme.com
		call c2 eve@acme.com
		call c3 x@far.example
	} | store_calls
	settle
}

@test "a call comes as it is stored, with the seq of its last change; the checkpoint passes" {
	acme
	put Account $ACME '"Name":"Acme Inc"'
	tool store-query calls --id c1 >want
	tool store-query changes --consumer calls >changes
	run -0 tool affected-calls <changes
	[ "${#lines[@]}" -eq 3 ]
	seq=$(sqlite3 store.db "SELECT seq FROM call WHERE id = 'c1'")
	[ "${lines[0]}" = "$(sed "s/}\$/,\"stored\":$seq}/" want)" ]
	[ "${lines[2]}" = "$(tail -1 changes)" ]
}

@test "a contact: by address, domain and number, before and now; by its account" {
	acme
	put Contact $JANE '"Email":"jane@new.io"'
	[ "$(named | paste -sd' ')" = 'c1 c2' ]
	settle
	[ "$(associated c1)" = '' ]
	put Contact $JANE '"Email":"jane@acme.com"'
	settle
	[ "$(associated c2)" = "VirtualContact virtual:eve@acme.com,Account $ACME" ]
	put Contact $JANE '"AccountId":null'
	[ "$(named | paste -sd' ')" = 'c1 c2' ]
	call c4 z@far.example '"attendees":[]' | sed 's/"email":"z@far.example"/&,"phone":"+14155550199"/' | store_calls
	put Contact $JANE '"OtherPhone":"+1 415 555 0199"'
	[ "$(named | paste -sd' ')" = 'c1 c2 c4' ]
}

@test "another address of the same domain, and another date among duplicates" {
	acme
	call c5 janet@acme.com | store_calls
	put Contact $JANE '"Email":"janet@acme.com"'
	[ "$(named | paste -sd' ')" = 'c1 c5' ]
	settle
	put Contact $BOB '"Email":"janet@acme.com","LastModifiedDate":"2026-02-01T00:00:00Z","CreatedDate":"2026-01-02T00:00:00Z"'
	[ "$(named)" = '' ]
	settle
	put Contact $BOB '"LastModifiedDate":"2025-02-01T00:00:00Z"'
	[ "$(named)" = c5 ]
	settle
	put Contact $BOB '"CreatedDate":"2026-01-03T00:00:00Z"'
	[ "$(named)" = '' ]
}

@test "a lead: by address, domain and number, before and now" {
	put Lead $LEAD '"Email":"jane@new.io","Company":"New","IsConverted":false,"LastModifiedDate":"2026-01-01T00:00:00Z"'
	{
		call c1 jane@new.io
		call c2 eve@new.io
		call c3 jo@new.io
		call c4 x@old.io
		call c5 '' | sed 's/"email":""/"phone":"+14155550101"/'
	} | store_calls
	settle
	[ "$(associated c2)" = 'VirtualLead virtual:eve@new.io' ]
	put Lead $LEAD '"Email":"jo@new.io"'
	[ "$(named | paste -sd' ')" = 'c1 c3' ]
	settle
	put Lead $LEAD '"Company":"Newer"'
	[ "$(named | paste -sd' ')" = 'c1 c2' ]
	settle
	put Lead $LEAD '"Email":"jane@old.io"'
	[ "$(named | sort | paste -sd' ')" = 'c1 c2 c3 c4' ]
	settle
	put Lead $LEAD '"MobilePhone":"+1 415 555 0101"'
	[ "$(named)" = c5 ]
	put Lead 00Q000000000002EAA '"Email":"x@old.io","LastModifiedDate":"2026-01-02T00:00:00Z"'
	[ "$(named | paste -sd' ')" = 'c5 c4' ]
}

@test "a number in national form, once the region is known" {
	put Contact $JANE '"Phone":"(415) 555-0100"'
	call c1 x@far.example | sed 's/"email":"x@far.example"/&,"phone":"+14155550100"/' | store_calls
	settle
	[ "$(named)" = '' ]
	tool store-apply --region US </dev/null
	[ "$(named)" = c1 ]
}

@test "what makes no difference names nobody" {
	acme
	put Contact $JANE '"Title":"CEO"'
	put Contact $JANE '"LastModifiedDate":"2026-02-01T00:00:00Z"'
	[ "$(named)" = '' ]
	# all of the domain match exactly, or know the account already
	put Contact $BOB '"AccountId":"'$ACME'","Email":"bob@acme.com"'
	[ "$(named)" = '' ]
	put Account $NEW '"Name":"New"'
	[ "$(named)" = '' ]
	settle
	put Opportunity $DEAL '"AccountId":"'$ACME'","IsClosed":false,"CreatedDate":"2026-11-20T14:00:00Z"'
	[ "$(named | paste -sd' ')" = 'c1 c2' ]
	settle
	# further away than what was chosen by
	put Event 00U000000000001 '"WhatId":"'$DEAL'","StartDateTime":"2026-11-20T13:00:00Z"'
	[ "$(named)" = '' ]
	put Event 00U000000000001 '"StartDateTime":"2026-11-20T14:59:00Z"'
	[ "$(named | paste -sd' ')" = 'c1 c2' ]
}

@test "deleted, back, merged; an account that was only named gets its name" {
	put Contact $JANE '"AccountId":"'$ACME'","Email":"jane@acme.com"'
	call c1 jane@acme.com | store_calls
	settle
	put Account $ACME '"Name":"Acme"'
	[ "$(named)" = c1 ]
	settle
	put Account $ACME '"IsDeleted":true'
	[ "$(named)" = c1 ]
	settle
	[ "$(associated c1)" = "Contact $JANE" ]
	put Account $ACME '"IsDeleted":false'
	settle
	[ "$(associated c1)" = "Contact $JANE,Account $ACME" ]
	put Contact $BOB '"AccountId":"'$ACME'"'
	put Contact $JANE '"IsDeleted":true,"MasterRecordId":"'$BOB'"'
	settle --keep
	[ "$(associated c1)" = "Contact $BOB,Account $ACME" ]
}

@test "a lead that is converted: its calls gain the contact and the account, and keep the lead" {
	put Lead $LEAD '"Email":"jane@acme.com","Company":"Acme","IsConverted":false'
	call c1 jane@acme.com | store_calls
	settle
	[ "$(associated c1)" = "Lead $LEAD" ]
	put Account $ACME '"Name":"Acme"'
	put Contact $JANE '"AccountId":"'$ACME'"'
	put Lead $LEAD '"IsConverted":true,"ConvertedAccountId":"'$ACME'","ConvertedContactId":"'$JANE'"'
	settle --keep
	[ "$(associated c1)" = "Lead $LEAD,Contact $JANE,Account $ACME" ]
}

@test "somebody virtual becomes real: the calls get the contact, and the virtual record names it" {
	acme
	[ "$(associated c2)" = "VirtualContact virtual:eve@acme.com,Account $ACME" ]
	[ "$(sqlite3 store.db "SELECT id, record_id FROM virtual_record")" = 'virtual:eve@acme.com|' ]
	put Contact $BOB '"Email":"Eve@acme.com","AccountId":"'$ACME'"'
	[ "$(named)" = c2 ]
	settle --keep
	[ "$(associated c2)" = "Contact $BOB,Account $ACME" ]
	[ "$(sqlite3 store.db "SELECT id, record_id FROM virtual_record")" = "virtual:eve@acme.com|$BOB" ]
	put Contact $BOB '"IsDeleted":true'
	settle
	[ "$(sqlite3 store.db "SELECT id, record_id FROM virtual_record")" = 'virtual:eve@acme.com|' ]
}

@test "what --keep keeps stands for nobody who is virtual now" {
	acme
	put Account $NEW '"Name":"New"'
	put Contact $BOB '"Email":"bob@acme.com","AccountId":"'$NEW'"'
	put Contact $JANE '"Email":"jane@other.example"'
	settle --keep
	[ "$(associated c1)" = "VirtualContact virtual:jane@acme.com,Account $NEW,Contact $JANE,Account $ACME" ]
	put Contact $JANE '"IsDeleted":true,"MasterRecordId":"'$BOB'"'
	settle --keep
	[ "$(associated c1)" = "VirtualContact virtual:jane@acme.com,Account $NEW,Contact $BOB,Account $ACME" ]
	[ "$(sqlite3 store.db "SELECT record_id FROM virtual_record WHERE email = 'jane@acme.com'")" = '' ]
}

@test "opportunities by accounts, and with priority by roles; the owner by User" {
	acme
	rules=(--opportunity priority --owned-by-organizer)
	call c4 jane@acme.com '"organizer":"rep@us.example"' | store_calls "${rules[@]}"
	put User 005000000000001AAA '"Email":"old@us.example"'
	put Opportunity $DEAL '"IsClosed":false,"CreatedDate":"2026-11-20T14:00:00Z","OwnerId":"005000000000001AAA"'
	put OpportunityContactRole 00K000000000001 '"OpportunityId":"'$DEAL'","ContactId":"'$JANE'"'
	settle
	[ "$(named "${rules[@]}")" = '' ]
	put User 005000000000001AAA '"Email":"rep@us.example"'
	[ "$(named "${rules[@]}")" = c4 ]
	put OpportunityContactRole 00K000000000001 '"IsDeleted":true'
	[ "$(named "${rules[@]}")" = '' ]
}

@test "an opportunity's history, Tasks and Events: those that are closer, move, or go" {
	acme
	moved() { # moved TYPE ID MEMBERS: changes both calls of the account
		put "$@"
		named | paste -sd' ' | diff - <(echo 'c1 c2')
		settle
	}
	open='"AccountId":"'$ACME'","IsClosed":false'
	moved Opportunity $DEAL "$open"',"CreatedDate":"2026-11-18T15:00:00Z"'
	put Opportunity 006000000000002 "$open"',"CreatedDate":"2026-11-01T15:00:00Z"'
	[ "$(named)" = '' ]
	second='"OpportunityId":"006000000000002"'
	moved OpportunityFieldHistory 017000000000001 "$second"',"CreatedDate":"2026-11-19T01:00:00Z"'
	moved OpportunityFieldHistory 017000000000001 '"OpportunityId":"'$DEAL'","CreatedDate":"2026-11-19T01:00:00Z"'
	moved OpportunityHistory 008000000000001 "$second"',"CreatedDate":"2026-11-19T02:00:00Z"'
	moved OpportunityHistory 008000000000001 '"IsDeleted":true'
	moved Task 00T000000000001 '"WhatId":"006000000000002","ActivityDate":"2026-11-20"'
	moved Task 00T000000000001 '"WhatId":"'$DEAL'"'
	moved Event 00U000000000001 '"WhatId":"006000000000002","StartDateTime":"2026-11-20T03:00:00Z"'
	moved Event 00U000000000001 '"WhatId":"'$DEAL'"'
	moved Event 00U000000000001 '"WhatId":null'
	moved Opportunity $DEAL '"IsClosed":true'
	moved Opportunity 006000000000002 '"AccountId":null'
	put OpportunityHistory 008000000000002 "$second"',"CreatedDate":"2026-11-20T15:00:00Z"'
	[ "$(named)" = '' ]
}

@test "priority: by the account, the contact, the contacts of roles" {
	acme
	rules=(--opportunity priority)
	priority() { # priority CALLS TYPE ID MEMBERS
		put "${@:2}"
		named "${rules[@]}" | paste -sd' ' | diff - <(echo "$1")
		tool store-query changes --consumer calls | tool affected-calls "${rules[@]}" |
			tool associate-call "${rules[@]}" | tool store-apply
	}
	priority 'c1 c2' Opportunity $DEAL '"AccountId":"'$ACME'","IsClosed":true,"CloseDate":"2026-11-21","CreatedDate":"2026-11-01T00:00:00Z"'
	priority '' Opportunity $DEAL '"LastModifiedDate":"2026-11-20T15:00:00Z"'
	priority 'c1' Opportunity 006000000000002 '"ContactId":"'$JANE'","IsClosed":false,"CreatedDate":"2026-11-02T00:00:00Z"'
	priority '' Opportunity 006000000000003 '"IsClosed":true,"CloseDate":"2026-11-21","CreatedDate":"2026-11-03T00:00:00Z"'
	priority 'c1' OpportunityContactRole 00K000000000001 '"OpportunityId":"006000000000003","ContactId":"'$JANE'"'
	priority 'c1' Opportunity 006000000000003 '"CloseDate":"2026-11-19"'
	priority 'c1' Opportunity 006000000000003 '"CloseDate":"2026-11-22"'
	priority 'c1' OpportunityContactRole 00K000000000001 '"ContactId":"'$BOB'"'
}

@test "--activities: a Task by its CallObject, an Event by its time" {
	put Account $ACME '"Name":"Acme"'
	put User 005000000000001AAA '"Email":"rep@us.example"'
	call c1 x@far.example '"organizer":"rep@us.example"' | store_calls --activities
	call c2 x@far.example | store_calls --activities
	settle
	put Task 00T000000000001 '"CallObject":"c2","WhatId":"'$ACME'"'
	[ "$(named --activities)" = c2 ]
	put Event 00U000000000001 '"StartDateTime":"2026-11-20T15:04:00Z","WhatId":"'$ACME'","OwnerId":"005000000000001AAA"'
	[ "$(named --activities | paste -sd' ')" = 'c2 c1' ]
	[ "$(named)" = '' ]
	[ "$(named --activities --activity-window 3m)" = c2 ]
	activities() { # activities CALLS TYPE ID MEMBERS
		tool store-query changes --consumer calls | tool affected-calls --activities |
			tool associate-call --activities | tool store-apply
		put "${@:2}"
		named --activities | paste -sd' ' | diff - <(echo "$1")
	}
	activities 'c1' Event 00U000000000001 '"StartDateTime":"2026-11-20T15:06:00Z"'
	activities 'c1 c2' Task 00T000000000001 '"CallObject":"c1"'
	activities 'c1' Task 00T000000000001 '"IsDeleted":true'
}

@test "--activities: what an account's Tasks and Events are is not looked for among all there are" {
	acme
	for i in $(seq -w 6000); do
		record Task "00T00000000${i}" '"Subject":"A Task of which there are thousands","CallObject":"call '"$i"'"'
		record Event "00U00000000${i}" '"Subject":"An Event of which there are thousands","StartDateTime":"2026-11-20T10:00:00Z"'
	done | tool store-apply
	settle
	put Account $ACME '"IsDeleted":true'
	tool store-query changes --consumer calls >changes
	[ "$(bytes_read affected-calls --activities <changes)" -lt 1000000 ]
}

@test "a User: who is internal, and whose domain" {
	acme
	call c4 eve@acme.com '"organizer":"rep@acme.com"' | store_calls
	settle
	put User 005000000000001AAA '"Email":"jane@acme.com"'
	[ "$(named)" = c1 ]
	put User 005000000000002AAA '"Email":"rep@acme.com"'
	[ "$(named | paste -sd' ')" = 'c1 c4' ]
	[ "$(named --internal-domain none | paste -sd' ')" = c1 ]
	# c4 is among colleagues now: their domain leads to it no more
	settle
	put Contact $JANE '"AccountId":null'
	[ "$(named)" = c2 ]
}

# back TYPE ID CALLS [OPTION...]: deleted, the calls lose something; back, they are named.
back() {
	local type=$1 id=$2 calls=$3
	shift 3
	put "$type" "$id" '"IsDeleted":true'
	named "$@" | sort | paste -sd, | diff - <(echo "$calls")
	settle "$@"
	put "$type" "$id" '"IsDeleted":false'
	named "$@" | sort | paste -sd, | diff - <(echo "$calls")
	settle "$@"
	[ "$(named "$@")" = '' ]
}

@test "what was deleted comes back: by hand, of whom it is, what became it, the activity that names it" {
	options=(--activities --opportunity priority)
	settle() {
		tool store-query changes --consumer calls | tool affected-calls "$@" | tool associate-call "$@" | tool store-apply
	}
	put Account $ACME '"Name":"Acme"'
	put Account $NEW '"Name":"New"'
	put Contact $JANE '"AccountId":"'$ACME'","Phone":"+14155550101","Email":"jane@gmail.com"'
	put Contact 003000000000003AAA '"AccountId":"'$ACME'","Email":"jo@acme.example"'
	put Contact $BOB '"Name":"Bob"'
	put Lead $LEAD '"Phone":"+14155550102","IsConverted":true,"ConvertedAccountId":"'$NEW'","ConvertedContactId":"'$BOB'"'
	put Opportunity $DEAL '"AccountId":"'$NEW'","IsClosed":false,"CreatedDate":"2026-11-20T14:00:00Z"'
	put User 005000000000001AAA '"Email":"rep@us.example"'
	put Task 00T000000000001 '"CallObject":"task o","WhatId":"'$DEAL'"'
	put Task 00T000000000002 '"CallObject":"task b","WhoId":"'$BOB'"'
	put Task 00T000000000003 '"CallObject":"task a","WhatId":"'$ACME'"'
	put Task 00T000000000004 '"CallObject":"task l","WhoId":"'$LEAD'"'
	event() { # event N MEMBERS: on the day of the call "event N"
		put Event "00U0000000000$1" '"StartDateTime":"2026-11-'"$1"'T15:04:00Z","OwnerId":"005000000000001AAA",'"$2"
		call "event $1" x@far.example '"organizer":"rep@us.example"' | sed "s/2026-11-20/2026-11-$1/" >>events
	}
	event 21 '"WhatId":"'$DEAL'"'
	event 22 '"WhoId":"'$BOB'"'
	event 23 '"WhatId":"'$ACME'"'
	event 24 '"WhoId":"'$LEAD'"'
	{
		cat events
		call number '' | sed 's/"email":""/"phone":"+14155550101"/'
		call lead '' | sed 's/"email":""/"phone":"+14155550102"/'
		call domain new@acme.example
		call 'hand a' x@far.example '"manual":[{"object":"Account","id":"'$ACME'"}]'
		call 'hand c' x@far.example '"manual":[{"object":"Contact","id":"'$JANE'"}]'
		call 'hand l' x@far.example '"manual":[{"object":"Lead","id":"'$LEAD'"}]'
		call 'hand o' x@far.example '"manual":[{"object":"Opportunity","id":"'$DEAL'"}]'
		for name in o b a l; do call "task $name" x@far.example; done
	} | store_calls "${options[@]}"
	settle "${options[@]}"
	back Account $ACME 'domain,event 23,hand a,number,task a' "${options[@]}"
	back Account $NEW 'event 21,hand o,lead,task o' "${options[@]}"
	back Contact $JANE 'hand c,number' "${options[@]}"
	back Contact $BOB 'event 22,lead,task b' "${options[@]}"
	back Lead $LEAD 'event 24,hand l,lead,task l' "${options[@]}"
	back Opportunity $DEAL 'event 21,hand o,lead,task o' "${options[@]}"
}

@test "emails that are held are found as calls are" {
	put Account $ACME '"Name":"Acme"'
	echo '{"kind":"email","id":"<m1@x>","date":"2026-11-20T15:00:00Z","from":{"email":"jane@acme.com"},"held":true}' | store_calls
	settle
	put Contact $JANE '"AccountId":"'$ACME'","Email":"jane@acme.com"'
	[ "$(named)" = '<m1@x>' ]
}

@test "each call once until the checkpoint, and again behind it" {
	acme
	put Account $ACME '"Name":"Acme Inc"'
	put Contact $JANE '"AccountId":null'
	tool store-query changes --consumer calls >changes
	run -0 bash -c 'cat changes changes | "$BUILD"/affected-calls | jq -r ".id // .kind" | paste -sd" "'
	[ "$output" = 'c1 c2 checkpoint c1 c2 checkpoint' ]
}

@test "a feed without checkpoints: a newer change names the call again" {
	acme
	mkfifo in
	exec 9<>in
	tool affected-calls <in >out 3>&- 9>&- &
	put() { # the change itself, as store-apply tells of it
		stamp=$((stamp + 1))
		record "$@" | tool store-apply --changes >&9
	}
	put Account $ACME '"Name":"Acme Inc"'
	for _ in $(seq 100); do
		[ "$(wc -l <out)" -ge 2 ] && break
		sleep 0.05
	done
	# while it waits, soon, it holds no transaction: the log can be emptied
	for _ in $(seq 100); do
		emptied=$(sqlite3 store.db 'PRAGMA wal_checkpoint(TRUNCATE)')
		[ "$emptied" != '0|0|0' ] || break
		sleep 0.05
	done
	[ "$emptied" = '0|0|0' ]
	put Account $ACME '"Name":"Acme Corp"'
	exec 9>&-
	wait
	[ "$(jq -r .id out | paste -sd' ')" = 'c1 c2 c1 c2' ]
}

@test "what is owed: a call comes in any case, a record is taken as changed in everything" {
	acme
	owe() {
		sqlite3 store.db "INSERT INTO owed (consumer, side, object, id, why) VALUES ('calls', '$1', '$2', '$3', 'x')"
	}
	owe calls call c3
	owe calls call gone
	owe salesforce Contact $JANE
	[ "$(named)" = c3 ]
	sqlite3 store.db "UPDATE contact SET account_id = NULL" # what nobody was told of
	[ "$(named | paste -sd' ')" = 'c3 c1 c2' ]
	settle
	[ "$(named)" = '' ]
}

@test "a contact that is stored while a call is processed is found by the next run" {
	acme
	call c4 new@new.io | tool associate-call >c4
	put Contact $BOB '"Email":"new@new.io"'
	settle
	tool store-apply <c4
	[ "$(named)" = c4 ]
	settle
	[ "$(associated c4)" = "Contact $BOB" ]
	# a call that is stored anew in the meantime is left as it is, and looked at again
	put Contact $BOB '"Email":"other@new.io"'
	tool store-query changes --consumer calls | tool affected-calls | tool associate-call >late
	call c4 jane@acme.com | store_calls
	tool store-apply <late
	[ "$(associated c4)" = "Contact $JANE,Account $ACME" ]
	[ "$(named)" = c4 ]
}

@test "an application that shows calls hears what came and what went" {
	acme
	tool store-apply --add screen
	tool store-query changes --consumer screen | tail -1 | tool store-apply
	put Contact $BOB '"Email":"eve@acme.com"'
	settle
	[ "$(tool store-query changes --consumer screen | jq -c 'select(.side == "calls") | [.object, .id, .added, .removed]')" = \
		'["call","c2",[{"object":"Contact","id":"'$BOB'"}],[{"object":"VirtualContact","id":"virtual:eve@acme.com"}]]' ]
}

@test "a Task of ours that the store hears of late counts no longer" {
	put Account $ACME '"Name":"Acme"'
	call c1 x@far.example | store_calls --activities
	put Task 00T000000000001 '"CallObject":"c1","WhatId":"'$ACME'"'
	[ "$(named --activities)" = c1 ]
	tool store-query changes --consumer calls | tool affected-calls --activities | tool associate-call --activities | tool store-apply
	[ "$(associated c1)" = "Account $ACME" ]
	echo '{"kind":"op","to":"salesforce","op":"none","object":"Task","id":"00T000000000001","local_object":"call","local_id":"c1","fields":{"CallObject":"c1","WhatId":"'$ACME'"},"result":{"ok":true,"id":"00T000000000001","created":false}}' |
		tool store-apply
	[ "$(named --activities)" = c1 ]
}

@test "other lines pass, bad ones are named, 65" {
	acme
	run -65 --separate-stderr tool affected-calls <<-'JSON'
	{"kind":"call","id":"c9"}
	{"kind":"change","seq":1,"side":"calls","object":"call","id":"c1","fields":["subject"],"before":{},"after":{}}
	{"kind":"change","seq":1,"side":"salesforce","object":"Contact","id":"12","fields":["Email"],"before":{},"after":{}}
	{"kind":"change","seq":1,"side":"salesforce","id":"003000000000001","fields":["Email"],"before":{},"after":{}}
	{"kind":"change","seq":1,"side":"salesforce","object":"Thing__c","id":"a00000000000001","fields":["X"],"before":{},"after":{}}
	nonsense
	JSON
	[ "${#lines[@]}" -eq 2 ]
	[[ "${stderr_lines[0]}" == 'affected-calls: stdin:3: change: id is no Salesforce Id' ]]
	[[ "${stderr_lines[1]}" == 'affected-calls: stdin:4: change without object' ]]
	[[ "${stderr_lines[2]}" == 'affected-calls: stdin:6: '* ]]
}

@test "a store that is not there is empty, a full disk is 74, misuse 64, --help 0" {
	run -0 tool affected-calls -s none.db <<<'{"kind":"change","seq":1,"side":"salesforce","object":"Contact","id":"003000000000001","fields":[],"before":null,"after":{}}'
	[ "$output" = '' ]
	run -74 bash -c 'echo "{\"kind\":\"checkpoint\"}" | "$BUILD"/affected-calls >/dev/full'
	run -64 tool affected-calls --keep
	run -64 tool affected-calls file
	run -78 tool affected-calls --rules none.json
	run -0 tool affected-calls --help
	[[ "${lines[0]}" == 'usage: affected-calls '* ]]
	run -0 tool affected-calls --version
}

@test "random changes: every call is as if it were associated anew, and none is named in vain" {
	SEEDS=${SEEDS:-1-10} run -0 python3 -B "$TOP/tests/affected-property.py"
	[[ "$output" == *' passed, 0 failed' ]]
}
