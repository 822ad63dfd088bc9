#!/usr/bin/env bats
# What goes wrong on the way to Salesforce and back: each fault of the stand-in in turn, and random
# mixtures. After the next good runs the store holds what the org holds, nothing was created twice,
# and one more run changes nothing. SEEDS="1 2 3" draws the mixtures.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # bats runs each test in a shell of its own

load helper
load compare

DEMO=$BATS_TEST_DIRNAME/fixtures/demo
SEEDS=${SEEDS:-1 2 3}

setup() {
	export SFPIPE_STORE=$BATS_TEST_TMPDIR/store.db
	cd "$BATS_TEST_TMPDIR" || return 1
	STANDIN_TOKEN='00Dxx0000000001!standin'
}

teardown() {
	standin_stop
}

# fault SPEC...: these, and no others.
fault() {
	control faults "$(jq -nc '{clear: true, faults: $ARGS.positional}' --args "$@")"
}

# A token for each time it is asked.
login() {
	cat >login <<-END
	#!/bin/sh
	exec curl -s --noproxy '*' -d grant_type=client_credentials -u standin-client:standin-secret \
		$URL/services/oauth2/token
	END
	chmod +x login
	unset SF_ACCESS_TOKEN
}

# pull [OPTION...]: its own status; store-apply takes whatever comes.
pull() {
	local pipe
	tool sf-pull --token-command ./login --timeout 3s "$@" 2>pull.err | tool store-apply --changes >changes
	pipe=("${PIPESTATUS[@]}")
	[ "${pipe[1]}" -eq 0 ] || return 1
	return "${pipe[0]}"
}

push() {
	tool sf-push --token-command ./login --timeout 3s "$@" <ops >pushed 2>push.err
}

