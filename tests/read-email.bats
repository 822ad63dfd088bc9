#!/usr/bin/env bats
# shellcheck disable=SC2154 # stderr is set by bats

bats_require_minimum_version 1.5.0
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# message [HEADER...]: a message with From and Date, and these fields before them.
message() {
	[ $# -eq 0 ] || printf '%s\n' "$@"
	printf '%s\n' 'From: Jane Roe <jane@acme.com>' 'Date: Fri, 20 Nov 2026 15:00:00 +0100' '' 'the body'
}

@test "a message becomes a line, its headers unfolded and decoded" {
	cat >m.eml <<-'EML'
	Received: from x by y; Fri, 20 Nov 2026 14:00:01 +0000
	From: =?iso-8859-1?Q?J=E4ne?= Roe <Jane@ACME.com>
	To: "Doe, John" <john@x.com>,
	 A Group: ed@y.org (Ed), <mailto:joe@y.org>;
	to: rep@us.example
	CC: undisclosed-recipients:;
	Subject: =?UTF-8?B?U3RhdHVzIG8=?=
	 =?UTF-8?B?ZiB0aGUg?= =?utf-8?q?Gr=C3=B6=C3=9Fe?=
	  today
	Date: Fri, 20 Nov 2026 15:00:00 +0100 (CET)
	Message-ID: <m1@x>
	In-Reply-To: <m0@x>
	References: <a@x> (the first)
	 <m0@
	 x>
	Reply-To: sales@acme.com

	To: nobody@body.example
	EML
	run -0 tool read-email m.eml
	[ "$output" = '{"kind":"email","id":"<m1@x>","date":"2026-11-20T14:00:00Z","from":{"email":"jane@acme.com","name":"Jäne Roe"},"to":[{"email":"john@x.com","name":"Doe, John"},{"email":"ed@y.org","name":"Ed"},{"email":"joe@y.org"},{"email":"rep@us.example"}],"cc":[],"subject":"Status of the Größe today","reply_to":[{"email":"sales@acme.com"}],"message_id":"<m1@x>","in_reply_to":["<m0@x>"],"references":["<a@x>","<m0@x>"]}' ]
	run -0 tool read-email <m.eml
	[[ "$output" == *'"id":"<m1@x>"'* ]]
	sed 's/$/\r/' m.eml >crlf.eml
	tool read-email m.eml >lf
	tool read-email crlf.eml >crlf
	cmp lf crlf
}

@test "what is obsolete, broken or not ASCII is understood" {
	{
		printf 'Subject: caf\xe9 at noon\n'
		printf 'To: M\xfcller <mueller@x.com>, Gr\xc3\xbc\xc3\x9f <gruss@x.com>\n'
		printf 'Cc: jos\xc3\xa9@m\xc3\xbcnchen.example, a@x.com; b@x.com, "j.doe"@x.com, d..o.t.@x.com, root\n'
		message
	} | tool read-email >out
	[ "$(jq -r .subject out)" = "café at noon" ]
	[ "$(jq -c .to out)" = '[{"email":"mueller@x.com","name":"Müller"},{"email":"gruss@x.com","name":"Grüß"}]' ]
	[ "$(jq -rc '[.cc[].email//empty]|sort' out)" = '["a@x.com","b@x.com","d..o.t.@x.com","j.doe@x.com","josé@xn--mnchen-3ya.example"]' ]
	message 'To: Joe Q. Public <@host.tld:mary@example.net>, , jdoe@test   . example' \
		'Cc: Pete(A nice \) chap) <pete(his account)@silly.test(his host)>' | tool read-email >out
	[ "$(jq -c '[.to,.cc]' out)" = '[[{"email":"mary@example.net","name":"Joe Q. Public"},{"email":"jdoe@test.example"}],[{"email":"pete@silly.test","name":"Pete"}]]' ]
	printf 'From : a@b.c\nno field at all\nDate: 21 Nov 97 09:55:06 GMT\n \n\nx' | tool read-email >out
	[ "$(jq -r '.from.email + .date' out)" = "a@b.c1997-11-21T09:55:06Z" ]
	message "To: 'ann@x.com' <ann@x.com>, 'Bob' <bob@x.com>, o'neil@x.com, 'cy@x.com'" \
		'Cc: Dee [mailto:dee@x.com]; [ed@x.com] e@[192.0.2.1]' | tool read-email >out
	[ "$(jq -c '[.to[].email]' out)" = '["ann@x.com","bob@x.com","o'"'"'neil@x.com","cy@x.com"]' ]
	[ "$(jq -c '[.cc[].email // empty]|sort' out)" = '["dee@x.com","e@[192.0.2.1]","ed@x.com"]' ]
	printf 'From: a@b.c\nDate: Sat, 31 Dec 2016 23:59:60 +0000\n' | tool read-email >out
	[ "$(jq -r .date out)" = 2016-12-31T23:59:59Z ]
	printf 'From: a\0@b.c\nDate: 2026-11-20T15:00:00Z' | tool read-email >out
	[ "$(jq -r '.from.email + .date' out)" = "a@b.c2026-11-20T15:00:00Z" ]
}

@test "several authors are an array, and all are participants" {
	printf 'From: a@x.com, B <b@x.com>\nDate: 20 Nov 2026 10:00 +0000\n\n' | tool read-email >out
	[ "$(jq -c .from out)" = '[{"email":"a@x.com"},{"email":"b@x.com","name":"B"}]' ]
	SFPIPE_STORE=$PWD/store.db
	export SFPIPE_STORE
	tool store-apply <out
	[ "$(sqlite3 store.db 'SELECT sender FROM email')" = a@x.com ]
	[ "$(sqlite3 store.db "SELECT group_concat(email) FROM call_participant")" = a@x.com,b@x.com ]
	run -0 tool associate-call <out
	[[ "$output" == *'"unmatched":[{"participant":"a@x.com",'*'{"participant":"b@x.com",'* ]]
}

@test "without a Message-ID the id is made of the content: the same wherever the message lies" {
	message 'To: a@x.com' >m1
	message 'Received: somewhere else' 'To:  a@x.com' >m2
	message 'To: b@x.com' >m3
	run -0 tool read-email m1 m2 m3
	[ "${lines[0]}" = "${lines[1]}" ]
	[ "${lines[0]}" != "${lines[2]}" ]
	[[ "$(jq -r .id <<<"${lines[0]}")" =~ ^'<'[0-9a-f]{40}@no-message-id.invalid'>'$ ]]
	[ "$(jq '.message_id' <<<"${lines[0]}")" = null ]
	message 'Message-ID: m1@x' | tool read-email | jq -e '.id == "<m1@x>"'
}

@test "an mbox is cut where its messages begin, and nowhere else" {
	{
		echo 'From jane@acme.com Fri Nov 20 15:00:00 2026'
		message 'Message-ID: <1@x>' 'Content-Length: 4'
		printf '%s\n' '' 'From now on, it is 15:00' 'To: be or not to be' '' \
			'From the start of Nov 20 15:00 2026 this is no header' '>From x Fri Nov 20 15:00:00 2026' ''
		printf 'From - Fri Nov 20 15:00:00 2026\r\n'
		message 'Message-ID: <2@x>' 'Content-Length: 999999' | sed 's/$/\r/'
		printf '\r\nFrom \r\n'
		message 'Message-ID: <3@x>'
		echo 'From 1782@xxx Fri Nov 20 15:00:00 +0000 2026'
		printf 'From: a@x.com\nDate: 20 Nov 2026 10:00 +0000\nMessage-ID: <4@x>\n'
		echo 'From MAILER-DAEMON Fri Nov 20 15:00:00 2026'
		message 'Message-ID: <5@x>'
	} >mbox
	run -0 tool read-email mbox
	[ "$(jq -r .id <<<"$output" | paste -sd,)" = "<1@x>,<2@x>,<3@x>,<4@x>,<5@x>" ]
	[ "$(jq -r '.to | length' <<<"$output" | sort -u)" = 0 ]
	run -0 tool read-email <mbox
	[ "${#lines[@]}" -eq 5 ]
}

@test "a Maildir is read, new and cur; what moves meanwhile is found" {
	mkdir -p box/new box/cur box/tmp
	message 'Message-ID: <1@x>' >box/new/100.a.host
	message 'Message-ID: <2@x>' >'box/cur/099.b.host:2,S'
	message 'Message-ID: <3@x>' >box/tmp/unfinished
	message >box/cur/.hidden
	run -0 tool read-email box
	[ "$(jq -r .id <<<"$output" | paste -sd,)" = "<1@x>,<2@x>" ]
	mkfifo 'box/cur/000.first:2,'
	tool read-email -v box >out 2>err &
	{
		sleep 0.2
		mv 'box/cur/099.b.host:2,S' 'box/cur/099.b.host:2,RS'
		message 'Message-ID: <4@x>'
	} >'box/cur/000.first:2,'
	wait $!
	[ "$(jq -r .id out | sort | paste -sd,)" = "<1@x>,<2@x>,<4@x>" ]
	mkdir other
	run -74 --separate-stderr tool read-email other box/new/100.a.host nowhere
	[ "${#lines[@]}" -eq 1 ]
	[[ "$stderr" == *"other: a folder, but no Maildir"*"nowhere: No such file"* ]]
}

@test "a message without From or Date is named by file and line, the rest goes on, 65" {
	{
		echo 'From a Fri Nov 20 15:00:00 2026'
		message 'Message-ID: <1@x>'
		printf '\nFrom b Fri Nov 20 15:00:00 2026\nFrom: nobody\nDate: 20 Nov 2026 10:00 +0000\n\nx\n'
		printf '\nFrom c Fri Nov 20 15:00:00 2026\nFrom: a@x.com\nDate: tomorrow\n\nx\n'
		printf '\nFrom d Fri Nov 20 15:00:00 2026\n'
		message 'Message-ID: <4@x>'
	} >mbox
	run -65 --separate-stderr tool read-email mbox
	[ "${#lines[@]}" -eq 2 ]
	[ "$stderr" = "read-email: mbox:8: no usable address in From
read-email: mbox:14: no usable Date" ]
	run -65 --separate-stderr tool read-email <<<'just text'
	[ "$stderr" = "read-email: stdin:1: no message: it has no header" ]
	run -0 --separate-stderr tool read-email </dev/null
	[ -z "$output$stderr" ]
}

@test "headers are bounded, bodies are read past in little memory" {
	{
		echo 'From a Fri Nov 20 15:00:00 2026'
		head -c 3000000 /dev/zero | tr '\0' 'x' | sed 's/^/To: /'
		echo
		message
		printf '\nFrom b Fri Nov 20 15:00:00 2026\n'
		message 'Message-ID: <2@x>'
		head -c 30000000 /dev/zero | tr '\0' 'y'
		printf '\n\nFrom c Fri Nov 20 15:00:00 2026\n'
		yes 'To:' | head -n 1100000
		message 'Message-ID: <3@x>'
		printf '\n\nFrom d Fri Nov 20 15:00:00 2026\n'
		message 'Message-ID: <4@x>'
	} >mbox
	limit=100000
	[[ $BUILD != *address* && $BUILD != *thread* && -z ${TOOL_PREFIX:-} ]] || limit=unlimited
	run -65 --separate-stderr bash -c 'ulimit -v "$1"; "$BUILD/read-email" mbox' - "$limit"
	[ "$(jq -r .id <<<"$output" | paste -sd,)" = "<2@x>,<4@x>" ]
	[ "$stderr" = "read-email: mbox:1: its header is too large (--max-header)
read-email: mbox:16: its header is too large (--max-header)" ]
	message "To: $(printf 'a%d@x.com,' $(seq 300))" >m
	run -65 tool read-email --max-header 1000 m
	run -0 tool read-email --max-header 10000 m
}

@test "what would make the library call itself without end, or look for ever, does not" {
	# each a header of 240,000 bytes: the same over and over
	python3 - "$BUILD/read-email" <<-'PYTHON'
	import subprocess, sys
	for start in ("To", "From", "To: a@x.com, <", "To: (", 'To: "', "Subject: (", "References: <"):
	    for what in ("a:", "a,", "a:(", "<a,", "g:a;", "a b "):
	        header = start + ("" if ":" in start else ": ") + what * (240000 // len(what))
	        message = f"From: a@x.com\nDate: 20 Nov 2026 10:00 +0000\n{header}\n\n"
	        run = subprocess.run([sys.argv[1]], input=message.encode(), capture_output=True, timeout=60)
	        if run.returncode not in (0, 65):
	            sys.exit(f"{start} {what}: {run.returncode} {run.stderr[:200]}")
	PYTHON
	[ "$(message 'Subject: one (two "three' | tool read-email | jq -r .subject)" = 'one (two "three' ]
	# groups within groups keep their people
	[ "$(message 'To: a: b: c@x.com, d@x.com;; e@x.com' | tool read-email | jq -c '[.to[].email // empty]')" = '["c@x.com","d@x.com","e@x.com"]' ]
}

@test "more addresses than anybody has are refused, quickly" {
	{
		printf 'To: '
		seq -f '..a%.0f@x.com,' -s ' ' 60000
		message
	} >m
	run -65 tool read-email --max-header 4000000 m
	[[ "$output" == *"more than 10000 addresses"* ]]
}

@test "messages that Python's email package writes are read as it reads them" {
	for seed in ${SEEDS:-1}; do
		python3 -B "$BATS_TEST_DIRNAME/read-email-compare.py" "$BUILD/read-email" --random "$seed"
	done
}

@test "real messages: no crash, and every address that Python finds is found" {
	needs_data mail
	python3 -B "$BATS_TEST_DIRNAME/read-email-compare.py" "$BUILD/read-email" "$DATA"/mail/mikel-mail/*
	# all in one mbox
	for file in "$DATA"/mail/mikel-mail/*; do
		echo 'From x Fri Nov 20 15:00:00 2026'
		sed '1{/^From /d}; s/^From />From /' "$file"
		echo
	done >mbox
	run -65 --separate-stderr tool read-email mbox
	[ "${#lines[@]}" -ge 85 ]
}

@test "a full disk, misuse and --help" {
	message >m
	run -74 bash -c '"$BUILD/read-email" m >/dev/full'
	echo text >n
	run -74 bash -c '"$BUILD/read-email" m n >/dev/full'
	run -64 tool read-email --max-header 1
	run -0 --separate-stderr tool read-email --help
	[[ "$output" == "usage: read-email "* ]]
}
