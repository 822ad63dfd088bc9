# What crash.bats, sync-crash.bats and faults.bats compare: two stores; a store and the org that it mirrors.

# control WHAT [JSON]: something happens in the stand-in, behind the API's back. ask WHAT.
control() {
	curl -sSf --noproxy '*' --data-binary "${2:-}" -o /dev/null "$URL/standin/$1"
}

ask() {
	curl -sSf --noproxy '*' "$URL/standin/$1"
}

# store_rows STORE: all that it holds, a row a line, but for the clock and for what counts runs.
store_rows() {
	local query
	query=$(sqlite3 -readonly "$1" "SELECT 'SELECT ''' || name || ''', ' || CASE name
		WHEN 'call' THEN 'id, start, \"end\", subject, organizer, primary_account,
			primary_opportunity, status, held, line'
		WHEN 'change' THEN 'side, object, id, json_remove(line, ''\$.seq'')'
		WHEN 'consumer' THEN 'name, of, side, at IS NULL'
		WHEN 'email' THEN 'id, date, subject, sender, primary_account, primary_opportunity,
			status, held, line'
		WHEN 'describe' THEN 'object, json_remove(line, ''\$.at'')'
		WHEN 'conflict' THEN 'object, id, local_id, line'
		WHEN 'link' THEN 'object, salesforce_id, local_object, local_id, \"by\", why, own, modified'
		WHEN 'base' THEN '(SELECT salesforce_id || local_id FROM link WHERE n = link), field, salesforce, local'
		WHEN 'op' THEN '\"to\", op, object, id, ok, json_remove(line, ''\$.result.created'', ''\$.seq'')'
		WHEN 'owed' THEN 'consumer, side, object, id, why'
		WHEN 'reject' THEN 'tool, why, line'
		WHEN 'watermark' THEN 'object, modstamp, id, fields,
			(SELECT group_concat(value ->> ''field'') FROM json_each(missing))'
		WHEN 'meta' THEN 'name, value' ELSE '*' END || ' FROM \"' || name || '\"'
		|| iif(name = 'meta', ' WHERE name NOT IN (''version'', ''record_seq'')', '') || ';'
		FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
	sqlite3 -readonly "$1" "$query SELECT name FROM sqlite_schema WHERE type = 'index';
		PRAGMA integrity_check" | LC_ALL=C sort
}

# store_records STORE: the records that it holds, as NDJSON.
store_records() {
	local query
	query=$(sqlite3 -readonly "$1" "SELECT group_concat('SELECT record FROM ' || s.name, ' UNION ALL ')
		FROM sqlite_schema s WHERE EXISTS (SELECT 1 FROM pragma_table_info(s.name) WHERE name = 'record')")
	sqlite3 -readonly "$1" "$query"
}

# is_org STORE: it holds every record of the objects that were pulled, with every field that was, as
# the org has them now; says what differs.
is_org() {
	local folder=$BATS_TEST_TMPDIR
	ask dump >"$folder/org"
	store_records "$1" >"$folder/stored"
	sqlite3 -readonly "$1" "SELECT json_object('object', object, 'fields', json(fields)) FROM watermark" \
		>"$folder/pulled"
	jq -rn --slurpfile org "$folder/org" --slurpfile stored "$folder/stored" \
		--slurpfile pulled "$folder/pulled" '
		($pulled | map({(.object): .fields}) | add // {}) as $fields
		| ($stored | map({(.Id): .}) | add // {}) as $here
		| ($org | map({(.Id): .}) | add // {}) as $there
		| ($org[] | select($fields[.attributes.type]) | . as $r
			| $here[.Id] as $s
			| if $s == null then "missing: \(.attributes.type) \(.Id)"
				else $fields[.attributes.type][] | . as $f | select($r | has($f))
				| select(($s | has($f) | not) or $s[$f] != $r[$f])
				| "\($r.attributes.type) \($r.Id) \($f): \($s[$f]) is \($r[$f])" end),
		  ($stored[] | select($there[.Id] == null) | "too much: \(.attributes.type) \(.Id)")
		' >"$folder/differs"
	[ ! -s "$folder/differs" ] || {
		head -20 "$folder/differs"
		return 1
	}
}

# api_calls: since the last reset of the log.
api_calls() {
	ask log | jq .api_calls
}

# The Tasks of the org without what differs from run to run.
tasks() {
	without_times Task
}

without_times() {
	ask "dump?object=$1" | jq -c 'del(.Id, .CompletedDateTime, .CreatedDate, .LastModifiedDate, .SystemModstamp, .attributes)' |
		LC_ALL=C sort
}

# The org's Tasks are those of before again, which tasks-before holds.
restore_tasks() {
	restore_records Task tasks-before
}

restore_records() {
	local new
	new=$(ask "dump?object=$1" | jq -sc --arg object "$1" --slurpfile before "$2" \
		'(map(.Id) - ($before | map(.Id))) | select(length > 0) | {object: $object, ids: .}')
	[ -z "$new" ] || control purge "$new"
	control records "$(cat "$2")"
}

# $STORE, its Tasks by their calls' ids; of what was done only that it was; not which Tasks it heard of
# before it heard who made them, which the consumer "calls" then looks at.
activity_rows() {
	ask 'dump?object=Task' | jq -r '"s/\(.Id)/TASK-\(.CallObject // .Id)/g"' >names
	store_rows "$STORE" | sed -f names | grep -Ev '^(change|watermark|owed\|calls\|salesforce\|Task)\|' |
		sed -E 's/^op\|salesforce\|[a-z]+\|(Task\|TASK-[^|]*\|1)\|.*/op|\1/; s/[0-9-]{10}T[0-9:]{8}(Z|\.[0-9]{3}\+0000)/TIME/g; s/\|TIME\|[0-9]{13}/|TIME|MS/g' | LC_ALL=C sort -u
}
