#!/usr/bin/env bats
# Killed anywhere and run again, the end is that of one whole run (style.md 12): `make check-crash`,
# which builds with crash points. STEPS=N tries about N points of a long run before it takes bigger
# steps (4); SEEDS="1 2 3" draws the moments of the random kills.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # bats runs each test in a shell of its own
# shellcheck disable=SC2094,SC2317 # functions are handed to each_point by name

load helper
load compare

DEMO=$BATS_TEST_DIRNAME/fixtures/demo
STEPS=${STEPS:-4} SEEDS=${SEEDS:-1 2 3}
NOW=2026-11-20T12:00:00Z

setup_file() {
	HAS_POINTS=yes
	if SFPIPE_CRASH_AT=1 "$BUILD/store-apply" --store "$BATS_FILE_TMPDIR/probe.db" </dev/null; then
		HAS_POINTS=
	fi
	export HAS_POINTS
}

setup() {
	[ -n "$HAS_POINTS" ] || skip "no crash points in this build: make check-crash"
	cd "$BATS_TEST_TMPDIR" || return 1
	STANDIN_TOKEN='00Dxx0000000001!standin'
	export SFPIPE_STORE=$PWD/store.db SFPIPE_RULES=$DEMO/rules.json
}

teardown() {
	standin_stop
}

# at N TOOL [ARG...]: dies at its N-th crash point.
at() {
	SFPIPE_CRASH_AT=$1 tool "${@:2}"
}

# each_point TRY CHECK: TRY N, which gives the status of what was to die at point N, until it
# survives; CHECK after each. Sets points.
each_point() {
	local n=1 status
	points=0
	while :; do
		status=0
		"$1" "$n" || status=$?
		[ "$status" -eq 137 ] || break
		points=$n
		"$2" || {
			echo "after the kill at point $n"
			return 1
		}
		n=$((n + 1 + n / STEPS))
	done
	[ "$status" -eq 0 ] && "$2" && [ "$points" -gt 0 ]
}

# same_rows STORE: what differs from the store of the whole run.
same_rows() {
	store_rows "$1" | diff "$BATS_TEST_TMPDIR/expected" - | head -20
	return "${PIPESTATUS[1]}"
}

calls() {
	tool read-invite "$DEMO"/{harbour.ics,greenhouse-google.json,fjord-graph.json} |
		jq -c --slurpfile attendees "$DEMO/attendees.json" '.attendees = ($attendees[0][.id] // [])' |
		tool merge-participants | tool associate-call
}

# A stream with all that store-apply takes: records and checkpoints as a pull of two runs has them,
# calls, an email, ops of all ends, a reject line, a bad line, a consumer's checkpoint.
mixed_stream() {
	jq -c '{"kind":"checkpoint","modstamp":"2025-11-20T00:00:00Z","id":null,"fields":["Id"],
			"read":"2026-11-20T12:00:00Z"} as $checkpoint
		| ., (select(input_line_number % 40 == 0) | $checkpoint + {"object":.attributes.type})' "$DEMO/org.ndjson"
	sed -n '/"Contact"/s/"IsDeleted":false\(.*\)"SystemModstamp":"[^"]*"/"IsDeleted":true\1"SystemModstamp":"2026-11-20T09:00:00.000+0000"/p' \
		"$DEMO/org.ndjson" | head -5
	sed -n '/"Lead"/s/"Phone":[^,]*\(.*\)"SystemModstamp":"[^"]*"/"Phone":"+14155550123"\1"SystemModstamp":"2026-11-20T09:00:00.000+0000"/p' \
		"$DEMO/org.ndjson" | head -5
	echo '{"kind":"checkpoint","object":"Lead","modstamp":"2026-11-20T09:00:00Z","id":null,"fields":["Id"],"read":"2026-11-20T12:00:00Z"}'
	cat calls
	cat <<-'JSON'
	{"kind":"email","id":"<m1@x>","date":"2026-11-20T15:00:00Z","from":{"email":"jane@acme.com"},"to":[],"cc":[],"as_of":1}
	{"kind":"op","to":"salesforce","op":"create","object":"Task","local_object":"call","local_id":"c1","fields":{"CallObject":"c1"},"result":{"ok":true,"id":"00T000000000001AAA","created":true}}
	{"kind":"op","to":"salesforce","op":"update","object":"Lead","id":"00Q000000000001AAA","fields":{"Title":"x"},"result":{"ok":false,"errors":[],"retry":false}}
	{"kind":"op","to":"salesforce","op":"update","object":"Lead","id":"00Q000000000002AAA","fields":{"Title":"x"},"result":{"ok":false,"errors":[],"retry":true}}
	{"kind":"op","to":"salesforce","op":"update","object":"Lead","id":"00Q000000000003AAA","fields":{"Title":"x"}}
	{"kind":"checkpoint","consumer":"activity","of":"changes","seq":40}
	{"kind":"checkpoint","consumer":"calls","of":"changes","seq":30,"owed":1}
	{"kind":"reject","tool":"associate-call","why":"start is no RFC 3339 time","line":"x"}
	not json
	{"kind":"notice","tool":"sf-pull","level":"ok","message":"done"}
	JSON
}

