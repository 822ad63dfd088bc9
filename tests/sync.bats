#!/usr/bin/env bats
# scripts/sync, as cron and systemd run it, against the stand-in with the demo's org; and with tools
# that end as they are told. What becomes of a kill at each point is in sync-crash.bats.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # bats runs each test in a shell of its own

load helper
load compare

DEMO=$BATS_TEST_DIRNAME/fixtures/demo
ALL='sf-pull store-apply store-query affected-calls associate-call quarantine-email pair-records resolve-conflicts log-activity sf-push'

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	STANDIN_TOKEN='00Dxx0000000001!standin'
	export SFPIPE_STORE=$PWD/store.db SFPIPE_RULES=$DEMO/rules.json PATH=$PWD/bin:$BUILD:$PATH
	mkdir bin
}

teardown() {
	[ -z "${SYNC_PID:-}" ] || kill -KILL "$SYNC_PID" 2>/dev/null || true
	standin_stop
}

sync() {
	"$TOP/scripts/sync" "$@" 3>&-
}

calls() {
	tool read-invite "$DEMO"/{harbour.ics,greenhouse-google.json,fjord-graph.json} |
		jq -c --slurpfile attendees "$DEMO/attendees.json" '.attendees = ($attendees[0][.id] // [])' |
		tool merge-participants | tool associate-call | tool store-apply
}

sql() {
	sqlite3 -readonly "$SFPIPE_STORE" "$1"
}

# All of the store, but for what moves with each pull.
rows() {
	sqlite3 -readonly "$SFPIPE_STORE" .dump | grep -Ev "^INSERT INTO (watermark|meta VALUES\('version')"
}

logged() {
	ask 'dump?object=Task' | jq -r 'select((.CallObject // "") | IN("", "dialer-20251015-7") | not) | .WhatId' | sort
}

# fake TOOL...: each reads its input, writes its name to ran, and ends with the status in its file.
fake() {
	local name
	for name; do
		cat >"bin/$name" <<-END
		#!/bin/sh
		echo $name >>$PWD/ran
		[ $name = sf-pull ] || [ $name = store-query ] || cat >/dev/null
		status=\$(cat $PWD/$name 2>/dev/null || echo 0)
		[ "\$status" -lt 128 ] || kill -\$((status - 128)) \$\$
		exit "\$status"
		END
		chmod +x "bin/$name"
	done
}

# slow TOOL: takes long; its process is in the file began.
slow() {
	printf '#!/bin/sh\necho $$ >%s/began\nexec sleep 30\n' "$PWD" >"bin/$1"
	chmod +x "bin/$1"
}

# wait_for FILE
wait_for() {
	local i
	for i in $(seq 200); do
		[ ! -s "$1" ] || return 0
		sleep 0.05
	done
	return 1
}

@test "pulls, and logs the calls; silent; a run behind that writes nothing" {
	standin_start --load "$DEMO/org.ndjson"
	run -0 sync
	[ -z "$output" ]
	is_org "$SFPIPE_STORE"
	calls
	for _ in 1 2; do
		run -0 sync
		[ -z "$output" ]
		[ "$(logged | wc -l)" -eq 3 ]
	done
	rows >before
	control log/reset
	run -0 sync
	[ -z "$output" ]
	[ "$(api_calls)" -eq 2 ]
	rows | diff before -
	[ "$(stat -c %a store.db.lock)" = 600 ]
}

@test "a store that an older sfpipe made is brought up to date, silently" {
	standin_start --load "$DEMO/org.ndjson"
	sync
	make_schema_1 store.db
	run -0 sync
	[ -z "$output" ]
	is_org "$SFPIPE_STORE"
	[ "$(sqlite3 store.db 'PRAGMA user_version')" -eq 2 ]
	sqlite3 store.db 'PRAGMA user_version = 99' >/dev/null
	run -78 sync
	[ "${#lines[@]}" -eq 1 ]
	flock -n store.db.lock true
}

