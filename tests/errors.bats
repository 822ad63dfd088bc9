#!/usr/bin/env bats
# sfpipe-errors(7) and the catalogue in common/sferror.c say the same.

bats_require_minimum_version 1.5.0
load helper

@test "sfpipe-errors(7) lists each code of the catalogue, in its class, with what to do, and no other" {
	run -0 python3 - "$TOP" <<-'PYTHON'
	import re, sys
	code = open(sys.argv[1] + "/common/sferror.c").read()
	page = open(sys.argv[1] + "/man/sfpipe-errors.7").read()
	catalogue = {}
	for name, kind, advice in re.findall(r'^\t\{"(\w+)", SFERROR_(\w+), "(.*)"\},$', code, re.M):
	    catalogue[name] = kind, advice
	for name, says, kind, advice in re.findall(
	        r'^\t\{(NULL|"\w+"), (NULL|"[^"]*"), SFERROR_(\w+), "(.*)"\},$', code, re.M):
	    name = " : ".join(x.strip('"') for x in (name, says) if x != "NULL")
	    catalogue[name] = "logins", advice
	count = code.count("SFERROR_", code.index("catalogue[] = {"), code.index("/* clang-format on */"))
	assert len(catalogue) == count, f"{len(catalogue)} entries read, {count} there"
	listed, kind, name = {}, None, None
	for line in page.splitlines():
	    if match := re.match(r'\.\\" (?:class )?(\w+)$', line):
	        kind = match[1]
	    elif line.startswith((".Ss", ".Sh", ".El")):
	        name = None
	    elif match := re.match(r"\.It Cm (.*)", line):
	        name = match[1]
	        assert name not in listed, f"twice in the page: {name}"
	        listed[name] = kind, ""
	    elif name:
	        listed[name] = kind, listed[name][1] + " " + line
	for name in sorted(catalogue.keys() | listed.keys()):
	    assert name in listed, f"not in the page: {name}"
	    assert name in catalogue, f"not in the catalogue: {name}"
	    kind, advice = catalogue[name]
	    assert listed[name][0] == kind, f"{name} is {kind}, in the page {listed[name][0]}"
	    assert advice.lower() in listed[name][1].lower(), f"{name}: the page does not say: {advice}"
	print(len(listed))
	PYTHON
	[ "$output" -ge 80 ]
}

@test "the codes of our own results are in the catalogue" {
	cd "$TOP" || return
	for code in $(grep -hoE '(push_put_back|push_fail_with|complain)\([^;]*"[A-Z_]{5,}"' -z common/push_*.c |
		tr '\0' '\n' | grep -oE '"[A-Z_]{5,}"' | tr -d '"' | sort -u); do
		grep -q "{\"$code\", " common/sferror.c || {
			echo "$code"
			return 1
		}
	done
}
