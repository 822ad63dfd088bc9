#!/usr/bin/env bats
# shellcheck disable=SC2154 # stderr and stderr_lines are set by bats
# The manual pages: each tool has one, it tells of the options that there are, and its EXAMPLES run:
# lines ".Dl $ ..." and displays that begin with "$ ", in a folder with the files of fixtures/man, a
# store pulled from the stand-in, and the stand-in to pull from. What cannot run says so before it:
# .\" not run: why

bats_require_minimum_version 1.5.0
load helper

DEMO=$BATS_TEST_DIRNAME/fixtures/demo

teardown() {
	standin_stop
}

tools() {
	local file
	for file in "$TOP"/cmd/*.c; do
		basename "$file" .c
	done
	echo sfpipe-sync
}

# The long options that the tool's help lists.
in_help() {
	tool "$1" --help | grep -oE '^ *(-[a-zA-Z], +)?--[a-z][a-z-]*' | sed 's/.*--//' | sort -u
}

# Those that a page tells of, as items of its lists.
in_page() {
	sed -n 's/^\.It Fl //p' "$@" | grep -oE '(^|Fl )-[a-z][a-z-]*' | sed 's/^Fl //; s/^-//' | sort -u
}

# The commands of a page's EXAMPLES, each on one line; of "not run" ones nothing.
examples() {
	awk '
		/^\.Sh / { inside = ($0 == ".Sh EXAMPLES"); next }
		!inside { next }
		/^\.\\" not run: / { skip = 1; next }
		/^\.Dl \$ / { if (!skip) print substr($0, 7); skip = 0 }
		/^\.Bd / { display = 1; text = ""; next }
		/^\.Ed/ { flush(); display = skip = 0 }
		display && /^\$ / { flush() }
		display { sub(/^ +/, " "); text = text $0 }
		function flush() {
			if (substr(text, 1, 2) == "$ " && !skip) print substr(text, 3)
			text = ""
		}
	' "$1" | sed 's/\\e/\\/g; s/\\(dq/"/g; s/\\(aq/'"'"'/g; s/\\-/-/g; s/\\&//g'
}

# The tools of ours that a page's EXAMPLES name, also where they cannot run: what begins a stage of a
# pipe and has a hyphen.
in_examples() {
	sed '/^\.\\" not run: /d' "$1" >"$BATS_TEST_TMPDIR/page"
	examples "$BATS_TEST_TMPDIR/page" | grep -oE '(^|[|;&] *)[a-z]+-[a-z-]+' | sed 's/^[|;& ]*//' | sort -u
}

@test "every tool has a manual page" {
	local name
	for name in $(tools); do
		[ -f "$TOP/man/$name.1" ] || {
			echo "no man/$name.1"
			false
		}
	done
	[ -f "$TOP/man/sfpipe.7" ]
	[ -f "$TOP/man/sfpipe-lines.5" ]
}

@test "the pages are clean" {
	command -v mandoc >/dev/null || skip "no mandoc"
	run -0 mandoc -T lint -W warning "$TOP"/man/*.[157]
}

@test "a page tells of each option that --help lists, and of no other" {
	local name page
	cd "$BATS_TEST_TMPDIR"
	for name in $(tools); do
		page=$TOP/man/$name.1
		[ -f "$page" ] || continue
		in_help "$name" >help
		in_page "$page" >page
		# options of the connection are told of once
		if grep -q 'those of the connection' "$page"; then
			in_page "$TOP/man/sf-pull.1" "$page" >all
		else
			cp page all
		fi
		[ -s help ]
		comm -23 help all >missing
		comm -13 help page >unknown
		[ ! -s missing ] || {
			echo "$name.1 lacks: $(paste -sd' ' missing)"
			false
		}
		[ ! -s unknown ] || {
			echo "$name has no: $(paste -sd' ' unknown)"
			false
		}
	done
}

@test "a page points to pages that there are, and its examples to tools that there are" {
	local page name section
	for page in "$TOP"/man/*.[157]; do
		while read -r name section; do
			[[ " bash cp cron flock getopt jq sqlite3 systemd " == *" $name "* || -f $TOP/man/$name.$section ]] || {
				echo "$(basename "$page"): no page $name($section)"
				false
			}
		done < <(sed -nE 's/^\.(.* )?Xr ([^ ]+) ([0-9]).*/\2 \3/p' "$page")
		while read -r name; do
			[ -x "$BUILD/$name" ] || {
				echo "$(basename "$page"): an example with $name, which there is not"
				false
			}
		done < <(in_examples "$page")
	done
}

@test "what a page shows of its examples is what runs" {
	command -v mandoc >/dev/null || skip "no mandoc"
	local page command shown
	for page in "$TOP"/man/*.[157]; do
		shown=$(mandoc -T ascii -O width=1000 "$page" | col -bx | tr -s ' \n' ' ')
		while read -r command; do
			[[ "$shown" == *"$ $(tr -s ' ' <<<"$command")"* ]] || {
				echo "$(basename "$page"): not as it runs: $command"
				false
			}
		done < <(examples "$page")
	done
}

@test "each page has its sections in order" {
	local page
	for page in "$TOP"/man/*.1; do
		run -0 sed -n 's/^\.Sh //p' "$page"
		[[ "$(paste -sd, <<<"$output")" =~ ^NAME,SYNOPSIS,DESCRIPTION,(ENVIRONMENT,)?(FILES,)?EXIT\ STATUS,EXAMPLES,SEE\ ALSO(,[A-Z ]+)*$ ]] || {
			echo "$page: $output"
			false
		}
	done
}

@test "the examples run" {
	local page command n=0
	STANDIN_TOKEN='00Dxx0000000001!standin'
	standin_start --load "$DEMO/org.ndjson"
	mkdir "$BATS_TEST_TMPDIR/files" "$BATS_TEST_TMPDIR/bin"
	export PATH=$BUILD:$BATS_TEST_TMPDIR/bin:$PATH
	# Salesforce's own command, where an example asks it for a token or records
	cat >"$BATS_TEST_TMPDIR/bin/sf" <<-EOF
	#!/bin/sh
	echo '{"status":0,"result":{"accessToken":"$STANDIN_TOKEN","instanceUrl":"$URL","records":[]}}'
	EOF
	chmod +x "$BATS_TEST_TMPDIR/bin/sf"
	cd "$BATS_TEST_TMPDIR/files"
	export SFPIPE_STORE=$BATS_TEST_TMPDIR/full.db
	sf-pull | store-apply
	store-apply <"$TOP/tests/fixtures/man/calls.ndjson"
	export SFPIPE_STORE=$BATS_TEST_TMPDIR/files/store.db
	for page in "$TOP"/man/*.[157]; do
		rm -rf "${PWD:?}"/*
		cp -r "$TOP"/tests/fixtures/man/* .
		cp "$BATS_TEST_TMPDIR/full.db" store.db
		(umask 077 && echo '{"client_id":"standin-client","client_secret":"standin-secret","login_url":"'"$URL"'"}' >crm.json)
		while read -r command; do
			n=$((n + 1))
			run bash -o pipefail -c "$command" </dev/null
			[ "$status" -eq 0 ] || {
				echo "$(basename "$page"): $command: status $status"
				echo "$output"
				false
			}
		done < <(examples "$page")
	done
	[ "$n" -gt 10 ]
}
