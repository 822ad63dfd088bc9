#!/usr/bin/env bats
# The pipelines of design 1 against the stand-in Salesforce, with the demo's org and invitations.

# shellcheck disable=SC2034,SC2119,SC2120,SC2154

bats_require_minimum_version 1.5.0
load helper

DEMO=$BATS_TEST_DIRNAME/fixtures/demo

setup() {
	set -o pipefail # a stage that fails is the pipeline's failure
	STANDIN_TOKEN='00Dxx0000000001!standin'
	export SFPIPE_STORE=$BATS_TEST_TMPDIR/store.db SFPIPE_RULES=$DEMO/rules.json
	standin_start --load "$DEMO/org.ndjson"
}

teardown() {
	standin_stop
}

pull() {
	tool sf-pull "$@" | tool store-apply --changes
}

read_calls() {
	tool read-invite "$DEMO"/{harbour.ics,greenhouse-google.json,fjord-graph.json} |
		jq -c --slurpfile attendees "$DEMO/attendees.json" \
			'.attendees = ($attendees[0][.id] // [])' |
		tool merge-participants
}

calls() {
	read_calls | tool associate-call "$@" | tool store-apply --changes
}

# All stored calls anew, as the design's BATCH does with those that are affected.
again() {
	tool store-query calls | tool associate-call "$@" | tool store-apply --changes
}

activity() {
	tool store-query changes --consumer activity | tool log-activity | tool sf-push |
		tee "$BATS_TEST_TMPDIR/pushed" | tool store-apply
}

# ask WHAT: what the stand-in knows; control WHAT JSON: what happens in it behind the API's back.
ask() {
	curl -sf --noproxy '*' "$URL/standin/$1"
}

control() {
	curl -sf --noproxy '*' --data-binary "${2:-}" -o "$BATS_TEST_TMPDIR/answer" "$URL/standin/$1"
}

api_calls() {
	ask log | jq .api_calls
}

sql() {
	sqlite3 -readonly "$SFPIPE_STORE" "$1"
}

# id_of TABLE NAME
id_of() {
	sql "SELECT id FROM $1 WHERE name = '$2' AND NOT is_deleted ORDER BY id LIMIT 1"
}

names() {
	sqlite3 -readonly -json "$SFPIPE_STORE" "SELECT id, name FROM account
		UNION SELECT id, name FROM contact UNION SELECT id, name FROM lead
		UNION SELECT id, name FROM opportunity" | jq 'map({(.id): .name}) | add'
}

# Call lines as the demo shows them.
shown() {
	jq -r --slurpfile names <(names) -f "$TOP/scripts/demo-calls.jq"
}

