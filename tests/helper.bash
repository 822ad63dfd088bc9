# What the test files share: `load helper` in each. Tools come from $BUILD (default build/).
bats_require_minimum_version 1.5.0

TOP=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
BUILD=${BUILD:-$TOP/build}
DATA=$TOP/../shared/data # real-world files, where they are there
export TOP BUILD DATA
unset SFPIPE_STORE SFPIPE_RULES SF_ACCESS_TOKEN SF_CREDENTIALS SF_INSTANCE_URL
export XDG_STATE_HOME=${BATS_TEST_TMPDIR:-${BATS_FILE_TMPDIR:-/tmp}}/state

# tool NAME [ARG...]: the tool as built, under $TOOL_PREFIX (valgrind, say) if that is set.
tool() {
	local name=$1
	shift
	# shellcheck disable=SC2086
	${TOOL_PREFIX:-} "$BUILD/$name" "$@"
}

# unread COMMAND...: its output is a pipe whose reader has gone.
unread() {
	local status=0
	exec 8> >(:)
	wait $!
	"$@" >&8 8>&- || status=$?
	exec 8>&-
	return "$status"
}

# on_terminal COMMAND: what it writes, its standard error being a terminal.
on_terminal() {
	script -qec true /dev/null >/dev/null 2>&1 </dev/null || skip "no terminal is to be had here"
	command -v script >/dev/null || skip "no script(1)"
	SHELL=/bin/bash run -0 script -qec "PATH=$BUILD:\$PATH; $1" /dev/null </dev/null
	output=${output//$'\r'/}
}

# make_schema_1 STORE: as the first sfpipe made it.
make_schema_1() {
	local table
	for table in contact lead opportunity; do
		printf 'ALTER TABLE %s DROP COLUMN %s_ms;\n' $table created_date $table last_modified_date
	done >"$1.sql"
	sqlite3 -bail "$1" 'DROP INDEX account_name; DROP INDEX contact_email; DROP INDEX lead_email;
		DROP INDEX lead_domain; DROP INDEX opportunity_account;' ".read '$1.sql'" \
		'CREATE INDEX contact_email ON contact (email, id, account_id, last_modified_date, created_date,
		is_deleted) WHERE email IS NOT NULL AND is_deleted = 0;
		CREATE INDEX lead_email ON lead (email, id, last_modified_date) WHERE email IS NOT NULL;
		CREATE INDEX lead_domain ON lead (email_domain, created_date);
		CREATE INDEX opportunity_account ON opportunity (account_id, id, created_date)' \
		"PRAGMA user_version = 1; UPDATE meta SET value = 1 WHERE name = 'schema'"
}

# needs_data FOLDER: skips the test where the real-world files are absent.
needs_data() {
	[ -d "$DATA/$1" ] || skip "no $1 beside the project"
}

# standin_start [OPTION...]: the stand-in Salesforce on a free port; sets URL, LOG and STANDIN_PID,
# and the environment with which the tools find it.
standin_start() {
	local folder=${BATS_TEST_TMPDIR:-$BATS_FILE_TMPDIR}
	LOG=$folder/standin.log
	rm -f "$folder/port"
	python3 "$TOP/tests/standin" --port 0 --port-file "$folder/port" --log "$LOG" --quiet "$@" \
		>/dev/null 2>"$folder/standin.err" 3>&- &
	STANDIN_PID=$!
	local i
	for i in $(seq 100); do
		[ -s "$folder/port" ] && break
		kill -0 "$STANDIN_PID" 2>/dev/null || break
		sleep 0.05
	done
	[ -s "$folder/port" ] || {
		cat "$folder/standin.err" >&2
		return 1
	}
	URL=$(cat "$folder/port")
	export SF_INSTANCE_URL=$URL SF_ACCESS_TOKEN=${STANDIN_TOKEN:-}
}

standin_stop() {
	[ -z "${STANDIN_PID:-}" ] || kill "$STANDIN_PID" 2>/dev/null || true
	STANDIN_PID=
}

# bytes_read TOOL [ARGUMENT...]: how many bytes of files and pipes it reads: what a look-up goes through.
bytes_read() {
	[ -r /proc/self/io ] || skip "no /proc/PID/io here"
	bash -c '"$@" >/dev/null; sed -n "s/^rchar: //p" /proc/$$/io' - "$BUILD/$1" "${@:2}"
}