@test "a store of an older sfpipe made over, killed at each point: the next store-apply ends it" {
	tool store-apply <"$DEMO/org.ndjson"
	make_schema_1 store.db
	cp store.db whole.db
	tool store-apply --store whole.db </dev/null
	store_rows whole.db >expected
	killed() {
		rm -f crash.db*
		cp store.db crash.db
		at "$1" store-apply --store crash.db </dev/null 2>/dev/null
	}
	check() {
		tool store-apply --store crash.db </dev/null && same_rows crash.db
	}
	each_point killed check
}

@test "store-apply --purge killed at each point: the next ends it, and nothing is left in the file" {
	jq -nc 'range(20) | {kind: "email", id: "<\(.)@x>", date: "20\(20 + . % 2 * 6)-11-20T15:00:00Z", from: {email: "a@x.com"},
		to: [], cc: [], subject: "SECRET-\(. % 2)", associations: [], held: true}' >emails
	tool store-apply <emails
	cp store.db whole.db
	tool store-apply --store whole.db --purge --now "$NOW"
	store_rows whole.db >expected
	killed() {
		rm -f crash.db*
		cp store.db crash.db
		at "$1" store-apply --store crash.db --purge --now "$NOW" 2>/dev/null
	}
	check() {
		tool store-apply --store crash.db --purge --now "$NOW" && same_rows crash.db &&
			[ "$(cat crash.db* | grep -aoE 'SECRET-.' | sort -u)" = SECRET-1 ] &&
			[ "$(sqlite3 crash.db "SELECT count(*) FROM meta WHERE name = 'purge'")" -eq 0 ]
	}
	each_point killed check
}

@test "store-apply killed at each point: the rest is done by the next run, and no more" {
	tool store-apply <"$DEMO/org.ndjson"
	calls >calls
	rm "$SFPIPE_STORE"
	mixed_stream >stream
	run -65 tool store-apply <stream
	store_rows "$SFPIPE_STORE" >expected
	sqlite3 "$SFPIPE_STORE" .dump >dump
	run -65 tool store-apply --now 2030-01-01T00:00:00Z <stream
	sqlite3 "$SFPIPE_STORE" .dump | diff dump - # no row at all
	killed() {
		local died=0
		rm -f crash.db*
		at "$1" store-apply --store crash.db <stream 2>/dev/null || died=$?
		return $((died == 65 ? 0 : died))
	}
	again() {
		run -65 tool store-apply --store crash.db <stream
		same_rows crash.db
	}
	STEPS=1000 each_point killed again
	[ "$points" -ge 20 ]
}

@test "store-apply killed within a first load and its indexes" {
	awk 'BEGIN { for (i = 1; i <= 12000; i++)
		printf "{\"attributes\":{\"type\":\"Contact\"},\"Id\":\"003%012d\",\"Email\":\"p%d@acme.com\",\"Phone\":\"+1415555%04d\",\"SystemModstamp\":\"2026-11-20T15:00:00Z\"}\n", i, i, i % 9999
	}' >stream
	tool store-apply <stream
	store_rows "$SFPIPE_STORE" >expected
	killed() {
		rm -f crash.db*
		at "$1" store-apply --store crash.db <stream
	}
	again() {
		tool store-apply --store crash.db <stream && same_rows crash.db
	}
	each_point killed again
	[ "$points" -ge 6 ]
}

@test "store-query copy killed: no half copy stands under the name" {
	tool store-apply <"$DEMO/org.ndjson"
	store_rows "$SFPIPE_STORE" >expected
	killed() {
		rm -f copy.db*
		at "$1" store-query copy copy.db
	}
	again() {
		[ -e copy.db ] || tool store-query copy copy.db
		same_rows copy.db
	}
	each_point killed again
}

