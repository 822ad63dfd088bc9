#!/usr/bin/env bats
# The tools that have threads, over inputs long enough that all of them work: `make check-thread`
# runs this under ThreadSanitizer, which ends a tool with 66.
# shellcheck disable=SC2016 # bash -c has its own
load helper

DEMO=$BATS_TEST_DIRNAME/fixtures/demo

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	export SFPIPE_STORE=$PWD/store.db SFPIPE_RULES=$DEMO/rules.json
	tool store-apply <"$DEMO/org.ndjson"
	tool read-invite "$DEMO"/{harbour.ics,greenhouse-google.json,fjord-graph.json} |
		jq -c --slurpfile attendees "$DEMO/attendees.json" '.attendees = ($attendees[0][.id] // [])' >calls
	# bad lines and others between them
	jq -nc --slurpfile calls calls 'range(1500) as $i | $calls[] | .id += "\($i)", ($i | select(. % 50 == 0))' >many
	echo '{"kind":"checkpoint","consumer":"calls","of":"changes","seq":1}' >>many
}

@test "merge-participants --jobs 4: the bytes and messages of --jobs 1" {
	for jobs in 1 4; do
		run -65 bash -c '"$BUILD/merge-participants" --jobs "$1" <many >out$1 2>err$1' - "$jobs"
	done
	cmp out1 out4
	cmp err1 err4
}

@test "associate-call --jobs 4, loading the store meanwhile: the bytes and messages of --jobs 1" {
	tool merge-participants --rejects bad <many >merged || [ $? -eq 65 ]
	for jobs in 1 4; do
		for options in '' '--activities --opportunity priority' '--explain'; do
			# shellcheck disable=SC2086
			run -0 bash -c '"$BUILD/associate-call" --jobs "$@" <merged >"out$1" 2>"err$1"' - "$jobs" $options
			cat "out$jobs" >>"all$jobs"
		done
	done
	cmp all1 all4
	cmp err1 err4
}

@test "associate-call --jobs 4 on a live feed while the store changes" {
	tool merge-participants <calls >merged
	{
		for i in $(seq 20); do
			for _ in $(seq 50); do cat merged; done
			sleep 0.02
		done
	} | tool associate-call --jobs 4 >out &
	for i in $(seq 10); do
		head -60 "$DEMO/org.ndjson" | sed 's/"SystemModstamp":"[^"]*"/"SystemModstamp":"2026-11-20T15:00:'"$((i + 10))"'.000+0000","N__c":'"$i/" |
			tool store-apply
	done
	wait $!
	[ "$(wc -l <out)" -eq 3000 ]
}
