# shellcheck disable=SC2154,SC2030,SC2031 # bats sets stderr, and runs each test in a shell of its own
load helper

setup_file() {
	export SFPIPE_STORE=$BATS_FILE_TMPDIR/store.db
	cat >"$BATS_FILE_TMPDIR/in" <<-'JSON'
	{"kind":"org","org":"00D000000000001EAA"}
	{"attributes":{"type":"Account"},"Id":"001000000000001AAA","Name":"Acme","IsDeleted":false,"Worth__c":1e2}
	{"attributes":{"type":"Contact"},"Id":"003000000000001","AccountId":"001000000000001","Name":"Jané Roe","Email":"Jane@Acme.com","Phone":"(415) 555-0100","IsDeleted":false}
	{"attributes":{"type":"Contact"},"Id":"003000000000002","FirstName":"Bob","LastName":"Loe","Email":"bob@acme.com","IsDeleted":true}
	{"kind":"checkpoint","object":"Contact","modstamp":"2026-11-20T15:00:00Z","id":"003000000000002","read":"2026-11-20T15:02:00Z","fields":["Id"]}
	{"kind":"call","id":"c1","start":"2026-11-20T15:00:00Z","participants":[{"email":"jane@acme.com","phone":"+14155550100"}],"associations":[{"object":"Contact","id":"003000000000001AAA","matches":[]},{"object":"Account","id":"001000000000001AAA","matches":[]},{"object":"Opportunity","id":"006000000000001AAA","account":"001000000000001AAA","by":"priority"}]}
	{"kind":"call","id":"c0","start":"2026-11-19T15:00:00Z","participants":[{"email":"eve@new.io"}],"associations":[{"object":"VirtualLead","id":"virtual:eve@new.io","company":"New","matches":[]},{"object":"Lead","id":"00Q000000000001EAA","matches":[]}]}
	{"kind":"email","id":"<m1@x>","date":"2026-11-21T15:00:00Z","from":{"email":"jane@acme.com"},"to":[],"held":true}
	JSON
	tool store-apply --region US --now 2026-11-20T15:02:30Z <"$BATS_FILE_TMPDIR/in"
}

setup() {
	export SFPIPE_STORE=$BATS_FILE_TMPDIR/store.db
	cd "$BATS_TEST_TMPDIR" || return 1
}

query() {
	tool store-query "$@"
}

ids() { # ids ARG...: what store-query prints, its ids in one line
	query "$@" | jq -r '.Id // .id' | paste -sd' '
}

@test "records come out as they came" {
	query record Account | cmp - <(grep '"type":"Account"' "$BATS_FILE_TMPDIR/in")
}

@test "records by Id, email, domain, phone and name; deleted ones when asked for" {
	[ "$(ids record Contact)" = 003000000000001 ]
	[ "$(ids record contact --deleted)" = '003000000000001 003000000000002' ]
	[ "$(ids record Contact --id 003000000000001AAA)" = 003000000000001 ]
	[ "$(ids record Contact --email '<mailto:JANE@acme.com>')" = 003000000000001 ]
	[ "$(ids record Contact --domain ACME.com --deleted)" = '003000000000001 003000000000002' ]
	[ "$(ids record Contact --phone '415-555-0100' --region US)" = 003000000000001 ]
	[ "$(ids record Contact --phone +14155550100 --email bob@acme.com --deleted)" = '' ]
	[ "$(ids record Contact --name 'JANE  roe')" = 003000000000001 ]
	[ "$(ids record Contact --deleted --name 'bob loe (Guest)')" = 003000000000002 ]
}

@test "calls and emails by what they are associated with and who took part" {
	[ "$(ids calls)" = 'c0 c1' ]
	[ "$(ids calls --emails)" = 'c0 c1 <m1@x>' ]
	[ "$(ids emails)" = '<m1@x>' ]
	[ "$(ids calls --id c1)" = c1 ]
	[ "$(ids calls --account 001000000000001)" = c1 ]
	[ "$(ids calls --contact 003000000000001 --opportunity 006000000000001)" = c1 ]
	[ "$(ids calls --lead 00Q000000000001)" = c0 ]
	[ "$(ids calls --lead virtual:eve@new.io)" = c0 ]
	[ "$(ids calls --account 001000000000002)" = '' ]
	[ "$(ids calls --participant Eve@new.io)" = c0 ]
	[ "$(ids calls --participant acme.com --emails)" = 'c1 <m1@x>' ]
	[ "$(ids calls --participant '+1 415 555 0100')" = c1 ]
	[ "$(ids calls --since 2026-11-20)" = c1 ]
	[ "$(ids calls --since 2026-11-20T16:00:00+01:00)" = c1 ]
	[ "$(ids calls --since 2026-11-20T15:00:01Z)" = '' ]
	query calls --id c1 | cmp - <(grep '"c1"' "$BATS_FILE_TMPDIR/in")
}