# The associations of the stored call whose subject begins so, a word each.
links() {
	tool store-query calls | jq -r --slurpfile names <(names) --arg subject "$1" '
		select(.subject | startswith($subject)).associations[]
		| .object + ":" + ($names[0][.id] // .id) + if .deleted then ":deleted" else "" end' | paste -sd ' '
}

# Tasks in Salesforce that log calls: subject, who, what.
tasks() {
	ask 'dump?object=Task' | jq -r --slurpfile names <(names) '
		select((.CallObject // "") | IN("", "dialer-20251015-7") | not)
		| [.Subject, .WhoId, .WhatId] | map($names[0][. // "-"] // .) | join(" | ")' | sort
}

@test "PULL: the store holds every record as Salesforce has it, and the org it is from" {
	run -0 pull
	[ "${#lines[@]}" -eq "$(($(wc -l <"$DEMO/org.ndjson") + 1))" ] # and the integration user
	for table in account contact lead opportunity opportunity_contact_role opportunity_activity \
		activity user; do
		sql "SELECT record FROM $table"
	done | jq -c 'select(.Username != "integration@standin.example")' >"$BATS_TEST_TMPDIR/stored"
	# every field that was pulled is as the org has it
	jq -n -e --slurpfile stored "$BATS_TEST_TMPDIR/stored" --slurpfile org "$DEMO/org.ndjson" '
		($org | map({(.Id): .}) | add) as $org
		| ($stored | length) == ($org | length) and all($stored[]; . as $record
			| all(to_entries[]; . as {$key, $value} | $key == "attributes"
				or ($org[$record.Id] | (has($key) | not) or .[$key] == $value)))'
	[ "$(sql "SELECT value FROM meta WHERE name = 'org'")" = 00Dxx0000000001EAA ]
}

@test "PULL: nothing new costs one API call for five objects, two for all ten, and changes nothing" {
	pull >/dev/null
	control log/reset
	run -0 pull Account Contact Lead Opportunity OpportunityContactRole
	[ -z "$output" ]
	[ "$(api_calls)" -eq 1 ]
	control log/reset
	run -0 pull
	[ -z "$output" ]
	[ "$(api_calls)" -eq 2 ]
}

@test "PULL: what is changed, created, deleted, undeleted and merged comes along, each once" {
	pull >/dev/null
	local jane colm
	jane=$(id_of contact "Jane Hart") colm=$(id_of contact "Colm Byrne")
	control records "{\"attributes\":{\"type\":\"Contact\"},\"Id\":\"$jane\",\"Title\":\"COO\"}"
	run -0 pull
	[ "$(jq -c '[.object, .before, .after]' <<<"$output")" = \
		'["Contact",{"Title":"Head of Operations"},{"Title":"COO"}]' ]
	control delete "{\"object\":\"Contact\",\"id\":\"$colm\"}"
	run -0 pull
	[ "$(jq -r '[.id, .before.Name, .after] | @csv' <<<"$output")" = "\"$colm\",\"Colm Byrne\"," ]
	control undelete "{\"object\":\"Contact\",\"id\":\"$colm\"}"
	run -0 pull
	[ "$(jq -r '[.id, .before, .after.Name] | @csv' <<<"$output")" = "\"$colm\",,\"Colm Byrne\"" ]
	control merge "{\"object\":\"Contact\",\"winner\":\"$jane\",\"losers\":[\"$colm\"]}"
	run -0 pull
	[ "$(jq -c "select(.id == \"$colm\").after" <<<"$output")" = null ]
	[ "$(sql "SELECT master_record_id FROM contact WHERE id = '$colm'")" = "$jane" ]
	run -0 pull
	[ -z "$output" ]
}

@test "CALL: three invitations end in the store, each associated and with its reasons" {
	pull >/dev/null
	run -0 calls
	[ "$(jq -r '[.side, .object, .before] | @csv' <<<"$output" | sort | uniq -c | xargs)" = \
		'3 calls,call,' ]
	tool store-query calls | shown >"$BATS_TEST_TMPDIR/shown"
	diff "$DEMO/calls.expected" "$BATS_TEST_TMPDIR/shown"
	run -0 calls
	[ -z "$output" ]
	[ "$(sql 'SELECT count(*) FROM call')" -eq 3 ]
}

@test "CALL: every rule of association, a call each" {
	pull >/dev/null
	while IFS= read -r line; do
		# shellcheck disable=SC2046
		tool associate-call $(jq -r '.try // ""' <<<"$line") <<<"$line" | shown | sed 2d
	done <"$DEMO/rules.ndjson" >"$BATS_TEST_TMPDIR/shown"
	diff "$DEMO/rules.expected" "$BATS_TEST_TMPDIR/shown"
}

@test "ACTIVITY: one Task a call, with its best person and its primary; once" {
	pull >/dev/null
	calls >/dev/null
	activity
	[ "$(tasks)" = "$(
		cat <<-'END'
		Blue Fjord and Tandem: contract review | Ingrid Dahl | Blue Fjord: fleet sensors
		Greenhouses: sensors and prices | Nora Falk | Verdant Foods: pilot
		Harbour Robotics: rollout at the second site | Jane Hart | Harbour: second site
		END
	)" ]
	[ "$(jq -c '[.op, .result.ok]' "$BATS_TEST_TMPDIR/pushed" | sort | uniq -c | xargs)" = \
		'3 [create,true] 1 [null,null]' ]
	for _ in 1 2; do
		activity
		[ "$(jq -c 'select(.kind == "op")' "$BATS_TEST_TMPDIR/pushed")" = "" ]
		pull >/dev/null
	done
	[ "$(tasks | wc -l)" -eq 3 ]
	# and what was logged changes no association
	run -0 again
	[ -z "$output" ]
}

@test "ACTIVITY: a dry run settles nothing, even if it is stored" {
	pull >/dev/null
	calls >/dev/null
	tool store-query changes --consumer activity | tool log-activity | tool sf-push -n |
		tool store-apply
	[ "$(tasks | wc -l)" -eq 0 ]
	activity
	[ "$(tasks | wc -l)" -eq 3 ]
}

# close OPPORTUNITY: it is lost.
close_opportunity() {
	control records '{"attributes":{"type":"Opportunity"},"StageName":"Closed Lost","Id":"'"$(
		id_of opportunity "$1"
	)"'"}'
}

@test "ACTIVITY: a Task follows its call, but not once somebody has moved or deleted it" {
	pull >/dev/null
	calls >/dev/null
	activity
	pull >/dev/null
	local lobby moved gone
	lobby=$(id_of opportunity "Quiet Nights: lobby")
	moved=$(sql "SELECT id FROM activity WHERE subject LIKE 'Greenhouses:%'")
	gone=$(sql "SELECT id FROM activity WHERE subject LIKE 'Blue Fjord %'")
	control records "{\"attributes\":{\"type\":\"Task\"},\"Id\":\"$moved\",\"WhatId\":\"$lobby\"}"
	control delete "{\"object\":\"Task\",\"id\":\"$gone\"}"
	close_opportunity "Harbour: second site"
	close_opportunity "Verdant Foods: pilot"
	close_opportunity "Blue Fjord: fleet sensors"
	pull >/dev/null
	again >/dev/null
	activity
	[ "$(jq -c 'select(.kind == "op") | [.op, .result.ok]' "$BATS_TEST_TMPDIR/pushed")" = \
		'["update",true]' ]
	[ "$(tasks)" = "$(
		cat <<-'END'
		Blue Fjord and Tandem: contract review | Ingrid Dahl | Blue Fjord: fleet sensors
		Greenhouses: sensors and prices | Nora Falk | Quiet Nights: lobby
		Harbour Robotics: rollout at the second site | Klara Vogt | Münchner: calibration
		END
	)" ]
}

@test "a contact that is merged: its calls move to the winner" {
	pull >/dev/null
	calls >/dev/null
	local jane colm
	jane=$(id_of contact "Jane Hart") colm=$(id_of contact "Colm Byrne")
	control merge "{\"object\":\"Contact\",\"winner\":\"$colm\",\"losers\":[\"$jane\"]}"
	pull >/dev/null
	# kept: the winner in its place
	again --keep >/dev/null
	[[ "$(links Harbour)" == *"Contact:Colm Byrne"* ]]
	[[ "$(links Harbour)" != *"Contact:Jane Hart"* ]]
	# anew: her address is nobody's now, its domain still Harbour's
	again >/dev/null
	[[ "$(links Harbour)" == *"VirtualContact:virtual:jane.hart@harbour-robotics.example"* ]]
	[[ "$(links Harbour)" != *"Contact:Colm Byrne"* ]]
	[[ "$(links Harbour)" == *"Account:Harbour Robotics "* ]]
}

@test "a contact that is deleted is associated no more; with --keep it says so; undeleted it is back" {
	pull >/dev/null
	calls >/dev/null
	local klara before
	before=$(links Harbour)
	klara=$(id_of contact "Klara Vogt")
	control delete "{\"object\":\"Contact\",\"id\":\"$klara\"}"
	pull >/dev/null
	again --keep >/dev/null
	[[ "$(links Harbour)" == *"Contact:Klara Vogt:deleted"* ]]
	again >/dev/null
	[[ "$(links Harbour)" != *"Klara"* ]]
	[[ "$(links Harbour)" != *"Münchner"* ]]
	tool store-query calls | jq -e -s 'any(.[].unmatched[]; .reason == "no record"
		and (.participant | startswith("klara.vogt@")))'
	control undelete "{\"object\":\"Contact\",\"id\":\"$klara\"}"
	pull >/dev/null
	again >/dev/null
	[ "$(links Harbour)" = "$before" ]
}

@test "a lead that is converted brings its new contact and account" {
	pull >/dev/null
	calls >/dev/null
	local lena
	lena=$(id_of lead "Lena Park")
	[[ "$(links Greenhouses)" == "Lead:Lena Park VirtualLead:"* ]]
	control convert "{\"lead\":\"$lena\"}"
	pull >/dev/null
	again >/dev/null
	[[ "$(links Greenhouses)" == *"Contact:Lena Park Account:Sproutline "* ]]
	[[ "$(links Greenhouses)" == *"VirtualContact:virtual:mo.idris@sproutline.example"* ]]
	[[ "$(links Greenhouses)" != *"VirtualLead"* ]]
	run -0 again
	[ -z "$output" ]
}

@test "an account that is merged: its contacts' calls move to the winner" {
	pull >/dev/null
	calls >/dev/null
	control merge "{\"object\":\"Account\",\"winner\":\"$(id_of account "Harbour Robotics")\",
		\"losers\":[\"$(id_of account "Harbour Robotics UK")\"]}"
	pull >/dev/null
	again >/dev/null
	[[ "$(links Harbour)" == *"Contact:Tom Baird"* ]]
	[[ "$(links Harbour)" != *"Account:Harbour Robotics UK"* ]]
	[ "$(tool store-query calls | jq -c 'select(.subject | startswith("Harbour")).associations[]
		| select(.name == "Harbour Robotics").matches | map(.by)')" = \
		'["contact-email","contact-domain","contact-phone"]' ]
}
