#!/usr/bin/env bats
# shellcheck disable=SC2154 # stderr and stderr_lines are set by bats
# Who wins a field (design 6): every combination by a table, and what must hold of any plan.

bats_require_minimum_version 1.5.0
load helper

@test "every combination of base, values, direction, conflict and clear is decided as the table says" {
	run -0 python3 -B "$TOP/tests/conflict-table.py" "$BUILD/resolve-conflicts" "$TOP/tests/fixtures/conflict.table"
	[ "$output" = "5440 outcomes, 0 wrong" ]
}

@test "a plan is pure, spellings have no say, a second one writes nothing, only what was touched moves" {
	run -0 python3 -B "$TOP/tests/conflict-property.py" "$BUILD/resolve-conflicts" "${SEED:-1}" "${ROUNDS:-60}"
}