@test "a consumer hears of what concerns it, then of its checkpoint" {
	query changes --consumer calls >out
	[ "$(jq -r '[.kind, .seq, .object // .consumer, .id, (.after != null)] | map(tostring) | join(" ")' out)" = \
		'change 1 Account 001000000000001AAA true
change 2 Contact 003000000000001AAA true
change 3 Contact 003000000000002AAA false
checkpoint 6 calls null false' ]
	[ "$(jq -c 'select(.seq == 1)' out)" = '{"kind":"change","seq":1,"side":"salesforce","object":"Account","id":"001000000000001AAA","fields":["Id","Name","IsDeleted","Worth__c"],"before":null,"after":{"Id":"001000000000001AAA","Name":"Acme","IsDeleted":false,"Worth__c":1e2}}' ] ||
		grep -q '"Worth__c":1e2}}' out
	[ "$(query changes --consumer activity | jq -r '.id' | paste -sd' ')" = 'c1 c0 <m1@x> null' ]
}

@test "a look at the changes has no checkpoint" {
	[ "$(query changes --since 3 | jq -r '.seq' | paste -sd' ')" = '4 5 6' ]
	run -0 query changes --since 6
	[ -z "$output" ]
}

@test "after its checkpoint a consumer hears only of what is new, what it is owed first" {
	cp "$SFPIPE_STORE" s.db
	query -s s.db changes --consumer calls | tool store-apply -s s.db 2>/dev/null || [ $? -eq 65 ]
	[ "$(query -s s.db changes --consumer calls | jq -r .kind)" = checkpoint ]
	sqlite3 s.db "INSERT INTO owed (consumer, side, object, id, why) VALUES ('calls', 'calls', 'call', 'c1', 'x')"
	echo '{"attributes":{"type":"Contact"},"Id":"003000000000001","Email":"j@acme.com"}' | tool store-apply -s s.db
	query -s s.db changes --consumer calls >out
	[ "$(jq -r '[.kind, .side, .object, .id, .owed] | map(tostring) | join(" ")' out)" = \
		'change calls call c1 true
change salesforce Contact 003000000000001AAA null
checkpoint null null null 1' ]
	tail -1 out | tool store-apply -s s.db
	[ "$(query -s s.db changes --consumer calls | wc -l)" -eq 1 ]
}

@test "who asks for the first time when changes were pruned, or with --all, hears of all there is" {
	cp "$SFPIPE_STORE" s.db
	query -s s.db changes --consumer activity | grep checkpoint | tool store-apply -s s.db
	[ "$(sqlite3 s.db 'SELECT count(*) FROM change')" -eq 1 ]
	# what is deleted too: it may have known it
	[ "$(query -s s.db changes --consumer sync | jq -r '.id // .seq' | paste -sd' ')" = \
		'001000000000001AAA 003000000000001AAA 003000000000002AAA 6' ]
	[ "$(query -s s.db changes --consumer sync | jq -r 'select(.kind == "change") | .before == null, .after == null' | paste -sd' ')" = \
		'true false true false false true' ]
	[[ "$(query -s s.db changes --consumer sync | jq -c 'select(.id == "003000000000002AAA")')" == \
		*'"fields":["Id",'*'"before":{"Id":"003000000000002",'*'"IsDeleted":true'*'},"after":null}' ]]
	# who works on calls and hears of records: each call, as any record may have changed
	query -s s.db changes --consumer calls | tail -1 | tool store-apply -s s.db
	[ "$(query -s s.db changes --consumer calls --all | jq -c '[.side, .object, .id // .seq, .owed]' | paste -sd' ')" = \
		'["calls","call","c0",true] ["calls","call","c1",true] ["calls","email","<m1@x>",true] [null,null,6,null]' ]
	[ "$(query -s s.db changes --consumer activity --all | jq -r '.id // .seq' | paste -sd' ')" = 'c0 c1 <m1@x> 6' ]
	[ "$(query -s s.db changes --consumer activity | jq -r '.id // .seq' | paste -sd' ')" = 6 ]
}

@test "who is a million changes behind holds nothing back, and hears of all there is when it asks" {
	cp "$SFPIPE_STORE" s.db
	query -s s.db changes --consumer activity | tail -1 | tool store-apply -s s.db
	echo '{"kind":"checkpoint","consumer":"calls","of":"changes","seq":4}' | tool store-apply -s s.db
	sqlite3 s.db "UPDATE sqlite_sequence SET seq = 1000004 WHERE name = 'change'"
	put() { echo '{"attributes":{"type":"Contact"},"Id":"'"$1"'","Email":"'"$2"'@acme.com"}' | tool store-apply -s s.db; }
	put 003000000000007 a
	[ "$(sqlite3 s.db 'SELECT seq FROM change' | paste -sd' ')" = '6 1000005' ]
	put 003000000000007 b
	[ "$(sqlite3 s.db 'SELECT seq FROM change' | paste -sd' ')" = '1000005 1000006' ]
	[ "$(query -s s.db changes --consumer calls | jq -r '.id // .seq' | paste -sd' ')" = \
		'c0 c1 <m1@x> 1000006' ]
	query -s s.db changes --consumer calls | tail -1 | tool store-apply -s s.db
	put 003000000000007 c
	[ "$(query -s s.db changes --consumer calls | jq -c '[.seq, .after.Email]' | paste -sd' ')" = \
		'[1000007,"c@acme.com"] [1000007,null]' ]
}

@test "a consumer that was added hears of all sides; one that there is none of is 64" {
	cp "$SFPIPE_STORE" s.db
	run -64 --separate-stderr query -s s.db changes --consumer dashboard
	[[ "$stderr" == "store-query: there is no consumer 'dashboard', only "*"store-apply --add"* ]]
	run -64 query -s s.db changes --consumer app
	run -64 query -s none.db changes --consumer dashboard
	run -64 tool store-apply -s s.db --add ''
	tool store-apply -s s.db --add dashboard
	query -s s.db changes --consumer dashboard >out
	[ "$(jq -r '.side // "end"' out | uniq -c | xargs)" = '3 salesforce 3 calls 1 end' ]
	tail -1 out | tool store-apply -s s.db
	tool store-apply -s s.db --add dashboard # it stays as it is
	[ "$(query -s s.db changes --consumer dashboard | wc -l)" -eq 1 ]
}

@test "thousands of changes come in order, each once" {
	awk 'BEGIN { for (i = 1; i <= 3500; i++) printf "{\"attributes\":{\"type\":\"Lead\"},\"Id\":\"00Q%012d\",\"Company\":\"C\"}\n", i }' |
		tool store-apply -s big.db
	query -s big.db changes --consumer sync | jq -r .seq >out
	{ seq 3500; echo 3500; } | cmp - out
	query -s big.db changes --consumer sync --all | jq -r '.id // "end"' >out
	[ "$(wc -l <out)" -eq 3501 ]
	sort -u out | wc -l | grep -qx 3501
}

@test "a consumer that hears of all there is reads the store once, also where two objects share a table" {
	awk 'BEGIN { for (i = 1; i <= 50000; i++) printf "{\"attributes\":{\"type\":\"Task\"},\"Id\":\"00T%012d\",\"ActivityDate\":\"2026-11-20\",\"Subject\":\"%0300d\"}\n", i, i }' |
		tool store-apply -s big.db
	[ "$(bytes_read store-query -s big.db changes --consumer sync --all)" -lt $((4 * $(stat -c %s big.db))) ]
}

@test "the status tells of objects, consumers and what is held; --max-age ends with 69" {
	run -0 query status --now 2026-11-20T15:04:00Z
	[[ "$output" == *"org      00D000000000001EAA"* ]]
	[[ "$output" == *"Contact "*" 2 "*" 1  2026-11-20T15:00:00Z  2 min ago"* ]]
	[[ "$output" == *"activity "*" 3 "*" 0  never"* ]]
	[[ "$output" == *"emails held "*" 1"* ]]
	run -0 query status --json --now 2026-11-20T15:04:00Z
	[ "$(jq -c '[.kind, .schema, .objects.Contact.records, .consumers.calls.pending, .held]' <<<"$output")" = \
		'["status",2,2,3,1]' ]
	run -0 query status --brief --json --now 2026-11-20T15:04:00Z
	[ "$(jq -c '[.kind, .objects.Contact, .consumers]' <<<"$output")" = \
		'["status",{"modstamp":"2026-11-20T15:00:00Z","read":"2026-11-20T15:02:00Z"},null]' ]
	run -0 query status --brief --now 2026-11-20T15:04:00Z
	[[ "$output" == *$'\n''Contact '*' 2026-11-20T15:00:00Z  2 min ago'* && "$output" != *consumer* ]]
	run -0 query status --max-age 5m --now 2026-11-20T15:04:00Z
	run -69 --separate-stderr query status --max-age 1m --now 2026-11-20T15:04:00Z
	[ "$stderr" = 'store-query: pulled too long ago: Contact 2 min ago' ]
	[ -n "$output" ]
	run -69 --separate-stderr query -s none.db status --max-age 1m
}

@test "copy makes a store that answers alike, and overwrites nothing" {
	run -0 query copy copy.db
	[ "$(stat -c %a copy.db)" = 600 ]
	query -s copy.db calls | cmp - <(query calls)
	run -64 --separate-stderr query copy copy.db
	[[ "$stderr" == "store-query: copy.db is there already: "* ]]
}

@test "a store that is not there is empty" {
	for command in 'record Contact' calls emails 'changes --since 0' ops rejects; do
		# shellcheck disable=SC2086
		run -0 query -s none.db $command
		[ -z "$output" ]
	done
	[ ! -e none.db ]
}

@test "what is no Id, email or number is called that; a rules file that is not there too" {
	while IFS='|' read -r option value thing; do
		run -64 --separate-stderr query record Contact "--$option" "$value"
		[ "$stderr" = "store-query: --$option: this is no $thing" ]
	done <<-'END'
		id|bad|Salesforce Id
		email|bad|email address
		phone|bad|phone number (one in national form takes --region)
		name||name
	END
	run -64 --separate-stderr query record Contact --region US --phone bad
	[ "$stderr" = "store-query: --phone: this is no phone number" ]
	run -78 --separate-stderr query --rules nonexist status
	[ "$stderr" = "store-query: nonexist: No such file or directory" ]
}

@test "a command, object, consumer or option that is none: 64, with what there is" {
	run -64 --separate-stderr query
	[[ "$stderr" == *"there are calls, changes, conflicts, copy, emails, links, ops, record, rejects, status"* ]]
	run -64 --separate-stderr query recrod Contact
	[[ "$stderr" == *"no command 'recrod'; there are calls"* ]]
	run -64 --separate-stderr query record Contakt
	[[ "$stderr" == *"no object 'Contakt'; there are Account, Contact"* ]]
	run -64 --separate-stderr query record
	run -64 --separate-stderr query record Contact x
	run -64 --separate-stderr query record Contact --email none
	run -64 --separate-stderr query record Opportunity --email a@b.com
	run -64 --separate-stderr query record Contact --account 001000000000001
	run -64 --separate-stderr query calls --account 12
	run -64 --separate-stderr query calls --since noon
	run -64 --separate-stderr query calls --participant 'who is it'
	run -64 --separate-stderr query changes
	run -64 --separate-stderr query changes --consumer callz
	[[ "$stderr" == *"no consumer 'callz', only activity, app, calls, sync"* ]]
	run -64 --separate-stderr query changes --consumer app
	run -64 --separate-stderr query changes --since x
	run -0 query --help
	[[ "$output" == "usage: store-query"*--account*--store* ]]
}

@test "a full disk is 74, a reader that goes is quiet" {
	run -74 --separate-stderr bash -c '"$BUILD"/store-query calls >/dev/full'
	run -0 --separate-stderr bash -c '"$BUILD"/store-query record Contact --deleted | head -c 10'
	[ -z "$stderr" ]
}

@test "sfpipe-store(5) names every table and column that there is" {
	page=$TOP/man/sfpipe-store.5
	for table in $(sqlite3 "$SFPIPE_STORE" "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"); do
		section=$(awk -v head=".Ss $table" '/^\.S[sh]/ { on = $0 == head } on' "$page")
		[ -n "$section" ] || { echo "no table $table"; false; }
		for column in $(sqlite3 "$SFPIPE_STORE" "SELECT name FROM pragma_table_info('$table')"); do
			grep -Eq "^\.It Va (.* , )?$column( ,|\$)" <<<"$section" || { echo "no $table.$column"; false; }
		done
	done
}

@test "the examples of sfpipe-store(5) run" {
	sed -n 's/\\(dq/"/g; s/^\.Dl \$ sqlite3 store.db "\(.*\)"$/\1/p' "$TOP/man/sfpipe-store.5" >examples
	[ "$(wc -l <examples)" -ge 5 ]
	while read -r example; do
		sqlite3 -bail "$SFPIPE_STORE" "$example" >out
		[ -s out ] || { echo "nothing from: $example"; false; }
	done <examples
}
