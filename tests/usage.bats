#!/usr/bin/env bats
# shellcheck disable=SC2154 # stderr and stderr_lines are set by bats
# What all tools have in common on a command line: --help, options, standard streams, completion.

bats_require_minimum_version 1.5.0
load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	export SFPIPE_STORE=$BATS_TEST_TMPDIR/store.db PATH=$BUILD:$PATH
	export SF_ACCESS_TOKEN=00Dx!secret SF_INSTANCE_URL=http://127.0.0.1:9
}

teardown() {
	[ -z "${OPEN:-}" ] || rm -rf "$OPEN"
}

tools() {
	local file
	for file in "$TOP"/cmd/*.c; do
		basename "$file" .c
	done
	echo sfpipe-sync
}

# at NAME...: says which tool a failed test was at
at() {
	echo "$*"
}

@test "--help begins with the usage, and has each block of options in alphabetical order" {
	local name
	for name in $(tools); do
		at "$name"
		run -0 --separate-stderr tool "$name" --help
		[[ "${lines[0]}" == "usage: $name "*"[options]"* ]]
		[[ "${lines[1]}" =~ ^[A-Z][a-z]+\  ]]
		[ -z "$stderr" ]
		awk -v RS= '{ print > ("block" NR) }' <<<"$output"
		for block in block*; do
			# those of all filters, and of all tools, are told of last
			sed -nE '/--max-line|--help/q; s/^  (-[a-zA-Z],|   ) --([a-z-]+).*/\2/p' "$block" >names
			LC_ALL=C sort -c names
		done
		rm -f block*
		! awk 'length($0) > 100' <<<"$output" | grep . || false
	done
}

