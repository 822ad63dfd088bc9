#!/usr/bin/env bats
# quarantine-email, and store-apply --purge: emails that match nothing.
# shellcheck disable=SC2154 # stderr is set by bats

bats_require_minimum_version 1.5.0
load helper

NOW=2026-11-22T12:00:00Z

setup() {
	export SFPIPE_STORE=$BATS_TEST_TMPDIR/store.db
	cd "$BATS_TEST_TMPDIR" || return
}

# email ID DATE FROM [MEMBERS]: a line as read-email makes it, its subject of its own.
email() {
	printf '{"kind":"email","id":"<%s@x>","date":"%s","from":{"email":"%s"},"to":[],"cc":[],"subject":"SECRET-%s"%s}\n' \
		"$1" "$2" "$3" "$1" "${4:+,$4}"
}

account() {
	cat <<-'JSON'
	{"attributes":{"type":"Account"},"Id":"001000000000001","Name":"Acme","SystemModstamp":"2026-11-01T00:00:00Z"}
	{"attributes":{"type":"Contact"},"Id":"003000000000001","AccountId":"001000000000001","Email":"jane@acme.com","SystemModstamp":"2026-11-01T00:00:00Z"}
	JSON
}

sql() {
	sqlite3 -readonly "$SFPIPE_STORE" "$1"
}

# The whole EMAIL pipeline of design 1, but for the reading.
quarantine() {
	tool associate-call | tool quarantine-email --now "$NOW" | tool store-apply --now "$NOW"
}

# What is left of the words in the file, its log and its index.
left() {
	cat "$SFPIPE_STORE" "$SFPIPE_STORE"-* 2>/dev/null | grep -aoE "$1" | sort -u | paste -sd' '
}

@test "associated: passed without held; not: held, or dropped when it is old; all else passes" {
	cat >in <<-'JSON'
	{"kind":"call","id":"c","held":true}
	{"kind":"email","id":"<1>","date":"2020-01-01T00:00:00Z","associations":[{"object":"Account","id":"001"}], "x":1.0}
	{"kind":"email","id":"<2>","date":"2026-11-20T15:00:00Z","held":true,"associations":[{"object":"Account","id":"001"}]}
	{"kind":"email","id":"<3>","date":"2026-11-20T15:00:00Z","associations":[]}
	{"kind":"email","id":"<4>","date":"2026-11-20T15:00:00Z","associations":[],"held":true}
	{"kind":"email","id":"<5>","date":"2026-11-20T15:00:00Z","associations":[],"held":false}
	{"kind":"email","id":"<6>","date":"2025-11-22T11:59:59Z","associations":[],"held":true}
	{"kind":"email","id":"<7>","date":"2025-11-22T12:00:00Z","associations":[]}
	{"kind":"email","id":"<8>","date":"2020-01-01T00:00:00Z","associations":[],"stored":7}
	{"kind":"checkpoint","consumer":"calls","of":"changes","seq":812}
	JSON
	tool quarantine-email -v --now "$NOW" <in >out 2>err
	diff - out <<-'JSON'
	{"kind":"call","id":"c","held":true}
	{"kind":"email","id":"<1>","date":"2020-01-01T00:00:00Z","associations":[{"object":"Account","id":"001"}], "x":1.0}
	{"kind":"email","id":"<2>","date":"2026-11-20T15:00:00Z","associations":[{"object":"Account","id":"001"}]}
	{"kind":"email","id":"<3>","date":"2026-11-20T15:00:00Z","associations":[],"held":true}
	{"kind":"email","id":"<4>","date":"2026-11-20T15:00:00Z","associations":[],"held":true}
	{"kind":"email","id":"<5>","date":"2026-11-20T15:00:00Z","associations":[],"held":true}
	{"kind":"email","id":"<7>","date":"2025-11-22T12:00:00Z","associations":[],"held":true}
	{"kind":"email","id":"<8>","date":"2020-01-01T00:00:00Z","associations":[],"stored":7,"held":true}
	{"kind":"checkpoint","consumer":"calls","of":"changes","seq":812}
	JSON
	grep -q "emails: 2 associated, 5 held, 1 dropped as they match nothing and are from before 2025-11-22T12:00:00Z" err
}

@test "months are the calendar's" {
	email 1 2026-02-28T11:59:59Z a@x.com '"associations":[]' >in
	email 2 2026-02-28T12:00:00Z a@x.com '"associations":[]' >>in
	run -0 tool quarantine-email --months 1 --now 2026-03-31T12:00:00Z <in
	[ "$(jq -r .id <<<"$output")" = "<2@x>" ]
	run -0 tool quarantine-email --months 0 --now 2026-03-31T12:00:00Z <in
	[ -z "$output" ]
	run -0 tool quarantine-email --months 1200 --now 2026-03-31T12:00:00Z <in
	[ "${#lines[@]}" -eq 2 ]
}