# Of the call at Harbour: the people and the deal that it has, and the deal of its Task.
harbour() {
	tool store-query calls | jq -c 'select(.subject | startswith("Harbour")) | [(.associations[].id
		| select(startswith("003") or startswith("virtual"))), .primary.opportunity]'
	ask 'dump?object=Task' | jq -r 'select(.CallObject // "" | startswith("20251014-harbour")).WhatId'
}

@test "what changes in Salesforce moves the calls that it concerns, and their Tasks, in one run" {
	standin_start --load "$DEMO/org.ndjson"
	sync
	calls
	sync
	harbour >before
	grep -q virtual:kenji.mori@harbour-robotics.example before
	control records "$(jq -c 'select(.Name == "Harbour: second site") | {attributes, Id, StageName: "Closed Lost"}' "$DEMO/org.ndjson")"
	control records '{"attributes":{"type":"Contact"},"Id":"003Nl0000099999IAA","LastName":"Mori","Email":"kenji.mori@harbour-robotics.example"}'
	run -0 sync
	[ -z "$output" ]
	harbour >after
	run -1 grep -q virtual after
	grep -q 003Nl0000099999IAA after
	[ "$(tail -1 after)" != "$(tail -1 before)" ]
	[ "$(head -1 after | jq -r .[-1])" = "$(tail -1 after)" ]
	sync # reads its own Task again
	rows >before
	run -0 sync
	rows | diff before -
}

@test "an email that matches nothing is held; who comes to be known releases it; after twelve months it is destroyed" {
	standin_start --load "$DEMO/org.ndjson"
	sync
	email() {
		echo '{"kind":"email","id":"<'"$1"'@x>","date":"'"$2"'","from":{"email":"'"$1"'@nowhere.example"},"to":[],"cc":[],"subject":"s"}'
	}
	{
		email ann "$(date -u +%FT%TZ)"
		email bob "$(date -u -d '360 days ago' +%FT%TZ)"
	} | tool associate-call | tool quarantine-email | tool store-apply
	[ "$(sql 'SELECT count(*) FROM email WHERE held')" -eq 2 ]
	control records '{"attributes":{"type":"Contact"},"LastName":"Ann","Email":"ann@nowhere.example"}'
	run -0 sync
	[ -z "$output" ]
	[ "$(sql 'SELECT id, held FROM email ORDER BY id' | paste -sd' ')" = '<ann@x>|0 <bob@x>|1' ]
	sqlite3 store.db "UPDATE email SET date = '2020-01-01T00:00:00Z' WHERE held"
	touch -d '25 hours ago' store.db.daily
	run -0 sync
	[ "$(sql 'SELECT id FROM email')" = '<ann@x>' ]
}

