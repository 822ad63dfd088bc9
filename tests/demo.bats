#!/usr/bin/env bats
# scripts/demo, as somebody new runs it.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2119,SC2120,SC2154

bats_require_minimum_version 1.5.0
load helper

demo() {
	"$TOP/scripts/demo" --state "$BATS_TEST_TMPDIR/demo" "$@" 3>&-
}

# BUILD with one tool replaced by one that ends with this status.
break_tool() {
	mkdir "$BATS_TEST_TMPDIR/tools"
	local each
	for each in "$BUILD"/*; do
		if [ -f "$each" ] && [ -x "$each" ]; then ln -s "$each" "$BATS_TEST_TMPDIR/tools/"; fi
	done
	rm "$BATS_TEST_TMPDIR/tools/$1"
	printf '#!/bin/sh\ncat >/dev/null\nexit %s\n' "$2" >"$BATS_TEST_TMPDIR/tools/$1"
	chmod +x "$BATS_TEST_TMPDIR/tools/$1"
	export BUILD=$BATS_TEST_TMPDIR/tools
}

standin_gone() {
	local i
	for i in $(seq 100); do
		kill -0 "$(cat "$BATS_TEST_TMPDIR/demo/pid")" 2>/dev/null || return 0
		sleep 0.05
	done
	return 1
}

@test "the first run shows each call with its reasons, the Tasks and the status; the second changes nothing" {
	run -0 --separate-stderr demo
	[ -z "$stderr" ]
	[[ "$output" != *$'\e'* ]]
	# the calls, as the fixture has them
	[[ "$output" == *"$(cat "$TOP/tests/fixtures/demo/calls.expected")"* ]]
	# the reasoning for one
	[[ "$output" == *"contact-email ingrid.dahl@blue-fjord.example: 003Nl00000036nOIAQ"*"--duplicates"* ]]
	[[ "$output" == *"contact-domain blue-fjord.example: account 001Nl00000033aTIAQ"* ]]
	[[ "$output" == *"2025-10-14  Harbour Robotics: rollout at the second site  Jane Hart    Harbour: second site"* ]]
	[[ "$output" == *"2025-10-15  Greenhouses: sensors and prices               Nora Falk    Verdant Foods: pilot"* ]]
	[[ "$output" == *"2025-10-16  Blue Fjord and Tandem: contract review        Ingrid Dahl  Blue Fjord: fleet sensors"* ]]
	[[ "$output" == *"lines rejected "*" 0"* ]]
	[[ "$output" == *" 3 Tasks written, "* ]]
	# what changes moves its call
	[[ "$output" == *'   lost         the call belongs to "Münchner: calibration", its Task to "Münchner: calibration"'* ]]
	[[ "$output" == *'   reopened     the call belongs to "Harbour: second site", its Task to "Harbour: second site"'* ]]
	# the two-way sync
	[[ "$output" == *"Phone +1 206 555 0199, Lead_Score__c 82  (a blank is filled, push)"* ]]
	[[ "$output" == *"create in the app: 18 leads of Salesforce"*"create in Salesforce: "*"LastName Brandt, Company Brandt Optics"* ]]
	[[ "$output" == *"Phone +1 206 555 0124 became +1 206 555 0300 in Salesforce, +1 206 555 0200 in the app"*"(taken)"* ]]
	[[ "$output" != *"Nothing changed"* ]]
	standin_gone
	local first=$output

	run -0 --separate-stderr demo
	[ -z "$stderr" ]
	[[ "${lines[-1]}" == "   Nothing changed: 0 changes, 0 Tasks written, 4 API calls." ]]
	# and shows the same calls and Tasks
	[ "${output%%The store*}" = "${first%%The deal*}" ]

	run -0 demo --reset
	[[ "$output" == *" 3 Tasks written, "* ]]
	run -0 sqlite3 -readonly "$BATS_TEST_TMPDIR/demo/store.db" 'SELECT count(*) FROM call'
	[ "$output" = 3 ]
}

@test "the README's pipeline gives what the README says" {
	demo >/dev/null
	export PATH=$BUILD:$PATH SFPIPE_STORE=$BATS_TEST_TMPDIR/demo/store.db
	export SFPIPE_RULES=$TOP/tests/fixtures/demo/rules.json
	cd "$TOP"
	# the console block: what follows "$ ", on as long as lines end with a pipe, and what it prints
	sed -n '/^```console/,/^```$/p' README.md | sed -e '/^```/d' -e '/^\$ export /d' >"$BATS_TEST_TMPDIR/block"
	awk '/^\$ / { command = 1; sub(/^\$ /, "") } command { print; command = /[|\\]$/ }' \
		"$BATS_TEST_TMPDIR/block" >"$BATS_TEST_TMPDIR/commands"
	awk '/^\$ / { command = 1 } !command; command { command = /[|\\]$/ }' \
		"$BATS_TEST_TMPDIR/block" >"$BATS_TEST_TMPDIR/expected"
	[ -s "$BATS_TEST_TMPDIR/commands" ]
	[ -s "$BATS_TEST_TMPDIR/expected" ]
	run -0 --separate-stderr bash -eu -o pipefail "$BATS_TEST_TMPDIR/commands"
	[ -z "$stderr" ]
	diff "$BATS_TEST_TMPDIR/expected" - <<<"$output"
}

@test "--keep-running leaves the stand-in up, says how to talk to it, and the next run uses it" {
	run -0 demo --keep-running
	local url
	url=$(cat "$BATS_TEST_TMPDIR/demo/url")
	STANDIN_PID=$(cat "$BATS_TEST_TMPDIR/demo/pid")
	[[ "$output" == *"SF_INSTANCE_URL=$url "*"It ends with: kill $STANDIN_PID"* ]]
	# what it says works as it stands
	grep -A 4 'export SF_INSTANCE_URL' <<<"$output" >"$BATS_TEST_TMPDIR/commands"
	run -0 bash -eu "$BATS_TEST_TMPDIR/commands"
	[[ "$output" == *00Dxx0000000001* ]]
	run -0 demo
	[[ "${lines[-1]}" == *"Nothing changed"* ]]
	kill -0 "$STANDIN_PID"
	run -0 demo --reset
	[[ "$output" == *" 3 Tasks written, "* ]]
	run curl -s --noproxy '*' "$url/standin/log"
	[ "$status" -ne 0 ]
}

@test "a stage that fails is noticed, whichever it is: its status, and what failed" {
	break_tool merge-participants 77
	run -77 --separate-stderr demo
	[ "$stderr" = "demo: associating failed (statuses of its stages: 0 0 77 0 0)" ]
	standin_gone
}

@test "of several stages that fail the worst status counts" {
	break_tool associate-call 65
	rm "$BUILD/store-apply"
	printf '#!/bin/sh\ncat >/dev/null\nexit 74\n' >"$BUILD/store-apply"
	chmod +x "$BUILD/store-apply"
	run -74 --separate-stderr demo
	[[ "$stderr" == *"the pull failed"* ]]
}

@test "a run that is interrupted takes the stand-in along; the next one completes it" {
	local build=$BUILD
	break_tool merge-participants 0
	printf '#!/bin/sh\ntouch %q\nsleep 2\n' "$BATS_TEST_TMPDIR/waiting" >"$BUILD/merge-participants"
	"$TOP/scripts/demo" --state "$BATS_TEST_TMPDIR/demo" >/dev/null 2>&1 3>&- & # no shell of a function's between
	local demo=$! i
	for i in $(seq 200); do
		[ ! -e "$BATS_TEST_TMPDIR/waiting" ] || break
		sleep 0.05
	done
	kill -TERM "$demo"
	wait "$demo" || [ $? -eq 143 ]
	standin_gone
	BUILD=$build run -0 demo
	[[ "$output" == *" 3 Tasks written, "* ]]
}

@test "two at once: the second is told so, 75" {
	mkdir "$BATS_TEST_TMPDIR/demo"
	exec 8>"$BATS_TEST_TMPDIR/demo/lock"
	flock 8
	run -75 --separate-stderr demo
	[[ "$stderr" == "demo: another demo is at work in "* ]]
}

@test "misuse is 64, --help 0" {
	run -64 --separate-stderr demo --rest
	[ "$stderr" = "demo: no such option: --rest (see scripts/demo --help)" ]
	run -64 "$TOP/scripts/demo" --state
	run -0 --separate-stderr demo --help
	[[ "$output" == "usage: scripts/demo "* ]]
	[ -z "$stderr" ]
}

@test "an empty BUILD is as none" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\necho "${BUILD-unset}" >"%s/saw"\nexit 2\n' "$BATS_TEST_TMPDIR" >"$BATS_TEST_TMPDIR/bin/make"
	chmod +x "$BATS_TEST_TMPDIR/bin/make"
	BUILD='' PATH=$BATS_TEST_TMPDIR/bin:$PATH run -2 --separate-stderr demo
	[[ "$stderr" == "demo: make failed"* ]]
	[ "$(cat "$BATS_TEST_TMPDIR/saw")" = unset ]
}