# What happens in the org between two pulls.
happen() {
	control records "$(jq -c 'select(.attributes.type == "Contact") | {attributes, Id, Title: "COO"}' \
		"$DEMO/org.ndjson" | head -30)"
	control delete "$(jq -sc '{object: "Lead", ids: [.[] | select(.attributes.type == "Lead").Id][0:5]}' "$DEMO/org.ndjson")"
	control merge "$(jq -sc '[.[] | select(.attributes.type == "Account").Id]
		| {object: "Account", winner: .[0], losers: .[1:3]}' "$DEMO/org.ndjson")"
}

pull() {
	tool sf-pull --store "${STORE:-$SFPIPE_STORE}" | tool store-apply --store "${STORE:-$SFPIPE_STORE}" --changes
}

# Of two stages of a pull one dies; the status is its own.
pull_killed() {
	local pipe
	if [ "$1" = sf-pull ]; then
		at "$2" sf-pull --store crash.db 2>/dev/null | tool store-apply --store crash.db 2>>err
		pipe=("${PIPESTATUS[@]}")
		return "${pipe[0]}"
	fi
	tool sf-pull --store crash.db 2>/dev/null | at "$2" store-apply --store crash.db
	pipe=("${PIPESTATUS[@]}")
	return "${pipe[1]}"
}

# The pull that was killed is done by the next one; the one behind that costs the quiet pull.
pulled_again() {
	STORE=crash.db pull >changes && same_rows crash.db || return 1
	control log/reset
	[ "$(STORE=crash.db pull)" = "" ] && same_rows crash.db && [ "$(api_calls)" -eq 2 ]
}

@test "sf-pull | store-apply, either killed at each point: the store is that of one whole pull" {
	standin_start --load "$DEMO/org.ndjson" --page-size 25
	pull >/dev/null
	is_org "$SFPIPE_STORE"
	store_rows "$SFPIPE_STORE" >expected
	for stage in sf-pull store-apply; do
		killed() {
			rm -f crash.db*
			pull_killed "$stage" "$1"
		}
		each_point killed pulled_again
		echo "$stage: $points points"
	done
	[ "$points" -ge 20 ]
}

@test "the same where a store is there: changed, deleted and merged records" {
	standin_start --load "$DEMO/org.ndjson" --page-size 10
	pull >/dev/null
	cp "$SFPIPE_STORE" before.db
	happen
	control clock '{"advance":3600}' # else what is young is read again
	pull >/dev/null
	is_org "$SFPIPE_STORE"
	store_rows "$SFPIPE_STORE" >expected
	for stage in sf-pull store-apply; do
		killed() {
			rm -f crash.db*
			cp before.db crash.db
			pull_killed "$stage" "$1"
		}
		each_point killed pulled_again
	done
}

# Three calls whose Tasks are to move, three that have none yet, and the org that they are of.
before_activity() {
	standin_start --load "$DEMO/org.ndjson"
	pull >/dev/null
	calls | tool store-apply
	tool store-query changes --consumer activity | tool log-activity | tool sf-push | tool store-apply
	pull >/dev/null
	control records "$(jq -c 'select(.attributes.type == "Opportunity" and (.Name | test("Harbour: second|Verdant Foods: pilot|Blue Fjord: fleet")))
		| {attributes, Id, StageName: "Closed Lost"}' "$DEMO/org.ndjson")"
	pull >/dev/null
	{
		tool store-query calls | tool associate-call
		calls | jq -c '.id += "-again"'
	} | tool store-apply
	cp "$SFPIPE_STORE" before.db
	ask 'dump?object=Task' >tasks-before
}

# activity [STAGE N]: that stage dies at point N; its status.
activity() {
	local stage=${1:-} n=${2:-0} pipe
	tool store-query changes --store "$STORE" --consumer activity |
		tool log-activity --store "$STORE" |
		SFPIPE_CRASH_AT=$([ "$stage" = sf-push ] && echo "$n") tool sf-push 2>>err |
		tee pushed | SFPIPE_CRASH_AT=$([ "$stage" = store-apply ] && echo "$n") tool store-apply --store "$STORE" 2>>err
	pipe=("${PIPESTATUS[@]}")
	[ "$stage" != store-apply ] || return "${pipe[4]}"
	return "${pipe[2]}"
}