@test "with a map the other system is kept in step too" {
	standin_start --load "$DEMO/org.ndjson"
	cat >map.json <<-'JSON'
	{"Lead":{"local":"Person","fields":[{"salesforce":"Email","local":"email"},{"salesforce":"Website","local":"site"}]}}
	JSON
	echo '{"kind":"local","object":"Person","id":"42","fields":{"email":"lena.park@sproutline.example","site":"https://sproutline.example"}}' |
		tool store-apply
	run -0 sync --map map.json
	[ -z "$output" ]
	[ "$(ask 'dump?object=Lead' | jq -r 'select(.Name == "Lena Park").Website')" = https://sproutline.example ]
	[ "$(sql 'SELECT count(*) FROM link')" -eq 1 ]
	run -0 sync --map map.json
	rows >before
	ask dump >org
	run -0 sync --map map.json
	[ -z "$output" ]
	rows | diff before -
	ask dump | cmp org -
	run -78 sync --map none.json
	[ "${#lines[@]}" -eq 1 ]
}

@test "its status is the worst of its stages; what would fail likewise is not begun" {
	fake $ALL
	run -0 sync
	[ -z "$output" ]
	echo 75 >sf-pull
	run -75 sync
	grep -q sf-push ran
	echo 65 >store-apply
	run -65 sync
	echo 69 >sf-push
	run -69 sync
	rm sf-push store-apply
	echo 78 >resolve-conflicts # a plan beyond a safety limit
	run -75 sync
	run -75 sync --map map.json # what is not in step is no ground to write
	run -1 grep pair-records ran
	echo 0 >sf-pull
	rm ran
	run -78 sync --map map.json
	grep -q pair-records ran
	grep -q log-activity ran # which has nothing to do with it
	echo 65 >store-apply
	rm ran
	for status in 64 77 78; do # an option, credentials or org that is wrong
		echo "$status" >sf-pull
		run "-$status" sync
	done
	echo 74 >store-apply # with 78 of sf-pull
	run -78 sync
	echo 0 >sf-pull
	run -74 sync
	[ -z "$output" ]
	[ "$(sort -u ran | xargs)" = 'sf-pull store-apply store-query' ] # which tells what was pulled
	rm sf-pull store-apply ran
	echo 69 >sf-pull
	run -69 sync
	run -1 grep -q sf-push ran
}

@test "a tool that is killed, ends with what it has no right to, or is not there: a line, and 74 or 78" {
	fake $ALL
	echo 137 >log-activity
	run -74 sync
	[ "$output" = 'sync: log-activity ended with status 137' ]
	echo 1 >log-activity
	run -74 sync
	[ "$output" = 'sync: log-activity ended with status 1' ]
	echo 139 >store-apply
	run -74 sync
	[ "$output" = 'sync: store-apply ended with status 139' ]
	rm log-activity store-apply
	# nothing is written to Salesforce that may not be stored
	echo 137 >associate-call
	rm ran
	run -74 sync
	run -1 grep sf-push ran
	rm associate-call
	# a broken pipe: the tool behind it says why
	echo 141 >log-activity
	echo 77 >sf-push
	run -77 sync
	[ -z "$output" ]
	rm log-activity sf-push
	echo 'no script' >bin/sf-push
	printf '#!/nowhere/sh\n' >bin/sf-push
	run -78 sync
	[ "${#lines[@]}" -eq 1 ]
	[[ "$output" == *sf-push* ]]
	PATH=/usr/bin:/bin run -0 "$BUILD/sfpipe-sync" --version # the tools beside it
	mkdir alone
	cp "$TOP/scripts/sync" alone/sync
	PATH=/usr/bin:/bin run -78 alone/sync
}

@test "a second one on the same store, by whatever name, ends with 75 at once; readers do not wait" {
	standin_start --load "$DEMO/org.ndjson"
	sync
	control faults '{"faults":["slow:ms=1500"]}'
	sync 2>err &
	SYNC_PID=$!
	sleep 0.3
	ln -s "$SFPIPE_STORE" other.db
	run -75 sync -s other.db
	[ "$output" = "sync: another one is at work on $SFPIPE_STORE" ]
	[ "$(timeout 1 "$BUILD/store-query" record Contact | wc -l)" -gt 70 ]
	kill -0 "$SYNC_PID" # it was at work all that time
	wait "$SYNC_PID"
	[ ! -s err ]
	run -0 sync
}

@test "its tools hold the lock as long as they run, also when it is killed itself" {
	fake $ALL
	slow sf-pull
	"$TOP/scripts/sync" 3>&- &
	wait_for began
	kill -KILL $!
	status=0
	wait $! || status=$?
	[ "$status" -eq 137 ]
	run -75 sync
	kill -KILL "$(cat began)"
	fake sf-pull
	for _ in $(seq 50); do
		run sync
		[ "$status" -eq 75 ] || break
		sleep 0.1
	done
	[ "$status" -eq 0 ]
}

@test "SIGTERM and SIGINT end it at once, 75; what was pulled until then is stored" {
	for signal in TERM INT; do
		rm -f store.db*
		standin_start --load "$DEMO/org.ndjson" --page-size 5
		control faults '{"faults":["slow:at=4,ms=20000"]}'
		env --default-signal=INT "$TOP/scripts/sync" Contact 2>err 3>&- &
		SYNC_PID=$!
		for _ in $(seq 100); do
			[ "$(ask faults | jq '.faults[0].fired')" -eq 0 ] || break
			sleep 0.05
		done
		SECONDS=0
		kill -"$signal" "$SYNC_PID"
		status=0
		wait "$SYNC_PID" || status=$?
		[ "$status" -eq 75 ]
		[ "$SECONDS" -lt 10 ]
		[ "$(sql 'SELECT count(*) > 0 FROM contact')" -eq 1 ]
		[ ! -s err ]
		control faults '{"clear":true}'
		sync Contact
		is_org "$SFPIPE_STORE"
		standin_stop
	done
}

@test "--every runs again and again, and ends at a SIGTERM; with 77 it ends by itself" {
	fake $ALL
	"$TOP/scripts/sync" --every 4 2>err 3>&- &
	SYNC_PID=$!
	for _ in $(seq 400); do
		[ "$(grep -c sf-push ran 2>/dev/null)" != 2 ] || break
		sleep 0.05
	done
	sleep 1
	kill -TERM "$SYNC_PID"
	wait "$SYNC_PID"
	[ ! -s err ]
	[ "$(grep -c sf-pull ran)" -eq 2 ]
	rm ran
	echo 69 >sf-pull
	"$TOP/scripts/sync" --every 1h 3>&- &
	SYNC_PID=$!
	wait_for ran
	sleep 0.3
	kill -TERM "$SYNC_PID"
	wait "$SYNC_PID" # the 69 is of a run that is over
	echo 77 >sf-pull
	run -77 sync --every 1
}

@test "--max-records: what was left is there after as many runs as it takes, 75 until then" {
	awk 'BEGIN { for (i = 1; i <= 2500; i++) printf "{\"attributes\":{\"type\":\"Contact\"},\"Id\":\"003xx%010d\",\"LastName\":\"N%d\"}\n", i, i }' >org
	standin_start --load org
	run -75 sync --max-records 1000
	[ "$output" = "sf-pull: Contact: stopped after 1000 new records (--max-records), 1500 are left: run again" ]
	run -75 sync --max-records 1000
	[[ "$output" == *" 500 "*left* ]]
	run -0 sync --max-records 1000
	[ -z "$output" ]
	is_org "$SFPIPE_STORE"
}

@test "one object that is refused for good keeps the calls and Tasks of the others from nothing" {
	standin_start --load "$DEMO/org.ndjson"
	sync
	calls
	sync
	[ "$(logged | wc -l)" -eq 3 ]
	control records '{"attributes":{"type":"Contact"},"Id":"003Nl0000099999IAA","LastName":"Mori","Email":"kenji.mori@harbour-robotics.example"}'
	sqlite3 store.db "UPDATE watermark SET read = '2026-01-01T00:00:00Z'"
	printf '#!/bin/sh\n"$BUILD/sf-pull" "$@"\necho one is refused >&2\nexit 78\n' >bin/sf-pull
	chmod +x bin/sf-pull
	tool associate-call <<<'{"kind":"call","id":"new","start":"2026-11-20T15:00:00Z","participants":[{"email":"kenji.mori@harbour-robotics.example"}]}' |
		tool store-apply
	run -78 sync
	[ "$output" = 'one is refused' ]
	tool store-query calls | grep 20251014-harbour | grep -q 003Nl0000099999IAA
	[ "$(logged | wc -l)" -eq 4 ]
}

# In Salesforce a role is deleted without a trace.
remove_role() {
	control purge "{\"object\":\"OpportunityContactRole\",\"ids\":$(ask 'dump?object=OpportunityContactRole' |
		jq -sc '[.[0].Id]')}"
}