# status_in STATUSES COMMAND...: one of them is its status.
status_in() {
	local status=0
	"${@:2}" || status=$?
	[[ " $1 " == *" $status "* ]] || {
		echo "${*:2}: status $status, not $1"
		cat ./*.err
		return 1
	}
}

# happen NAME: people work in the org; one transaction commits late.
happen() {
	control records "$(jq -c --arg name "$1" 'select(.attributes.type == "Contact")
		| {attributes, Id, Title: $name}' "$DEMO/org.ndjson" | head -40)"
	control records '{"attributes":{"type":"Lead"},"LastName":"New","Company":"'"$1"'","Email":"new@'"$1"'.example"}'
	control late '{"records":[{"attributes":{"type":"Contact"},"LastName":"Late","Title":"'"$1"'"}],"visible_after":{"requests":2}}'
	local gone
	gone=$(ask 'dump?object=Lead' | jq -s '[.[] | select(.IsDeleted or .IsConverted | not).Id]')
	control delete "$(jq -c '{object: "Lead", id: .[0]}' <<<"$gone")"
	control merge "$(jq -c '{object: "Lead", winner: .[-1], losers: [.[1]]}' <<<"$gone")"
}

# plan NAME: creations of Tasks, with and without a record that is there, changes of contacts.
plan() {
	jq -nc --arg name "$1" 'range(15) | "\($name)-\(.)" | {kind: "op", to: "salesforce", op: "create",
		object: "Task", find: {CallObject: .}, fields: {Subject: "Call", CallObject: .}}'
	jq -c --arg name "$1" 'select(.attributes.type == "Contact") | {kind: "op", to: "salesforce",
		op: "update", object: "Contact", id: .Id, fields: {Department: $name}}' "$DEMO/org.ndjson" | sed -n 41,60p
	jq -nc --arg name "$1" 'range(5) | {kind: "op", to: "salesforce", op: "upsert", object: "Lead",
		external_id: {field: "Ext__c", value: "\($name)-\(.)"}, fields: {LastName: $name, Company: "Acme"}}'
}

# settled NAME: after good runs nothing differs, nothing was made twice, and another run is quiet.
settled() {
	fault
	status_in 0 push
	control late/commit
	status_in 0 pull
	is_org "$SFPIPE_STORE"
	[ "$(ask 'dump?object=Task' | jq -r --arg name "$1-" '.CallObject // "" | select(startswith($name))' | sort | uniq -c |
		awk '{ n += $1; most = $1 > most ? $1 : most } END { print NR, n, most }')" = '15 15 1' ]
	[ "$(ask 'dump?object=Lead' | jq -r --arg name "$1-" '.Ext__c // "" | select(startswith($name))' | sort | uniq -c |
		awk '{ n += $1 } END { print NR, n }')" = '5 5' ]
	[ "$(ask 'dump?object=Contact' | jq -c --arg name "$1" 'select(.Department == $name)' | wc -l)" -eq 20 ]
	store_rows "$SFPIPE_STORE" >rows
	control log/reset
	status_in 0 pull
	[ ! -s changes ]
	store_rows "$SFPIPE_STORE" | diff rows -
	[ "$(api_calls)" -eq 2 ]
}

# An org that was pulled once.
begin() {
	standin_start --load "$DEMO/org.ndjson" --custom 'Lead.Ext__c:string(40):externalId:unique'
	login
	status_in 0 pull
}

# round NAME PULL PUSH FAULT...: faults meet a pull and a push, which end with one of these statuses.
round() {
	happen "$1"
	plan "$1" >ops
	fault "${@:4}"
	status_in "${2//,/ }" pull
	fault "${@:4}"
	status_in "${3//,/ }" push
	settled "$1"
}

# lane LINE...: rounds, one after the other, in an org of their own. All lanes at once, as their time
# goes into waiting; lanes_end says which failed.
lane() {
	local number=${#LANES[@]}
	(
		BATS_TEST_TMPDIR=$BATS_TEST_TMPDIR/lane$number
		mkdir "$BATS_TEST_TMPDIR"
		cd "$BATS_TEST_TMPDIR" || exit
		export SFPIPE_STORE=$BATS_TEST_TMPDIR/store.db
		trap standin_stop EXIT
		begin
		local n=0
		for line in "$@"; do
			n=$((n + 1))
			echo "$line" >now
			# shellcheck disable=SC2086
			round "r$n" $line
		done
	) >"$BATS_TEST_TMPDIR/lane$number.log" 2>&1 3>&- &
	LANES+=($!)
}

lanes_end() {
	local number failed=0
	for number in "${!LANES[@]}"; do
		wait "${LANES[number]}" || {
			failed=1
			echo "lane $number failed at: $(cat "lane$number/now")"
			tail -5 "lane$number.log"
		}
	done
	return "$failed"
}

@test "each fault in turn: what passes is waited for, what does not stops with its status" {
	LANES=()
	lane '0 0 expired:at=2' '0 0 revoked-session:at=2' '0 0 expired:token=stays' '75 75 daily-limit' \
		'78 78 retired-version' '0,76 76 bad-json' '76 76 bad-json:as=html,at=2' \
		'0 0 bad-json:as=empty' '0 0 content-type' '0 0 slow:ms=300,pieces=3' \
		'0 0 short-page:rows=7' '0 0 short-page:rows=1-9 locator-expired'
	lane '0 0 406' '0 0 420' '0 0 429' '0 0 429:retry-after=1' '0 0 500' '0 0 502' '0 0 503' '0 0 504' \
		'0 0 503:done=yes,at=2' '0 0 504:done=yes'
	lane '0 0 drop-before:at=2' '0 0 drop-read:at=2' '0 0 drop-after:at=2' '0 0 drop-after:on=write' \
		'0 0 drop-body:at=2' '0 0 drop-body:on=write,reset=yes' '0 0 cut-gzip' '0 0 cut-gzip:keep=-8' \
		'0 0 cut-json:at=2' '0 0 cut-json:on=write'
	lane '0 0 error' '0 0 subrequest:times=2' '0 0 query-timeout:times=2' '0 0 lock-row:times=20' \
		'0 65 row-error:times=3,object=Task'
	lane '0 0 stall:head=no' '0 0 stall:keep=0.5'
	lane '0 0 concurrent-limit:on=query,object=Lead'
	lane '0 0 concurrent-limit:on=write'
	lanes_end
}

@test "random mixtures of faults" {
	LANES=()
	# all that passes, but for too many calls at once, after which half a minute is waited
	of=406+420+429+500+502+503+504+drop-before+drop-read+drop-after+drop-body+cut-gzip+cut-json
	of=$of+bad-json+slow+query-timeout+locator-expired+short-page+lock-row
	for seed in $SEEDS; do
		lane "0,65,69,76 0,65,69,76 mix:share=0.3,seed=$seed,times=20,of=$of" \
			"0,65,69,76 0,65,69,76 mix:share=0.4,seed=1$seed,times=20,of=$of"
	done
	lanes_end
}

@test "5,000 records of one stamp, 700 a run, under faults: none lost, none twice" {
	awk 'BEGIN { for (i = 1; i <= 5000; i++)
		printf "{\"attributes\":{\"type\":\"Contact\"},\"Id\":\"003%012d\",\"LastName\":\"N%d\",\"SystemModstamp\":\"2026-11-20T15:00:00.000+0000\"}\n", i, i
	}' >org.ndjson
	standin_start --load org.ndjson
	login
	control late '{"records":[{"attributes":{"type":"Contact"},"LastName":"Late"}],"visible_after":{"requests":9}}'
	fault mix:share=0.3,seed=5,times=8,of=503+drop-after+drop-body+cut-gzip+cut-json+query-timeout \
		short-page:rows=50-400,seed=5
	runs=0
	while status=0 && { pull Contact --max-records 700 || status=$?; } && [ "$status" -ne 0 ]; do
		[ "$status" -eq 75 ] || { cat pull.err; return 1; }
		grep -q 'stopped after 700 new records (--max-records), \([0-9]*\|more\) are left' pull.err
		cat changes >>all
		runs=$((runs + 1))
	done
	cat changes >>all
	[ "$runs" -eq 7 ]
	fault
	control late/commit
	status_in 0 pull Contact
	cat changes >>all
	is_org "$SFPIPE_STORE"
	[ "$(jq -r .id all | wc -l) $(jq -r .id all | sort -u | wc -l)" = '5001 5001' ]
	control log/reset
	status_in 0 pull Contact
	[ "$(api_calls) $(wc -l <changes)" = '1 0' ]
}

@test "a user who is revoked: one renewal, then 77; nothing of the secrets is said" {
	standin_start --load "$DEMO/org.ndjson"
	login
	plan x >ops
	for run in pull push; do
		control log/reset
		fault revoked-user:at=2 # behind the first token
		status_in 77 "$run"
		grep -q -- '--token-command got no token' "$run.err"
		[ "$(ask log | jq '[.requests[] | select(.path | startswith("/services/oauth2/token"))] | length')" -eq 2 ]
		run -1 grep -qF -e standin-secret -e "00Dxx0000000001!" -r . --include=*.err --include=changes --include=pushed
		fault
	done
	[ "$(jq -c 'select(.result)' pushed)" = "" ]
}

@test "900 API calls left and a reserve of 20 %: stopped with 75, saying when to come back" {
	standin_start --load "$DEMO/org.ndjson" --limit 15000 --used 14100
	login
	status_in 75 pull
	[ "$(api_calls)" -eq 1 ]
	[ "$(cat pull.err)" = "sf-pull: stopped: 14101 of the org's 15000 API calls of 24 hours are used, and 20 % are reserved (--api-reserve): run again when fewer than 12000 are used, within 24 hours" ]
	control usage '{"used":100}'
	status_in 0 pull
	is_org "$SFPIPE_STORE"
}

@test "a service that stays away is 69 once the budget is spent; what was pulled stays" {
	standin_start --load "$DEMO/org.ndjson" --page-size 10
	login
	plan x >ops
	fault 503:at=3,times=always
	status_in 69 pull --retry-budget 1s
	[ "$(wc -l <changes)" -gt 0 ]
	grep -q 'HTTP status 503' pull.err
	fault 503:times=always
	status_in 69 push --retry-budget 1s
	[ "$(jq -c 'select(.result)' pushed)" = "" ]
	fault
	status_in 0 pull
	is_org "$SFPIPE_STORE"
}

@test "a deletion whose answer is lost was made, also on a connection that was in use" {
	begin
	jq -c 'select(.attributes.type == "Contact") | {kind: "op", to: "salesforce", op: "delete", object: "Contact", id: .Id}' \
		"$DEMO/org.ndjson" | head -4 >ops
	sed -i '2a {"kind":"checkpoint","consumer":"sync","of":"changes","seq":1}' ops
	fault drop-after:on=write,at=2
	status_in 0 push --max-delete 4
	[ "$(jq -c .result.ok pushed | sort | uniq -c | xargs)" = '1 null 4 true' ]
	fault
	status_in 0 pull
	is_org "$SFPIPE_STORE"
}