@test "an email that was not associated, or has no date, is rejected; misuse; a full disk; --help" {
	cat >in <<-'JSON'
	{"kind":"email","id":"<1>","date":"2026-11-20T15:00:00Z"}
	{"kind":"email","id":"<2>","date":"tomorrow","associations":[]}
	{"kind":"email","id":"<3>","date":"2026-11-20T15:00:00Z","associations":[]}
	JSON
	run -65 --separate-stderr tool quarantine-email --now "$NOW" <in
	[ "${#lines[@]}" -eq 1 ]
	[ "$stderr" = "quarantine-email: stdin:1: no associations: associate-call finds what there are
quarantine-email: stdin:2: date is no RFC 3339 time" ]
	run -64 tool quarantine-email --months 1201 <in
	run -64 tool quarantine-email extra <in
	run -74 bash -c '"$BUILD/quarantine-email" <in >/dev/full'
	run -0 --separate-stderr tool quarantine-email --help
	[[ "$output" == "usage: quarantine-email "* ]]
}

@test "EMAIL: mail is read, associated, held or dropped, and stored; a change releases what was held" {
	account | tool store-apply
	mkdir -p Maildir/new Maildir/cur
	printf 'From: jane@acme.com\nDate: Fri, 20 Nov 2026 15:00:00 +0000\nMessage-ID: <1@x>\n\n' >Maildir/new/1
	printf 'From: eve@new.io\nDate: Fri, 20 Nov 2026 15:00:00 +0000\nMessage-ID: <2@x>\n\n' >Maildir/new/2
	printf 'From: eve@new.io\nDate: Fri, 20 Nov 2020 15:00:00 +0000\nMessage-ID: <3@x>\n\n' >Maildir/new/3
	tool read-email Maildir | quarantine
	[ "$(sql 'SELECT id, held FROM email ORDER BY id' | paste -sd' ')" = "<1@x>|0 <2@x>|1" ]
	[ "$(tool store-query emails | jq -c 'select(.held) | .id')" = '"<2@x>"' ]
	# the same again changes nothing
	sqlite3 "$SFPIPE_STORE" .dump >before
	tool read-email Maildir | quarantine
	sqlite3 "$SFPIPE_STORE" .dump | diff before -
	echo '{"attributes":{"type":"Lead"},"Id":"00Q000000000001","Email":"eve@new.io","Company":"New","SystemModstamp":"2026-11-21T00:00:00Z"}' |
		tool store-apply
	tool store-query emails | quarantine
	[ "$(sql 'SELECT id, held FROM email ORDER BY id' | paste -sd' ')" = "<1@x>|0 <2@x>|0" ]
	[ "$(tool store-query emails | jq -c '.held' | sort -u)" = null ]
	[ "$(sql "SELECT record_id FROM association WHERE call_id = '<2@x>'")" = 00Q000000000001EAA ]
}

@test "BATCH: a change releases a held email, another one holds it again, however old; a purge ends it" {
	batch() {
		tool store-query changes --consumer calls | tool affected-calls | tool associate-call "$@" |
			tool quarantine-email --now "$NOW" | tool store-apply --now "$NOW"
	}
	account | tool store-apply
	email 1 2026-11-20T15:00:00Z eve@new.io >in
	email 2 2026-11-20T15:00:00Z other@else.io >>in
	quarantine <in
	email 3 2020-11-20T15:00:00Z eve@new.io '"associations":[],"held":true' | tool store-apply
	batch --keep
	[ "$(sql 'SELECT held FROM email ORDER BY id' | paste -sd' ')" = "1 1 1" ]
	echo '{"attributes":{"type":"Lead"},"Id":"00Q000000000001","Email":"eve@new.io","Company":"New","SystemModstamp":"2026-11-21T00:00:00Z"}' |
		tool store-apply
	batch --keep
	[ "$(sql 'SELECT held FROM email ORDER BY id' | paste -sd' ')" = "0 1 0" ]
	tool store-apply --purge --now "$NOW" </dev/null
	[ "$(sql 'SELECT count(*) FROM email')" -eq 3 ]
	echo '{"attributes":{"type":"Lead"},"Id":"00Q000000000001","IsDeleted":true,"SystemModstamp":"2026-11-22T00:00:00Z"}' |
		tool store-apply
	cp "$SFPIPE_STORE" kept.db
	batch
	[ "$(sql 'SELECT held FROM email ORDER BY id' | paste -sd' ')" = "1 1 1" ]
	tool store-apply --purge --now "$NOW" </dev/null
	[ "$(sql 'SELECT id FROM email ORDER BY id' | paste -sd' ')" = "<1@x> <2@x>" ]
	# what a kept association holds on to is not held
	export SFPIPE_STORE=$PWD/kept.db
	batch --keep
	[ "$(sql 'SELECT held FROM email ORDER BY id' | paste -sd' ')" = "0 1 0" ]
}

@test "--purge destroys what is held and past its time, and says how many" {
	account | tool store-apply
	{
		email 1 2020-11-20T15:00:00Z jane@acme.com
		email 2 2026-11-20T15:00:00Z eve@new.io
		email 3 2025-11-22T12:00:01Z eve@new.io
	} | quarantine
	email 4 2020-01-01T00:00:00Z old@new.io '"associations":[],"held":true' | tool store-apply
	run -0 --separate-stderr tool store-apply --purge -v --now "$NOW" </dev/null
	[ "$stderr" = "store-apply: 1 held emails and 0 rejected ones destroyed" ]
	[ "$(sql 'SELECT id FROM email ORDER BY id' | paste -sd' ')" = "<1@x> <2@x> <3@x>" ]
	[ "$(sql "SELECT count(*) FROM call_participant WHERE call_id = '<4@x>'")" -eq 0 ]
	[ "$(left 'SECRET-.')" = "SECRET-1 SECRET-2 SECRET-3" ]
	[ "$(left 'old@new.io')" = "" ]
	run -0 --separate-stderr tool store-apply --purge --now 2026-11-22T12:00:02Z </dev/null
	[ -z "$stderr" ]
	[ "$(sql 'SELECT id FROM email ORDER BY id' | paste -sd' ')" = "<1@x> <2@x>" ]
	run -0 --separate-stderr tool store-apply --purge --months 0 --changes --now "$NOW" </dev/null
	[ "$(jq -c '[.side,.object,.id,.after]' <<<"$output")" = '["calls","email","<2@x>",null]' ]
	[ "$(left 'SECRET-.')" = "SECRET-1" ]
	[ "$(sql "SELECT count(*) FROM meta WHERE name = 'purge'")" -eq 0 ]
	[ "$(sql 'PRAGMA integrity_check')" = ok ]
	# nothing to do: not even a row of meta
	sqlite3 "$SFPIPE_STORE" .dump >before
	tool store-apply --purge --months 0 --now "$NOW" </dev/null
	sqlite3 "$SFPIPE_STORE" .dump | diff before -
}

@test "what was purged while it was looked at anew does not come back" {
	email 1 2020-11-20T15:00:00Z eve@new.io '"associations":[],"held":true' | tool store-apply
	tool store-query changes --consumer calls --all | tool affected-calls | tool associate-call |
		tool quarantine-email --now "$NOW" >late
	run -0 grep -c SECRET late
	tool store-apply --purge --now "$NOW" </dev/null
	tool store-apply --now "$NOW" <late
	[ "$(sql 'SELECT count(*) FROM email')" -eq 0 ]
	[ "$(left SECRET-1)" = "" ]
	# mail that is read anew is nobody's old copy
	email 1 2020-11-20T15:00:00Z eve@new.io '"associations":[],"held":true' | tool store-apply
	[ "$(sql 'SELECT count(*) FROM email')" -eq 1 ]
}

@test "nothing is left of them: versions before, rejects, changes that tell of them, in file or log" {
	account | tool store-apply
	# many of all sizes, changed often, so that pages split and are used again
	python3 - <<-'PYTHON' >emails
	import random
	r = random.Random(1)
	for round in range(3):
	    for i in range(600):
	        old = i % 2
	        text = "".join(r.choices("abcdefgh", k=r.choice([10, 300] if round == 2 else [300, 2000, 9000])))
	        print('{"kind":"email","id":"<%d.%d@x>","date":"%s-11-20T15:00:00Z","from":{"email":"p%d@new.io"},'
	              '"to":[],"cc":[],"subject":"%s-%d-%d %s","associations":[],"held":true}' % (
	              i * 7919 % 104729, i, "2020" if old else "2026", i, "SECRET" if old else "PUBLIC", i, round, text))
	PYTHON
	tool store-apply <emails
	{
		printf '%s\n' '{"kind":"reject","tool":"t","why":"w","line":"{\"kind\":\"email\",\"date\":\"2020-01-01T00:00:00Z\",\"subject\":\"SECRET-reject\"}"}'
		printf '%s\n' '{"kind":"reject","tool":"t","why":"w","line":"{\"kind\":\"email\",\"date\":\"x\",\"subject\":\"SECRET-undated\"}"}'
		printf '%s\n' '{"kind":"reject","tool":"t","why":"w","line":"{\"kind\":\"email\",\"subject\":\"SECRET-cut"}'
	} | tool store-apply --now 2020-01-01T00:00:00Z
	{
		printf '%s\n' '{"kind":"reject","tool":"t","why":"w","line":"{\"kind\":\"email\",\"date\":\"x\",\"subject\":\"PUBLIC-undated\"}"}'
		printf '%s\n' '{"kind":"reject","tool":"t","why":"w","line":"{\"kind\":\"call\",\"date\":\"2020-01-01T00:00:00Z\",\"subject\":\"PUBLIC-call\"}"}'
	} | tool store-apply --now "$NOW"
	[ -n "$(left 'SECRET-reject')" ]
	run -0 --separate-stderr tool store-apply --purge -v --now "$NOW" </dev/null
	[ "$stderr" = "store-apply: 300 held emails and 3 rejected ones destroyed" ]
	[ -z "$(left 'SECRET[^ ]*')" ]
	[ "$(left 'PUBLIC-(undated|call)')" = "PUBLIC-call PUBLIC-undated" ]
	[ "$(sql 'SELECT count(*) FROM email')" -eq 300 ]
	[ "$(sql "SELECT count(*) FROM change WHERE object = 'email' AND line LIKE '%\"after\":null}'")" -eq 300 ]
	# whoever shows emails hears of the end, and of nothing else of theirs
	tool store-apply --add app2
	tool store-query changes --consumer app2 >heard
	[ -z "$(grep -o 'SECRET' heard)" ]
}

@test "a virtual record that only a destroyed email named is destroyed with it" {
	account | tool store-apply
	email 1 2020-01-01T00:00:00Z new@acme.com >in
	email 2 2026-01-01T00:00:00Z other@acme.com >>in
	quarantine <in
	[ "$(sql 'SELECT count(*) FROM virtual_record')" -eq 2 ]
	printf '%s\n' '{"attributes":{"type":"Contact"},"Id":"003000000000001","IsDeleted":true,"SystemModstamp":"2026-11-02T00:00:00Z"}' |
		tool store-apply
	jq -c '.associations = [] | .held = true' in | head -1 | tool store-apply
	tool store-apply --purge --now "$NOW" </dev/null
	[ "$(sql 'SELECT email FROM virtual_record')" = other@acme.com ]
	[ -z "$(left 'new@acme.com')" ]
}

@test "what is owed of a destroyed email is gone too; log-activity and the rest take the last change" {
	email 1 2020-01-01T00:00:00Z a@x.com '"associations":[],"held":true,"as_of":0' >in
	account | tool store-apply
	tool store-apply <in
	[ "$(sql 'SELECT count(*) FROM owed')" -eq 1 ]
	tool store-apply --purge --now "$NOW" </dev/null
	[ "$(sql 'SELECT count(*) FROM owed')" -eq 0 ]
	tool store-query changes --consumer activity | tool log-activity --now "$NOW" >out
	[ "$(jq -r .kind out | sort -u)" = checkpoint ] || [ "$(jq -r 'select(.kind == "op")' out)" = "" ]
	tool store-apply <out
}

@test "a reader that stays keeps the purge from ending: 75, and the next one ends it" {
	account | tool store-apply
	email 1 2020-01-01T00:00:00Z a@x.com '"associations":[],"held":true' | tool store-apply
	python3 - "$SFPIPE_STORE" 3>&- <<-'PYTHON' &
	import sqlite3, sys, time
	db = sqlite3.connect(sys.argv[1], isolation_level=None)
	db.execute("BEGIN")
	db.execute("SELECT count(*) FROM email").fetchall()
	open("reading", "w").close()
	while True:
	    time.sleep(1)
	PYTHON
	reader=$!
	for _ in $(seq 100); do
		[ ! -e reading ] || break
		sleep 0.05
	done
	run -75 --separate-stderr tool store-apply --purge --lock-wait 1s --now "$NOW" </dev/null
	kill "$reader"
	wait "$reader" || true
	[[ "$stderr" == *"run again"* ]]
	[ "$(sql 'SELECT count(*) FROM email')" -eq 0 ]
	run -0 tool store-apply --purge --now "$NOW" </dev/null
	[ -z "$(left 'SECRET-.')" ]
	[ "$(sql "SELECT count(*) FROM meta WHERE name = 'purge'")" -eq 0 ]
}

@test "--purge takes no --add with it; without a store there is nothing to destroy" {
	run -64 tool store-apply --purge --add x </dev/null
	run -0 --separate-stderr tool store-apply --purge -v </dev/null
	[ "$stderr" = "store-apply: 0 held emails and 0 rejected ones destroyed" ]
}