@test "a misspelt option, one without its argument, --help to a full disk" {
	local name
	for name in $(tools); do
		at "$name"
		run -64 --separate-stderr tool "$name" --hlep
		[ "$stderr" = "$name: unrecognized option '--hlep'
$name: try '$name --help'" ]
		run -64 --separate-stderr tool "$name" -Z
		[[ "$stderr" == *"try '$name --help'" ]]
		if [ -w /dev/full ]; then
			run -74 bash -c "'$BUILD/$name' --help >/dev/full 2>/dev/null"
		fi
		run -74 bash -c "'$BUILD/$name' --version >&- 2>/dev/null"
	done
}

@test "a standard stream that is closed cannot be read or written, and is no file of ours" {
	local name line='{"kind":"call","id":"c","start":"2026-11-20T15:00:00Z","participants":[]}'
	cp "$TOP/scripts/lead-contact.map.json" map.json
	filters=(affected-calls associate-call "log-activity --now 2026-11-21T00:00:00Z" merge-participants
		"pair-records --map map.json" quarantine-email "resolve-conflicts --map map.json")
	for name in "${filters[@]}" store-apply; do
		at "$name"
		run -74 bash -c "$name <&-"
		[ "$output" = "${name%% *}: stdin: Bad file descriptor" ]
	done
	for name in "${filters[@]}"; do
		at "$name"
		run -74 bash -c "$name >&-" <<<'{"kind":"x"}'
		[ "$output" = "${name%% *}: standard output: Bad file descriptor" ]
	done
	run -74 bash -c 'store-apply --changes >&-' <<<"$line"
	run -0 store-query calls
	[ "$output" = "$line" ]
	run -65 bash -c 'store-apply 2>&-' <<<'no JSON'
	[ "$(sqlite3 "$SFPIPE_STORE" 'PRAGMA integrity_check')" = ok ]
}

@test "what is wrong with a rules file is said, by every tool that reads one" {
	local name
	mkdir folder
	echo '{"internal_domain":["us.example"]}' >misspelt
	echo '{"region":5}' >number
	echo '{"duplicates":"newest"}' >choice
	for name in affected-calls associate-call merge-participants store-apply 'store-query status'; do
		at "$name"
		# shellcheck disable=SC2086
		rules() { tool $name --rules "$1" </dev/null; }
		run -78 --separate-stderr rules folder
		[ "$stderr" = "${name%% *}: folder: Is a directory" ]
		run -78 --separate-stderr rules misspelt
		[[ "$stderr" == "${name%% *}: misspelt: no member internal_domain is known; there are "*internal_domains* ]]
		run -78 --separate-stderr rules number
		[ "$stderr" = "${name%% *}: number: region: a string is needed" ]
		run -78 --separate-stderr rules choice
		[ "$stderr" = "${name%% *}: choice: duplicates takes oldest-modified, newest-created or all, not 'newest'" ]
	done
	run -64 --separate-stderr tool associate-call --opportunity closest </dev/null
	[ "$stderr" = "associate-call: --opportunity takes closest-activity or priority, not 'closest'" ]
}

@test "a region that there is not is refused before any number is read anew by it" {
	local name
	tool store-apply --region GB <<<'{"attributes":{"type":"Contact"},"Id":"003000000000001AAA","Phone":"020 7946 0018"}'
	echo '{"region":"UK"}' >rules
	for name in store-apply merge-participants 'store-query status'; do
		at "$name"
		# shellcheck disable=SC2086
		run -64 --separate-stderr tool $name --region UK </dev/null
		[ "$stderr" = "${name%% *}: region: no country has the code UK: that of the United Kingdom is GB" ]
		# shellcheck disable=SC2086
		run -78 tool $name --rules rules </dev/null
	done
	run -0 store-query record contact --phone +442079460018
	[ -n "$output" ]
}

@test "a store that is a folder, in a folder that may not be written, or a copy there" {
	mkdir folder
	tool store-apply <<<'{"attributes":{"type":"Account"},"Id":"001000000000001AAA","Name":"Acme"}'
	for name in affected-calls associate-call log-activity 'store-query status' store-apply; do
		at "$name"
		# shellcheck disable=SC2086
		run -74 --separate-stderr tool $name --store folder </dev/null
		[ "$stderr" = "${name%% *}: folder: Is a directory" ]
	done
	OPEN=$(mktemp -d) # bats' own are closed to others
	chmod 755 "$OPEN"
	cp store.db "$OPEN"
	store-query copy "$OPEN/copy.db"
	chmod 644 "$OPEN"/*
	other() { setpriv --reuid 65534 --regid 65534 --clear-groups "$BUILD/store-query" --store "$1" record account; }
	run other /dev/null
	[ "$status" -eq 0 ] || skip "nobody else can run the tools here"
	cd "$OPEN"
	run -0 --separate-stderr other copy.db
	[[ "$output" == *Acme* ]]
	run -74 --separate-stderr other store.db
	[ "$stderr" = "store-query: store.db: to read it, its folder must be writable; or read what store-query copy makes of it" ]
}

@test "a file without a name is a mistake, not the default" {
	local name
	for name in affected-calls associate-call log-activity 'store-query status' store-apply sfpipe-sync; do
		at "$name"
		# shellcheck disable=SC2086
		run -64 --separate-stderr tool $name --store '' </dev/null
		[ "${stderr_lines[0]}" = "${name%% *}: --store takes a file" ]
	done
	for name in affected-calls associate-call merge-participants 'store-query status' store-apply sfpipe-sync; do
		at "$name"
		# shellcheck disable=SC2086
		SFPIPE_RULES='' run -64 --separate-stderr tool $name --rules= </dev/null
		[ "${stderr_lines[0]}" = "${name%% *}: --rules takes a file" ]
	done
	[ ! -e "$SFPIPE_STORE" ]
}

@test "a message names the file that was given, and steers no terminal" {
	tool store-apply </dev/null
	run -74 --separate-stderr tool store-query copy none/copy.db
	[ "$stderr" = 'store-query: none/copy.db: No such file or directory' ]
	run -64 --separate-stderr tool store-query $'a\e[31m'
	[[ "${stderr_lines[0]}" == "store-query: no command 'a\x1b[31m'; there are "* ]]
}

@test "--log=json: the last notice of a run is of level ok or error" {
	local name
	for name in affected-calls associate-call log-activity merge-participants quarantine-email store-apply; do
		at "$name"
		run -65 --separate-stderr tool "$name" --log=json <<<'no JSON'
		[ "$(jq -r .message <<<"${stderr_lines[-1]}")" = 'some lines were rejected: see the messages above' ]
		run -0 --separate-stderr tool "$name" --log=json <<<'{"kind":"notice"}'
		[ "$(jq -r .level <<<"${stderr_lines[-1]}")" = ok ]
		run -74 --separate-stderr tool "$name" --log=json <.
		[ "$(jq -c '[.level, .message]' <<<"${stderr_lines[-1]}")" = '["error","stdin: Is a directory"]' ]
	done
	run -0 --separate-stderr tool store-query status --log=json
	[ "$(jq -r .level <<<"$stderr")" = ok ]
}

@test "an option that says nothing to what is done is a mistake" {
	run -64 --separate-stderr tool store-apply --months 3 </dev/null
	[[ "$stderr" == "store-apply: --months goes with --purge"* ]]
	run -64 --separate-stderr tool pair-records --map "$TOP/scripts/lead-contact.map.json" --only Laed </dev/null
	[ "$stderr" = "pair-records: --only: no object 'Laed' is known, nor in the map" ]
	run -0 tool pair-records --map "$TOP/scripts/lead-contact.map.json" --only account --only lead </dev/null
	run -64 tool sfpipe-sync --export true
	[[ "$output" == "sfpipe-sync: --export and --import go with --map"* ]]
}

@test "the scripts that set up and check do neither when asked for help, or misspelt" {
	for name in setup check demo; do
		run -0 --separate-stderr timeout 5 "$TOP/scripts/$name" --help
		[[ "${lines[0]}" == "usage: "*"$name"* ]]
		run -64 timeout 5 "$TOP/scripts/$name" --hlep
		[[ "$output" == "$name: "* ]]
	done
}

# complete_at WORD...: what the last word is completed to, words as readline has them.
complete_at() {
	run -0 bash -c '. "$TOP/scripts/completion.bash"
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) word=${!#}
		[ "$word" != = ] || word=
		_sfpipe "$1" "$word" "${COMP_WORDS[COMP_CWORD - 1]}"
		printf "%s\n" "${COMPREPLY[@]}"' - "$@"
}

@test "completion knows every tool, its options, and what goes behind some" {
	local name
	for name in $(tools); do
		at "$name"
		run -0 bash -c '. "$TOP/scripts/completion.bash"; complete -p "$1"' - "$name"
		complete_at "$name" --
		[ "$(sed 's/=$//' <<<"$output" | sort -u)" = "$(tool "$name" --help |
			grep -oE '^ *(-[a-zA-Z], +)?--[a-z][a-z-]*' | sed 's/.*--/--/' | sort -u)" ]
	done
	complete_at associate-call --dup
	[ "$output" = --duplicates= ]
	complete_at associate-call --duplicates = n
	[ "$output" = newest-created ]
	complete_at associate-call --opportunity =
	[ "$output" = 'closest-activity
priority' ]
	complete_at store-query --opportunity ''
	[ -z "$output" ]
	touch some.file
	complete_at associate-call -s so
	[ "$output" = some.file ]
	complete_at store-query --store = so
	[ "$output" = some.file ]
	complete_at store-query -s store.db rec
	[ "$output" = record ]
	complete_at store-query --store = store.db record Opportunity
	[ "${#lines[@]}" -eq 4 ]
	complete_at store-query record contact --em
	[ "$output" = --email= ] || [ "$output" = "--email=
--emails" ]
	complete_at read-invite so
	[ "$output" = some.file ]
	complete_at sf-pull Acc
	[ "$output" = Account ]
	# the commands and objects are those that store-query has
	complete_at store-query ''
	run -64 tool store-query none
	[[ "$output" == *"there are $(complete_at store-query ''; paste -sd, <<<"$output" | sed 's/,/, /g')"* ]]
	complete_at store-query record ''
	sort <<<"$output" >mine
	run -64 tool store-query record none
	sed 's/.*there are //; s/, /\n/g' <<<"$output" | sort | cmp - mine
}
