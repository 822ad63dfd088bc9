#!/usr/bin/env bats
# scripts/sync killed anywhere: at each crash point of each tool in each of its pipelines, and any of
# its processes at random. The next runs leave the store and the Salesforce of one whole run, and one
# behind them writes nothing. `make check-crash`; STEPS and SEEDS as in crash.bats.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # bats runs each test in a shell of its own

load helper
load compare

DEMO=$BATS_TEST_DIRNAME/fixtures/demo
STEPS=${STEPS:-1} SEEDS=${SEEDS:-1 2 3 4}

setup() {
	if SFPIPE_CRASH_AT=1 "$BUILD/store-apply" --store "$BATS_TEST_TMPDIR/probe.db" </dev/null; then
		skip "no crash points in this build: make check-crash"
	fi
	cd "$BATS_TEST_TMPDIR" || return 1
	STANDIN_TOKEN='00Dxx0000000001!standin'
	STORE=$PWD/crash.db # of compare.bash
	export SFPIPE_STORE=$PWD/crash.db SFPIPE_RULES=$DEMO/rules.json PATH=$PWD/bin:$BUILD:$PATH
	mkdir bin
	standin_start --load "$DEMO/org.ndjson" --page-size 50
}

teardown() {
	standin_stop
}

# Each tool counts its runs, and the one that TOOL and RUN name dies at its crash point AT.
count_runs() {
	local tool
	for tool in "$BUILD"/*-*; do
		[ -f "$tool" ] && [ -x "$tool" ] || continue
		cat >"bin/${tool##*/}" <<-END
		#!/bin/sh
		n=\$((\$(cat $PWD/runs.${tool##*/} 2>/dev/null || echo 0) + 1))
		echo \$n >$PWD/runs.${tool##*/}
		[ "\$TOOL \$RUN" != "${tool##*/} \$n" ] || export SFPIPE_CRASH_AT=\$AT
		exec $tool "\$@"
		END
		chmod +x "bin/${tool##*/}"
	done
	rm -f bin/sfpipe-sync
}

sync() {
	rm -f runs.*
	"$TOP/scripts/sync" --map map.json 2>>err 3>&-
}

calls() {
	"$BUILD/read-invite" "$DEMO"/{harbour.ics,greenhouse-google.json,fjord-graph.json} |
		jq -c --slurpfile attendees "$DEMO/attendees.json" '.attendees = ($attendees[0][.id] // [])' |
		"$BUILD/merge-participants" | "$BUILD/associate-call"
}

# A store in step, whose three calls are logged; then deals are lost that calls stood with, a contact's
# address moves, a role is removed, three calls come, and of the leads that another system has too one
# changed there, one here, one on both sides, and one is new there.
before() {
	cat >map.json <<-'JSON'
	{"Lead":{"local":"Person","create":{"local":false,"salesforce":{"require":["Email","LastName","Company"]}},
	  "fields":[{"salesforce":"Email","local":"email"},{"salesforce":"Website","local":"site"},
	    {"salesforce":"Title","local":"title","conflict":"hold"},{"salesforce":"LastName","local":"name"},
	    {"salesforce":"Company","local":"firm"}]}}
	JSON
	local_lines() {
		jq -c --arg site "$1" --arg title "$2" 'select(.attributes.type == "Lead" and .Email and (.IsDeleted or .IsConverted | not)) | {kind: "local",
			object: "Person", id: .Id[10:15], fields: {email: .Email, site: $site, title: $title, name: .LastName, firm: .Company}}' "$DEMO/org.ndjson" | head -3
	}
	local_lines first.example CTO | "$BUILD/store-apply"
	sync
	calls | "$BUILD/store-apply"
	sync
	sync
	control records "$(jq -c 'select(.attributes.type == "Opportunity" and (.Name | test("Harbour: second|Verdant Foods: pilot|Blue Fjord: fleet")))
		| {attributes, Id, StageName: "Closed Lost"}' "$DEMO/org.ndjson")"
	control records "$(jq -c 'select(.Name == "Jane Hart") | {attributes, Id, Email: "jane@elsewhere.example"}' "$DEMO/org.ndjson")"
	control purge "{\"object\":\"OpportunityContactRole\",\"ids\":$(ask 'dump?object=OpportunityContactRole' | jq -sc '[.[0].Id]')}"
	calls | jq -c '.id += "-again"' | "$BUILD/store-apply"
	{
		local_lines first.example CTO | sed -n '1s/CTO/CFO/p; 3s/CTO/CIO/p'
		echo '{"kind":"local","object":"Person","id":"new","fields":{"email":"new@there.example","site":"x","title":"y","name":"New","firm":"There"}}'
	} | "$BUILD/store-apply"
	control records "$(ask 'dump?object=Lead' | jq -c 'select(.Title == "CTO") | {attributes, Id, Title: "COO"}' | sed 1d)"
	touch -d '25 hours ago' crash.db.daily
	mkdir kept
	cp -p crash.db* kept
	ask 'dump?object=Task' >tasks-before
	ask 'dump?object=Lead' >leads-before
}

restore() {
	rm -f crash.db*
	cp -p kept/* .
	restore_tasks
	restore_records Lead leads-before
}

# What was written to Salesforce.
written() {
	tasks
	without_times Lead
}

# The store but for what differs from run to run; leads by their addresses. Of a lead that we made the
# answer may have been lost: then it was pulled, in the order of another's members, and paired.
rows() {
	ask 'dump?object=Lead' | jq -r '"s/\(.Id)/LEAD-\(.Email // .Id)/g"' >lead-names
	activity_rows | sed -f lead-names | sed '/^lead|/s/|{.*//; /^op|salesforce|create|Lead|/d; /^reject|/d'
}

# settled: runs until there is nothing to do; then the store and the Tasks are those of a whole run,
# and one more run writes nothing. The first ones may say 65: a record changed since it was seen.
settled() {
	local _
	for _ in 1 2; do sync || [ $? -eq 65 ] || return 1; done
	rows >now
	written >written-now
	[ -e expected ] || {
		mv now expected
		mv written-now written-expected
		return
	}
	diff expected now && diff written-expected written-now || return 1
	ask dump >org # with the stamps
	sync || return 1
	ask dump | diff org - && rows | diff expected -
}

@test "scripts/sync, each tool in each pipeline killed at each point: its status tells, the rest is done by the next run" {
	local tool run n died total=0
	before
	restore
	count_runs
	sync
	[ ! -e crash.db.due ]
	written >written-one # one run does all that there is to do
	for tool in bin/*; do [ ! -e "runs.${tool##*/}" ] || echo "${tool##*/} $(cat "runs.${tool##*/}")"; done >stages
	settled
	diff written-one written-expected
	while read -r tool runs <&4; do
		for ((run = 1; run <= runs; run++)); do
			for ((n = 1; ; n += 1 + n / STEPS)); do
				restore
				died=0
				TOOL=$tool RUN=$run AT=$n sync || died=$?
				[ "$died" -ne 0 ] || break
				total=$((total + 1))
				[[ $died = @(74|137) ]] && settled || {
					echo "after the kill of $tool, run $run, at point $n, status $died"
					tail -5 err
					return 1
				}
			done
		done
	done 4<stages
	echo "$total kills"
	[ "$total" -ge 20 ]
}

# The processes below this one, by their parents in /proc.
below() {
	local child
	for child in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
		echo "$child"
		below "$child"
	done
}

@test "scripts/sync, any of its processes killed at a random moment, twice" {
	local seed died kill pid pids victim hit=0
	before
	restore
	settled
	for seed in $SEEDS; do
		RANDOM=$seed
		restore
		for kill in 1 2; do
			"$TOP/scripts/sync" --map map.json 2>>err 3>&- &
			pid=$!
			sleep "0.$(printf %03d $((RANDOM % 120)))"
			mapfile -t pids < <(below "$pid")
			pids+=("$pid")
			victim=${pids[RANDOM % ${#pids[@]}]}
			kill -KILL "$victim" 2>/dev/null || true
			died=0
			wait "$pid" 2>/dev/null || died=$?
			[[ $died = @(0|65|74|137) ]]
			[ "$died" -eq 0 ] || hit=$((hit + 1))
			flock crash.db.lock true # what is left of it ends by itself
		done
		settled || {
			echo "seed $seed"
			tail -5 err
			return 1
		}
	done
	echo "$hit of them hit"
	[ "$hit" -gt 0 ]
}