roles() {
	sql 'SELECT count(*) FROM opportunity_contact_role WHERE NOT is_deleted'
}

gone() {
	local id
	id=$(jq -r 'select(.attributes.type == "Lead").Id' "$DEMO/org.ndjson" | head -1)
	sql "SELECT count(*) FROM lead WHERE id = '$id' AND is_deleted"
}

@test "once a day OpportunityContactRole is audited, and what was not pulled for 14 days" {
	standin_start --load "$DEMO/org.ndjson"
	sync
	remove_role
	control purge "{\"object\":\"Lead\",\"ids\":$(ask 'dump?object=Lead' | jq -sc '[.[0].Id]')}"
	[ "$(gone)" -eq 0 ]
	sync
	[ "$(roles)" -eq 26 ] # today's is done
	touch -d '25 hours ago' store.db.daily
	run -0 sync
	[ -z "$output" ]
	[ "$(roles)" -eq 25 ]
	[ "$(gone)" -eq 0 ]
	touch -d '25 hours ago' store.db.daily
	sqlite3 store.db "UPDATE watermark SET read = strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-15 days') WHERE object IN ('Lead', 'User')"
	# the pull ends that, the audit does not come to pass: it is still to be done
	printf '#!/bin/sh\ncase " $* " in *" --audit "*) exit 69 ;; esac\nexec "$BUILD/sf-pull" "$@"\n' >bin/sf-pull
	chmod +x bin/sf-pull
	run -69 sync
	[ "$(cut -d' ' -f1 store.db.due | sort | paste -sd' ')" = 'Lead OpportunityContactRole' ]
	rm bin/sf-pull
	run -0 sync
	[ "$(gone)" -eq 1 ]
	[ ! -e store.db.due ]
	control log/reset
	run -0 sync
	[ "$(api_calls)" -eq 2 ]
}

