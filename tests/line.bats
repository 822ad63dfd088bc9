#!/usr/bin/env bats
# shellcheck disable=SC2154 # stderr and stderr_lines are set by bats
# The line reader, through associate-call: lines of a kind of no tool pass, bad ones are rejected.

bats_require_minimum_version 1.5.0
load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	export SFPIPE_STORE=$BATS_TEST_TMPDIR/none.db
}

# filter [OPTION...]: stdin to out, messages to err; its status.
filter() {
	tool associate-call "$@" >out 2>err
}

# repeat TEXT N
repeat() {
	head -c $((${#1} * $2)) < <(yes "$1" | tr -d '\n')
}

# each VERDICT TEXT per line, TEXT as printf takes it: good texts pass as they are, of bad ones each
# is named.
table() {
	local verdict text n=0
	: >in
	: >want
	: >bad
	while read -r verdict text; do
		n=$((n + 1))
		# shellcheck disable=SC2059
		printf "$text\n" >>in
		if [ "$verdict" = good ]; then
			# shellcheck disable=SC2059
			printf "$text\n" >>want
		else
			echo "$n" >>bad
		fi
	done
	local jobs
	for jobs in 1 4; do
		run -65 filter --jobs "$jobs" <in
		cmp want out
		sed -E 's/^associate-call: stdin:([0-9]+): .*/\1/' err | cmp - bad
	done
}

@test "numbers" {
	table <<-'EOF'
		good {"n":0}
		good {"n":-0}
		good {"n":0.10}
		good {"n":1e2}
		good {"n":1E+2}
		good {"n":-1.5e-300}
		good {"n":1e400}
		good {"n":12345678901234567890}
		good {"n":1234567890123456.78}
		good {"n":-123456789012345678901234567890123456789012345678901234567890}
		bad {"n":01}
		bad {"n":-01}
		bad {"n":+1}
		bad {"n":1.}
		bad {"n":.5}
		bad {"n":-}
		bad {"n":-.5}
		bad {"n":1e}
		bad {"n":1e+}
		bad {"n":1.e2}
		bad {"n":0x1}
		bad {"n":1_000}
		bad {"n":NaN}
		bad {"n":Infinity}
		bad {"n":-Infinity}
		bad {"n":1 2}
		bad {"n":00}
		bad {"n":--1}
	EOF
}

@test "words and structure" {
	table <<-'EOF'
		good {}
		good   { "a" :\t[ ] , "b":{ } }  
		good {"a":true,"b":false,"c":null}
		good {"":0}
		good {"a":[[],{},[{}]]}
		bad {"a":True}
		bad {"a":nul}
		bad {"a":nulll}
		bad {"a":undefined}
		bad []
		bad "a"
		bad 1
		bad null
		bad {
		bad }
		bad {}}
		bad {}{}
		bad {"a":1},
		bad {"a":1,}
		bad {,"a":1}
		bad {"a"}
		bad {"a":}
		bad {"a" 1}
		bad {"a":1 "b":2}
		bad {a:1}
		bad {'a':1}
		bad {"a":[1,]}
		bad {"a":[1 2]}
		bad {"a":[}
		bad {"a":[1}]
		bad {"a":1}//
		bad {"a":/**/1}
		bad {1:2}
		bad {"a":\v1}
		bad {"a":\f1}
		bad {"a":\302\2401}
		bad not json
	EOF
}

@test "strings: escapes, controls, surrogates" {
	table <<-'EOF'
		good {"a":"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\uABcd"}
		good {"a":"\\ud83d\\ude00"}
		good {"a":"\177"}
		good {"\\u0061":1}
		bad {"a":"\\x41"}
		bad {"a":"\\a"}
		bad {"a":"\\0"}
		bad {"a":"\\u004"}
		bad {"a":"\\u004g"}
		bad {"a":"\\U00000041"}
		bad {"a":"\\u0000"}
		bad {"\\u0000":1}
		bad {"a":"\\ud83d"}
		bad {"a":"\\ude00"}
		bad {"a":"\\ude00\\ud83d"}
		bad {"a":"\\ud83d\\ud83d"}
		bad {"a":"\\ud83dx"}
		bad {"a":"\\ud83d\\u0041"}
		bad {"a":"\\ud83d\\"}
		bad {"a":"\t"}
		bad {"a":"\001"}
		bad {"a":"\037"}
		bad {"a":"\033[2J"}
		bad {"a":"\r"}
		bad {"a":"
		bad {"a":"\\
		bad {"a":"\\"}
		bad {"\t":1}
	EOF
}

@test "UTF-8" {
	table <<-'EOF'
		good {"a":"\302\200"}
		good {"a":"\337\277"}
		good {"a":"\340\240\200"}
		good {"a":"\355\237\277"}
		good {"a":"\356\200\200"}
		good {"a":"\357\277\277"}
		good {"a":"\360\220\200\200"}
		good {"a":"\364\217\277\277"}
		good {"\303\251":"12345678\303\251"}
		bad {"a":"\200"}
		bad {"a":"\277"}
		bad {"a":"\300\200"}
		bad {"a":"\300\257"}
		bad {"a":"\301\277"}
		bad {"a":"\340\200\200"}
		bad {"a":"\340\237\277"}
		bad {"a":"\360\200\200\200"}
		bad {"a":"\360\217\277\277"}
		bad {"a":"\355\240\200"}
		bad {"a":"\355\277\277"}
		bad {"a":"\355\240\275\355\270\200"}
		bad {"a":"\364\220\200\200"}
		bad {"a":"\365\200\200\200"}
		bad {"a":"\370\210\200\200\200"}
		bad {"a":"\377"}
		bad {"a":"\376"}
		bad {"a":"\303"}
		bad {"a":"\342\202"}
		bad {"a":"\360\237\230"}
		bad {"a":"\303x"}
		bad {"\303":1}
		bad {"a":"M\374nchen"}
		bad {"a":1}\303\251
	EOF
}

@test "a name twice in one object, however it is written" {
	table <<-'EOF'
		good {"a":{"a":{"a":1}}}
		good {"a":1,"A":2,"\\u00e1":3}
		good {"x":[{"a":1},{"a":1}]}
		bad {"a":1,"a":1}
		bad {"a":1,"b":2,"a":3}
		bad {"a":1,"\\u0061":2}
		bad {"\303\251":1,"\\u00e9":2}
		bad {"\\ud83d\\ude00":1,"\360\237\230\200":2}
		bad {"x":{"a":1,"a":2}}
		bad {"x":[{"a":1,"b":[{"c":0,"c":0}]}]}
		bad {"":1,"":2}
		bad {"\\/":1,"/":2}
		bad {"0":0,"1":0,"2":0,"3":0,"4":0,"5":0,"6":0,"7":0,"8":0,"9":0,"a":0,"b":0,"c":0,"d":0,"e":0,"f":0,"g":0,"h":0,"i":0,"j":0,"k":0,"l":0,"m":0,"n":0,"o":0,"p":0,"3":0}
		good {"0":0,"1":0,"2":0,"3":0,"4":0,"5":0,"6":0,"7":0,"8":0,"9":0,"a":0,"b":0,"c":0,"d":0,"e":0,"f":0,"g":0,"h":0,"i":0,"j":0,"k":0,"l":0,"m":0,"n":0,"o":0,"p":0,"q":0}
	EOF
}

@test "nesting of 128 is taken, of 129 and of 100,000 it is not" {
	{
		printf '{"a":%s%s}\n' "$(repeat '[' 127)" "$(repeat ']' 127)"
		printf '{"a":%s%s}\n' "$(repeat '[' 128)" "$(repeat ']' 128)"
		printf '{"a":%s%s}\n' "$(repeat '[' 100000)" "$(repeat ']' 100000)"
		printf '%s1%s\n' "$(repeat '{"a":' 100000)" "$(repeat '}' 100000)"
		printf '%s1%s\n' "$(repeat '{"a":' 129)" "$(repeat '}' 129)"
		repeat '[' 100000
	} >in
	for jobs in 1 4; do
		run -65 filter --jobs $jobs <in
		sed -n '1p' in | cmp - out
		cp err err$jobs
	done
	cmp err1 err4
	run -0 cat err
	for n in 2 3 4 5 6; do
		[[ "${lines[n - 2]}" == "associate-call: stdin:$n: "*"nested too deep" ]]
	done
	[ "${#lines[@]}" -eq 5 ]
}

@test "lines end with LF or CRLF, the last may lack its end; an empty line is none" {
	printf '{"a":1}\r\n{"a":2}\n\n   \n\r\n{"a":3}' >in
	run -65 filter <in
	printf '{"a":1}\r\n{"a":2}\n{"a":3}\n' | cmp - out
	[ "$(cut -d: -f1-3 err | paste -sd,)" = "associate-call: stdin:3,associate-call: stdin:4,associate-call: stdin:5" ]
}

@test "a byte order mark before the first line is taken off, elsewhere it is an error" {
	printf '\357\273\277{"a":1}\n\357\273\277{"a":2}\n' >in
	run -65 filter <in
	[ "$(cat out)" = '{"a":1}' ]
	[[ "$(cat err)" == "associate-call: stdin:2: "* ]]
	printf '\357\273\277{"kind":"call","id":"c","start":"2026-05-04T15:00:00Z","participants":[]}\n' >in
	run -0 filter <in
	[[ "$(cat out)" == '{"kind":"call","id":"c",'* ]]
}

@test "a NUL byte is named, in a string and outside, and the line is kept whole" {
	printf '{"a":"x\0y"}\n{"a":1}\0\n\0\n{"a":2}\n' >in
	run -65 filter --rejects rejects <in
	[ "$(cat out)" = '{"a":2}' ]
	head -n 3 in | cmp - rejects
	grep -q 'stdin:1: .*a NUL in a string' err
}

@test "no input at all is done" {
	run -0 filter </dev/null
	[ ! -s out ]
	[ ! -s err ]
}

@test "a 17 MiB line is rejected by number, the rest is done, memory stays bounded" {
	{
		echo '{"a":1}'
		printf '{"a":"'
		head -c $((17 * 1024 * 1024)) /dev/zero | tr '\0' x
		printf '"}\n{"a":2}\n'
	} >in
	for jobs in 1 4; do
		rm -f rejects
		run -65 filter --jobs $jobs --rejects rejects <in
		printf '{"a":1}\n{"a":2}\n' | cmp - out
		[ "$(cat err)" = "associate-call: stdin:2: longer than 16777216 bytes (--max-line)" ]
		sed -n 2p in | cmp - rejects
	done
	if [[ "$BUILD" != *@(address|thread)* && -z "${TOOL_PREFIX:-}" ]]; then
		(
			ulimit -v $((160 * 1024))
			head -c $((300 * 1024 * 1024)) /dev/zero | tr '\0' x | filter
		) || [ $? -eq 65 ]
		grep -q 'stdin:1: longer than' err
	fi
}

@test "--max-line bounds a line, its own length still fits" {
	local x
	x=$(repeat x 56)
	printf '{"a":1}\n{"a":"%s"}\n{"a":"%sx"}\n{"a":3}\n' "$x" "$x" >in
	for jobs in 1 4; do
		rm -f rejects
		run -65 filter --max-line 64 --rejects rejects --jobs $jobs <in
		sed 3d in | cmp - out
		[ "$(cat err)" = "associate-call: stdin:3: longer than 64 bytes (--max-line)" ]
		sed -n 3p in | cmp - rejects
	done
	run -64 filter --max-line 63 <in
	run -64 filter --max-line x <in
}

@test "a last line too long that lacks its end is kept with one" {
	repeat x 70 >in
	run -65 filter --max-line 64 --rejects rejects <in
	run -65 filter --max-line 64 --rejects rejects --jobs 4 <in
	printf '%s\n%s\n' "$(cat in)" "$(cat in)" | cmp - rejects
}

@test "--rejects FILE keeps the lines byte for byte, behind what is there" {
	echo before >rejects
	printf '\357\273\277[1]\r\n{"a":1}\nnot json \t\n{"a":"\377"}\n{"kind":"call"}\n' >in
	run -65 filter --rejects rejects <in
	{
		echo before
		sed -n '1p;3,5p' in
	} | cmp - rejects
	[ "$(cat out)" = '{"a":1}' ]
	[ "$(stat -c %a rejects)" = 644 ] || [ "$(stat -c %a rejects)" = 600 ] || [ "$(stat -c %a rejects)" = 664 ]
	run -74 filter --rejects no/such/folder <in
}

@test "--rejects inline puts a reject line in its place" {
	printf '{"a":1}\nno "json"\377\001\n{"a":2}\n{"kind":"call","id":"c"}\n{"a":3}\n' >in
	for jobs in 1 4; do
		run -65 filter --rejects inline --jobs $jobs <in
		run -0 jq -c '[.kind, .tool, .line, .cut]' out
		[ "${lines[1]}" = '["reject","associate-call","no \"json\"�\u0001",null]' ]
		[ "${lines[3]}" = '["reject","associate-call","{\"kind\":\"call\",\"id\":\"c\"}",null]' ]
		[ "$(sed -n '1p;3p;5p' out | paste -sd,)" = '{"a":1},{"a":2},{"a":3}' ]
		[ "$(jq -r 'select(.kind == "reject") | .why' out | paste -sd'|')" = "$(cut -d' ' -f3- err | paste -sd'|')" ]
	done
	repeat x 70 >>in
	run -65 filter --rejects inline --max-line 64 <in
	[ "$(sed -n 6p out | jq -c '[.line, .cut]')" = "[\"$(repeat x 64)\",true]" ]
}

@test "--strict stops at the first; what came before it is done" {
	printf '{"a":1}\nbad\n{"a":2}\nbad\n' >in
	for jobs in 1 4; do
		run -65 filter --strict --jobs $jobs <in
		[ "$(cat out)" = '{"a":1}' ]
		[ "$(wc -l <err)" -eq 1 ]
		[[ "$(cat err)" == "associate-call: stdin:2: "* ]]
	done
	printf '{"a":1}\n{"a":"%s"}\n{"a":2}\n' "$(repeat x 70)" >in
	run -65 filter --strict --max-line 64 <in
	[ "$(cat out)" = '{"a":1}' ]
}

@test "lines behind the one that stops the run were not read" {
	{
		echo '{"a":1}'
		echo bad
		for i in {1..40}; do echo '{"a":2}'; done
	} >in
	run -65 filter --strict -v --jobs 1 <in
	[ "$(tail -1 err)" = "associate-call: 2 lines read, 1 rejected" ]
	{
		echo '{"kind":"call","id":"c"}'
		for i in {1..40}; do echo '{"a":2}'; done
	} >in
	run -65 filter --strict -v --jobs 1 <in
	[ "$(tail -1 err)" = "associate-call: 1 lines read, 1 rejected" ]
}

@test "what a message shows of a line has its control characters escaped" {
	printf '{"kind":"call","id":"c","start":"\\u001b[2J\\u0007\\u009b","participants":[]}\n' >in
	printf '{"kind":"call","id":"c","start":"\302\233x\177","participants":[]}\n' >>in
	run -65 filter <in
	[ "$(LC_ALL=C tr -d '\n -~' <err | wc -c)" -eq 0 ]
	[ "$(wc -l <err)" -eq 2 ]
	run -65 filter --log=json <in
	jq -e . err >/dev/null
}

@test "with --jobs 4 the same bytes and the same messages in the same order" {
	for ((i = 0; i < 300; i++)); do
		printf '{"n":%d,"pad":"%s"}\n' "$i" "$(repeat x $((i * 37 % 9000)))"
		((i % 7)) || printf 'bad %d\n' "$i"
		((i % 50)) || printf '{"long":"%s"}\n' "$(repeat y 20000)"
	done >in
	cat in in in in >all
	run -65 filter --max-line 10000 --rejects r1 <all
	mv out out1
	mv err err1
	run -65 filter --max-line 10000 --rejects r4 --jobs 4 <all
	cmp out1 out
	cmp err1 err
	cmp r1 r4
	run -65 filter --max-line 10000 --rejects inline <all
	mv out out1
	run -65 filter --max-line 10000 --rejects inline --jobs 4 <all
	cmp out1 out
}

@test "members keep their bytes and their order, edits go in their place, new ones behind" {
	printf ' { "start" : "2026-05-04T15:00:00Z" ,"n":0.10, "m" : 1e2,"big":12345678901234567890,"\\u006bind":"c\\u0061ll","associations":[ 1 ], "x":"\\/\\u0041" , "participants":[],"id":"c"  } \r\n' >in
	run -0 filter <in
	printf ' { "start" : "2026-05-04T15:00:00Z" ,"n":0.10, "m" : 1e2,"big":12345678901234567890,"\\u006bind":"c\\u0061ll","associations":[], "x":"\\/\\u0041" , "participants":[],"id":"c","primary":{},"unmatched":[],"as_of":0  } \r\n' | cmp - out
}

@test "a member's name may be long, and begin as one of ours" {
	local name
	for name in "primary$(repeat x 256)" "primary$(repeat x 249)" "primary$(repeat x 505)" "id$(repeat x 256)"; do
		printf '{"kind":"call","id":"c","start":"2026-05-04T15:00:00Z","%s":"mine","participants":[]}\n' "$name" >in
		run -0 filter <in
		[ "$(jq -r --arg name "$name" '.[$name]' out)" = mine ]
		[ "$(jq -c '[.id, .primary]' out)" = '["c",{}]' ]
	done
}

@test "a line longer than a chunk is one line, whatever the number of threads" {
	{
		printf '{"a":"%s"}\n' "$(repeat x 600000)"
		printf '{"a":1}\nbad\n{"a":"%s"}\n' "$(repeat y 1500000)"
		printf '{"a":"%s"}' "$(repeat z 2000000)"
	} >in
	for jobs in 1 2 4; do
		run -65 filter --jobs $jobs <in
		{ sed 3d in && echo; } | cmp - out
		[[ "$(cat err)" == "associate-call: stdin:3: "* ]]
	done
}

@test "an input that cannot be read is 74" {
	run -74 filter <.
	grep -q 'associate-call: stdin: ' err
}

@test "on a terminal a run ends with how many lines there were; elsewhere only with -v" {
	printf '{"a":1}\n{"a":2}\n' >in
	on_terminal 'associate-call <in >out'
	[ "$output" = "associate-call: 2 lines read, 0 rejected" ]
	run -0 filter <in
	[ ! -s err ]
	run -0 filter -v <in
	[ "$(cat err)" = "associate-call: 2 lines read, 0 rejected" ]
}

@test "on a terminal --explain adds nothing to its text" {
	printf '{"a":1}\n' >in
	on_terminal 'associate-call --explain <in'
	[ -z "$output" ]
}

@test "on a terminal store-apply ends with what it stored" {
	echo '{"attributes":{"type":"Account"},"Id":"001000000000001AAA","Name":"Acme"}' >in
	on_terminal 'store-apply <in'
	[[ "$output" == "store-apply: records: 1 new, 0 changed, "* ]]
	run -0 --separate-stderr tool store-apply <in
	[ -z "$stderr" ]
}
