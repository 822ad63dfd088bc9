#!/usr/bin/env bats
# The two-way sync whole, under random edits and faults. SEEDS=1-50 bats tests/convergence.bats for more.

bats_require_minimum_version 1.5.0
load helper

@test "when edits stop, both sides agree by policy, links are one to one, and a further run writes nothing" {
	export SEEDS=${SEEDS:-1} STEPS=${STEPS:-4} RECORDS=${RECORDS:-8}
	run -0 python3 -B "$TOP/tests/convergence.py"
}