# A killed run's work is finished by the next: sometimes a pull comes first.
activity_again() {
	case $pushed_pull in
	1) STORE=crash.db pull >/dev/null ;;
	esac
	pushed_pull=$((1 - pushed_pull))
	STORE=crash.db activity || [ $? -eq 65 ] || return 1 # what changed since it was seen comes back
	for _ in 1 2; do
		STORE=crash.db pull >/dev/null
		STORE=crash.db activity || return 1
	done
	[ "$(jq -c 'select(.kind == "op")' pushed)" = "" ] || { cat pushed; return 1; }
	tasks | diff tasks-expected - || return 1
	STORE=crash.db activity_rows | diff expected - | head -20
	[ "${PIPESTATUS[1]}" -eq 0 ]
}

@test "log-activity | sf-push | store-apply, each killed at each point: no Task twice, none lost" {
	before_activity
	cp before.db crash.db
	pushed_pull=0
	STORE=crash.db activity
	[ "$(jq -c 'select(.kind == "op") | [.op, .result.ok]' pushed | sort | uniq -c | xargs)" = \
		'3 [create,true] 3 [update,true]' ]
	for _ in 1 2; do
		STORE=crash.db pull >/dev/null
		STORE=crash.db activity
	done
	tasks >tasks-expected
	STORE=crash.db activity_rows >expected
	for stage in sf-push store-apply; do
		killed() {
			rm -f crash.db* && cp before.db crash.db && restore_tasks
			local status=0
			STORE=crash.db activity "$stage" "$1" || status=$?
			# a checkpoint only behind all results
			! grep -q '"kind":"checkpoint"' pushed || [ "$(grep -c '"result":{"ok":true' pushed)" -eq 6 ] || return 1
			return "$status"
		}
		each_point killed activity_again
		echo "$stage: $points points"
	done
}

@test "a filter that dies, or cannot write, lets no checkpoint through before the lines it covers" {
	tool store-apply <"$DEMO/org.ndjson"
	calls >calls
	jq -nc --slurpfile calls calls 'range(1000) as $i | $calls[]
		| del(.associations, .primary, .unmatched, .as_of) | .id += "\($i)"' >many
	echo '{"kind":"checkpoint","consumer":"calls","of":"changes","seq":1}' >>many
	for name in merge-participants associate-call log-activity; do
		tool "$name" <many >whole
		[ "$(tail -1 whole)" = "$(tail -1 many)" ]
		killed() {
			at "$1" "$name" <many >out
		}
		covered() {
			! grep -q '"kind":"checkpoint"' out || diff <(jq -c 'del(.as_of)' whole) <(jq -c 'del(.as_of)' out)
		}
		each_point killed covered
		run -74 bash -c '"$BUILD/$1" <many >/dev/full' - "$name"
		run -65 bash -c 'head -c 100000 many | "$BUILD/$1"' - "$name" # its upstream died
		[[ "$output" != *'"kind":"checkpoint"'* ]]
	done
}

# killed_in MAX TOOL [ARG...]: kill -9 at some moment, which RANDOM draws, of the first MAX ms.
killed_in() {
	timeout -s KILL "0.$(printf %03d $((1 + RANDOM % $1)))" "$BUILD/$2" "${@:3}"
}

# one_of STAGE NAME MAX [ARG...]: the tool NAME, killed if it is that stage.
one_of() {
	if [ "$1" = "$2" ]; then
		killed_in "$3" "$2" "${@:4}"
	else
		tool "$2" "${@:4}"
	fi
}

# But for the half line that a killed stage may leave: it is rejected, and said to be.
same_but_rejects() {
	diff <(grep -v '^reject|' expected) <(store_rows "$1" | grep -v '^reject|') | head -20
	return "${PIPESTATUS[0]}"
}

@test "kill -9 of one process of a pull at random moments" {
	standin_start --load "$DEMO/org.ndjson" --page-size 20
	pull >/dev/null
	store_rows "$SFPIPE_STORE" >expected
	for seed in $SEEDS; do
		RANDOM=$seed
		rm -f crash.db*
		for stage in sf-pull store-apply sf-pull; do
			one_of "$stage" sf-pull 300 --store crash.db 2>>err |
				one_of "$stage" store-apply 300 --store crash.db 2>>err || true
		done
		STORE=crash.db pull >/dev/null
		same_but_rejects crash.db || { echo "seed $seed"; return 1; }
		control log/reset
		[ "$(STORE=crash.db pull)" = "" ] && [ "$(api_calls)" -eq 2 ]
	done
}

