#!/usr/bin/env bats
# The two-way sync killed at the crash points of each of its tools, and of what the importer can lose:
# the next runs leave both sides as one whole run does. `make check-crash`; STEPS as in crash.bats.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154,SC2317 # bats runs each test in a shell of its own
bats_require_minimum_version 1.5.0
load helper
load compare
load two-way

STEPS=${STEPS:-2}

setup_file() {
	export HAS_POINTS=yes
	if SFPIPE_CRASH_AT=1 "$BUILD/store-apply" --store "$BATS_FILE_TMPDIR/probe.db" </dev/null; then
		HAS_POINTS=
	fi
}

setup() {
	[ -n "$HAS_POINTS" ] || skip "no crash points in this build: make check-crash"
	cd "$BATS_TEST_TMPDIR" || return 1
	two_way
	before
}

teardown() {
	standin_stop
}

# Both sides in step, then edits of every kind on both; kept in before/.
before() {
	local n
	for n in 1 2 3 4 5 6; do
		lead "$n" '"LastName":"N'"$n"'","Company":"C","Email":"e'"$n"'@x.com","Phone":"1","Title":"T"'
	done
	round && round && round && agree
	lead 1 '"Phone":"2"'
	lead 2 '"Title":"CEO"'
	lead 7 '"LastName":"N7","Company":"C","Email":"e7@x.com"'
	control delete '{"object":"Lead","id":"00Qxx0000000003"}'
	control merge '{"object":"Lead","winner":"00Qxx0000000005","losers":["00Qxx0000000006"]}'
	edit "phone = '3' WHERE salesforce_id LIKE '00Qxx0000000002%'"
	edit "title = 'CTO', rating = 'Hot' WHERE salesforce_id LIKE '00Qxx0000000004%'"
	app "INSERT INTO Lead (name, email, company, phone, modified) VALUES ('L1', 'l1@x.com', 'X', '7', '2026-11-20T15:00:00Z'),
		('L2', 'l2@x.com', 'X', '8', '2026-11-20T15:00:00Z')"
	mkdir before
	cp app.db before
	"$BUILD/store-query" copy before/store.db
	ask dump >before/org
}

back() {
	rm -f store.db* app.db*
	cp before/*.db .
	standin_stop
	two_way_org --load before/org
}

# What is in the end, but for what counts and the clock.
ends() {
	sides
	echo salesforce; cat salesforce
	echo local; cat local
	tool store-query links | jq -r '[.salesforce_id[0:15], .why // "lives"] | join(" ")' | sed 's/00Q000.*AAA/new/' | sort
}

whole() {
	local n
	for n in 1 2 3; do round || return 1; done
	ends >after
	diff expected after || return 1
	[ "$(ask dump | jq -r 'select(.attributes.type == "Lead" and (.IsDeleted | not)).Email' | sort | uniq -d)" = '' ] || return 1
	round || return 1
	[ ! -s pushed ] || [ "$(jq -r .kind pushed | sort -u)" = checkpoint ]
}

# dies TOOL N PIPELINE: with the tool's N-th crash point; its status.
dies() {
	(
		tool() {
			local name=$1
			shift
			if [ "$name" = "$victim" ]; then
				SFPIPE_CRASH_AT=$point "$BUILD/$name" "$@"
				echo $? >died
				return "$(cat died)"
			fi
			"$BUILD/$name" "$@"
		}
		victim=$1 point=$2
		set +e +o pipefail
		"$3" 2>/dev/null
	) >/dev/null
	return "$(cat died)"
}

sync() {
	plan | push
}

# each_point TOOL PIPELINE, PREPARE before each: TOOL dies at its points until it survives.
each_point() {
	local n=1 status
	points=0
	while :; do
		back && "$3" || return 1
		status=0
		dies "$1" "$n" "$2" || status=$?
		[ "$status" -eq 137 ] || break
		points=$n
		whole || {
			echo "after $1's death at point $n"
			return 1
		}
		n=$((n + 1 + n / STEPS))
	done
	[ "$status" = 0 ] || [ "$status" = 65 ]
}

expect() {
	whole_run() { round && round && round; }
	whole_run && ends >expected
}

ready() {
	export_local && pull
}

@test "sf-push and store-apply killed within SYNC" {
	expect
	each_point sf-push sync ready
	[ "$points" -ge 2 ]
	each_point store-apply sync ready
	[ "$points" -ge 4 ]
}

@test "LOCAL killed: the exporter's and the importer's store-apply, and an importer whose output is lost" {
	expect
	ready_to_export() { pull; }
	each_point store-apply export_local ready_to_export
	ready_to_import() { ready && sync; }
	each_point store-apply import_local ready_to_import
	[ "$points" -ge 4 ]
	for lines in 0 1 2 3; do
		back && ready && sync
		tool store-query ops --consumer app | "$TOP/scripts/local-import" app.db | head -n "$lines" | tool store-apply
		whole
	done
}