@test "Salesforce that is not there is 69, said once; credentials that are none 78, refused ones 77" {
	standin_start
	run -77 env SF_ACCESS_TOKEN=wrong "$TOP/scripts/sync"
	[ "${#lines[@]}" -eq 1 ]
	run -78 env -u SF_ACCESS_TOKEN "$TOP/scripts/sync"
	[ "${#lines[@]}" -eq 1 ]
	run -78 sync --credentials none.json
	[ "${#lines[@]}" -eq 1 ]
	standin_stop
	run -69 sync --retry-budget 1s
	[ "${#lines[@]}" -eq 1 ]
}

@test "the token command is asked with what it needs, and holds no lock" {
	standin_start --load "$DEMO/org.ndjson"
	cat >login <<-'END'
	#!/bin/sh
	sleep 5 >/dev/null 2>&1 &
	[ ! -e /proc/$!/fd/9 ] || exit 1
	echo '00Dxx0000000001!standin'
	END
	chmod +x login
	unset SF_ACCESS_TOKEN
	run -0 sync --token-command ./login
	[ -z "$output" ]
	run -0 sync --token-command ./login
}

@test "a store that cannot be written is 74, a full disk too" {
	standin_start --load "$DEMO/org.ndjson"
	run -74 sync --store /proc/store.db
	[ "$output" = 'sync: /proc/store.db.lock cannot be written' ]
}

@test "misuse is 64; --help lists every option, --version the version" {
	run -64 sync --bogus
	[[ "$output" == "sync: unrecognized option '--bogus'"*"sync: try 'sync --help'" ]]
	run -64 sync --every soon
	run -64 sync --every 0
	run -64 sync --max-records
	run -64 env -u SFPIPE_STORE -u HOME -u XDG_STATE_HOME "$TOP/scripts/sync"
	run -64 sync Nothing
	[ "${#lines[@]}" -le 2 ]
	run -64 sync --max-records many
	run -0 sync --help
	[[ "$output" == "usage: sync"*--every*--store*--version* ]]
	[ "$("$BUILD/sfpipe-sync" --version)" = "$(tool sf-pull --version | sed 's/^sf-pull/sfpipe-sync/')" ]
	run -74 bash -c '"$TOP/scripts/sync" --help >/dev/full'
}