@test "kill -9 of one process of the logging of activities at random moments" {
	before_activity
	for stage in none store-query log-activity sf-push store-apply; do
		for seed in $SEEDS; do
			RANDOM=$seed
			rm -f crash.db* && cp before.db crash.db && restore_tasks
			one_of "$stage" store-query 20 changes --store crash.db --consumer activity 2>>err |
				one_of "$stage" log-activity 20 --store crash.db 2>>err |
				one_of "$stage" sf-push 200 2>>err |
				one_of "$stage" store-apply 200 --store crash.db 2>>err || true
			STORE=crash.db pull >/dev/null
			STORE=crash.db activity
			STORE=crash.db pull >/dev/null
			STORE=crash.db activity
			STORE=crash.db activity_rows | grep -v '^reject|' >rows
			[ "$stage" != none ] || {
				tasks >tasks-expected
				mv rows expected
				break
			}
			tasks | diff tasks-expected - && diff expected rows || {
				echo "$stage, seed $seed"
				return 1
			}
		done
	done
}

# ops N PREFIX: creations of Tasks, and a checkpoint.
ops() {
	jq -nc --argjson n "$1" --arg prefix "$2" 'range($n) | "\($prefix)\(.)" | {kind: "op", to: "salesforce", op: "create", object: "Task",
		fields: {Subject: "Call", CallObject: .}, find: {CallObject: .}}'
	echo '{"kind":"checkpoint","consumer":"activity","of":"changes","seq":7}'
}

@test "SIGINT and SIGTERM: sf-push begins no request, reports what was answered, 75" {
	standin_start
	for signal in INT TERM; do
		ops 1500 $signal >in
		control faults '{"clear":true,"faults":["slow:ms=1500,on=collections"]}'
		env --default-signal=INT "$BUILD/sf-push" <in >out 2>err 3>&- &
		pid=$!
		for _ in $(seq 100); do
			[ "$(ask faults | jq '.faults[0].fired')" -eq 0 ] || break
			sleep 0.05
		done
		kill -"$signal" "$pid"
		status=0
		wait "$pid" || status=$?
		[ "$status" -eq 75 ]
		[ "$(jq -r '[.op, .result.ok] | @csv' out | sort | uniq -c | xargs)" = '500 create, 1000 create,true' ]
		diff <(jq -c 'del(.result)' out) <(head -1500 in | jq -c .)
		grep -q '500 ops were left undone' err
	done
	[ "$(ask 'dump?object=Task' | wc -l)" -eq 2000 ]
	tool sf-push <in >out
	[ "$(jq -c 'select(.op).result.created' out | sort | uniq -c | xargs)" = '1000 false 500 true' ]
	[ "$(tail -1 out)" = "$(tail -1 in)" ]
	[ "$(ask 'dump?object=Task' | wc -l)" -eq 2500 ]
}

@test "SIGINT and SIGTERM: store-apply reads to the end" {
	mkfifo pipe
	env --default-signal=INT "$BUILD/store-apply" <pipe 3>&- &
	pid=$!
	exec 9>pipe
	head -100 "$DEMO/org.ndjson" >&9
	sleep 0.2
	kill -INT "$pid"
	kill -TERM "$pid"
	sleep 0.1
	tail -n +101 "$DEMO/org.ndjson" >&9
	exec 9>&-
	wait "$pid"
	[ "$(store_records "$SFPIPE_STORE" | wc -l)" -eq "$(wc -l <"$DEMO/org.ndjson")" ]
}

@test "a broken pipe: sf-push and store-apply finish what they began, say what was not reported, 74" {
	standin_start
	ops 20 c >in
	run -74 --separate-stderr unread tool sf-push <in
	[ "$(ask 'dump?object=Task' | wc -l)" -eq 20 ]
	[ "$(grep -c 'create Task.* could not be reported: {"ok":true,' <<<"$stderr")" -eq 20 ]
	run -74 --separate-stderr unread tool store-apply --changes <"$DEMO/org.ndjson"
	[ "$(store_records "$SFPIPE_STORE" | wc -l)" -eq "$(wc -l <"$DEMO/org.ndjson")" ]
	grep -q 'the changes that were not written are in the store' <<<"$stderr"
}

@test "a broken pipe ends the others quietly" {
	tool store-apply <"$DEMO/org.ndjson"
	calls >calls
	for name in merge-participants associate-call log-activity; do
		run -141 --separate-stderr unread tool "$name" <calls
		[ -z "$stderr" ]
	done
	run -141 --separate-stderr unread tool store-query record Contact
	[ -z "$stderr" ]
	standin_start --load "$DEMO/org.ndjson"
	run -141 --separate-stderr unread tool sf-pull
	[ -z "$stderr" ]
}
