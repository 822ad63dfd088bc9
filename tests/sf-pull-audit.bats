#!/usr/bin/env bats
# sf-pull --audit and --check: what queryAll never shows.
# shellcheck disable=SC2154 # stderr is set by bats

bats_require_minimum_version 1.5.0
load helper

export STANDIN_TOKEN='00Dxx0000000001!standin'

setup() {
	export SFPIPE_STORE=$BATS_TEST_TMPDIR/store.db
	cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
	standin_stop
	[ -z "${PROXY_PID:-}" ] || kill "$PROXY_PID" 2>/dev/null || true
}

# contacts N [FIRST]: N contacts, as NDJSON.
contacts() {
	local i
	for ((i = ${2:-0}; i < ${2:-0} + $1; i++)); do
		printf '{"attributes":{"type":"Contact"},"Id":"003xx%010d","LastName":"N%d","CreatedDate":"%s","LastModifiedDate":"%s","SystemModstamp":"%s"}\n' \
			"$i" "$i" 2026-11-20T15:00:00Z{,,}
	done
}

# begin N [OPTION...]: an org of N contacts, all of them in the store.
begin() {
	contacts "$1" >org.ndjson
	standin_start --load org.ndjson --now 2026-11-22T12:00:00Z "${@:2}"
	tool sf-pull Contact | tool store-apply
}

control() {
	curl -sf "$URL/standin/$1" --data-binary "$2" >/dev/null
}

calls() {
	curl -sf "$URL/standin/log" | jq .api_calls
}

sql() {
	sqlite3 -readonly store.db "$1"
}

# Ids of contacts by their numbers, as JSON.
ids() {
	printf '"003xx%010d"\n' "$@" | jq -sc .
}

purge() {
	control purge "{\"object\":\"Contact\",\"ids\":$(ids "$@")}"
}

# Answers pass through this filter of jq's on their way; $n counts them.
through() {
	rm -f proxy.port
	python3 - "$URL" "$1" 3>&- <<-'PYTHON' &
	import http.client, http.server, subprocess, sys, urllib.parse
	to, n = urllib.parse.urlparse(sys.argv[1]), 0
	class Handler(http.server.BaseHTTPRequestHandler):
	    protocol_version = "HTTP/1.1"
	    def do_POST(self):
	        global n
	        n += 1
	        text = self.rfile.read(int(self.headers.get("Content-Length", 0)))
	        link = http.client.HTTPConnection(to.hostname, to.port)
	        headers = {k: v for k, v in self.headers.items() if k.lower() != "accept-encoding"}
	        link.request("POST", self.path, text, headers)
	        answer = link.getresponse()
	        body = subprocess.run(["jq", "-c", "--argjson", "n", str(n), sys.argv[2]], check=True,
	                              input=answer.read(), stdout=subprocess.PIPE).stdout
	        self.send_response(answer.status)
	        self.send_header("Content-Length", str(len(body)))
	        self.end_headers()
	        self.wfile.write(body)
	    def log_message(self, *_): pass
	server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
	with open("proxy.new", "w") as f: f.write(f"http://127.0.0.1:{server.server_port}")
	import os; os.rename("proxy.new", "proxy.port")
	server.serve_forever()
	PYTHON
	PROXY_PID=$!
	local i
	for i in $(seq 100); do
		[ -s proxy.port ] && break
		sleep 0.05
	done
	export SF_INSTANCE_URL; SF_INSTANCE_URL=$(cat proxy.port)
}

@test "what is gone for good is written as deletions, and the store takes them" {
	begin 5
	purge 1 3
	tool sf-pull --audit Contact >out
	[ "$(head -1 out)" = '{"kind":"org","org":"00Dxx0000000001EAA"}' ]
	[ "$(sed 1d out)" = '{"attributes":{"type":"Contact"},"Id":"003xx0000000001AAA","IsDeleted":true,"SystemModstamp":"2026-11-20T15:00:00Z"}
{"attributes":{"type":"Contact"},"Id":"003xx0000000003AAA","IsDeleted":true,"SystemModstamp":"2026-11-20T15:00:00Z"}' ]
	tool store-apply --changes <out >changes
	[ "$(jq -r '.id + (.after | tostring)' changes | paste -sd' ')" = "003xx0000000001AAAnull 003xx0000000003AAAnull" ]
	[ "$(sql 'SELECT count(*) FROM contact WHERE is_deleted')" -eq 2 ]
	tool sf-pull --audit Contact >again
	[ "$(wc -l <again)" -eq 1 ]
	# the next pull is none the wiser, and brings nothing back
	tool sf-pull Contact | tool store-apply
	[ "$(sql 'SELECT count(*) FROM contact WHERE is_deleted')" -eq 2 ]
}

@test "a role that was deleted, of which queryAll tells nothing, is found by one call" {
	cat >org.ndjson <<-'JSON'
	{"attributes":{"type":"Contact"},"Id":"003xx0000000001","LastName":"A"}
	{"attributes":{"type":"Opportunity"},"Id":"006xx0000000001","Name":"O","StageName":"Prospecting","CloseDate":"2026-12-01"}
	{"attributes":{"type":"OpportunityContactRole"},"Id":"00Kxx0000000001","OpportunityId":"006xx0000000001","ContactId":"003xx0000000001"}
	JSON
	standin_start --load org.ndjson --now 2026-11-22T12:00:00Z
	control clock '{"advance":60}'
	tool sf-pull | tool store-apply
	control delete '{"object":"OpportunityContactRole","id":"00Kxx0000000001"}'
	tool sf-pull | tool store-apply
	[ "$(sql 'SELECT is_deleted FROM opportunity_contact_role')" -eq 0 ]
	before=$(calls)
	tool sf-pull --audit OpportunityContactRole | tool store-apply
	[ "$(calls)" -eq $((before + 1)) ]
	[ "$(sql 'SELECT is_deleted FROM opportunity_contact_role')" -eq 1 ]
}

@test "what is in the recycle bin, was created meanwhile, or is deleted in the store is left alone" {
	begin 4
	control delete "{\"object\":\"Contact\",\"ids\":$(ids 0)}"
	contacts 3 100 >more.ndjson
	control records @more.ndjson
	printf '%s\n' '{"attributes":{"type":"Contact"},"Id":"003xx0000000002AAA","IsDeleted":true,"SystemModstamp":"2026-11-21T15:00:00Z"}' |
		tool store-apply
	run -0 tool sf-pull --audit Contact
	[ "${#lines[@]}" -eq 1 ]
}

@test "a record that changed in the store since the audit is passed over; a younger one is not judged" {
	begin 3
	purge 0
	tool sf-pull --audit Contact >out
	[ "$(wc -l <out)" -eq 2 ]
	printf '%s\n' '{"attributes":{"type":"Contact"},"Id":"003xx0000000000AAA","LastName":"New","SystemModstamp":"2026-11-22T15:00:00Z"}' |
		tool store-apply
	tool store-apply <out
	[ "$(sql "SELECT is_deleted FROM contact WHERE id = '003xx0000000000AAA'")" -eq 0 ]
	# of 15:00, and the server's clock says 12:00
	run -0 tool sf-pull --audit Contact
	[ "${#lines[@]}" -eq 1 ]
}

@test "a record that was hidden for a while comes back by --reset, with its old stamp" {
	begin 3
	purge 1
	tool sf-pull --audit Contact | tool store-apply
	control records @org.ndjson
	tool sf-pull --reset Contact Contact | tool store-apply
	[ "$(sql 'SELECT count(*) FROM contact WHERE NOT is_deleted')" -eq 3 ]
}

@test "5,000 records: three queries, one call; short pages are gone on with" {
	begin 5000
	purge 7 2600 4999
	before=$(calls)
	tool sf-pull --audit Contact >out
	[ "$(calls)" -eq $((before + 1)) ]
	[ "$(sed 1d out | jq -r .Id | cut -c6-15 | paste -sd' ')" = "0000000007 0000002600 0000004999" ]
	control faults '{"faults":["short-page:rows=700"]}'
	tool sf-pull --audit Contact >short
	cmp out short
}

@test "answers that fail, are cut or are refused never look like deletions" {
	begin 200
	purge 5
	tool sf-pull --audit Contact >out
	for fault in 503 drop-body cut-gzip cut-json bad-json query-timeout:times=2 subrequest; do
		control faults "{\"clear\":true,\"faults\":[\"$fault\"]}"
		tool sf-pull --audit Contact >got
		cmp out got
	done
	control faults '{"clear":true,"faults":["subrequest:code=INVALID_TYPE,status=400,message=sObject type Contact is not supported.,times=always"]}'
	run -78 --separate-stderr tool sf-pull --audit Contact
	[ "${#lines[@]}" -eq 1 ]
	[[ "$stderr" == *"Contact cannot be compared, and nothing of it is deleted: INVALID_TYPE"* ]]
	control faults '{"clear":true,"faults":["subrequest:times=always"]}'
	run -69 --separate-stderr tool sf-pull --audit --retry-budget 1s Contact
	[ "${#lines[@]}" -eq 1 ]
}

@test "an answer that counts more than it holds is asked for again, and not believed in the end" {
	begin 100
	purge 5
	tool sf-pull --audit Contact >out
	through 'if $n == 1 then .compositeResponse[0].body.records |= del(.[3]) else . end'
	tool sf-pull --audit Contact >got
	cmp out got
	kill "$PROXY_PID"
	through '.compositeResponse[0].body.records |= del(.[3])'
	# what it lacked at first it shows when that alone is asked for; then it lacks that
	run -0 --separate-stderr tool sf-pull --audit Contact
	kill "$PROXY_PID"
	through '.compositeResponse[0].body |= (.records = [] | .totalSize = 7)'
	run -76 --separate-stderr tool sf-pull --audit Contact
	[ "${#lines[@]}" -eq 1 ]
	[[ "$stderr" == *"does not hold the records that it counts"* ]]
	kill "$PROXY_PID"
	through '.compositeResponse[0].body.records[2] = .compositeResponse[0].body.records[1]'
	run -76 --separate-stderr tool sf-pull --audit Contact
	[ "${#lines[@]}" -eq 1 ]
}

@test "an object that is mostly gone is hidden rather: nothing is deleted, 78 names the option" {
	begin 300
	purge $(seq 0 60)
	run -78 --separate-stderr tool sf-pull --audit Contact
	[ "${#lines[@]}" -eq 1 ]
	[[ "$stderr" == *"more than 60 of the store's 300 records are gone"*"--max-gone=100"* ]]
	tool sf-pull --audit --max-gone 21 Contact | tool store-apply
	[ "$(sql 'SELECT count(*) FROM contact WHERE is_deleted')" -eq 61 ]
	# few are always believed
	purge $(seq 61 110)
	tool sf-pull --audit --max-gone 0 Contact | tool store-apply
	[ "$(sql 'SELECT count(*) FROM contact WHERE is_deleted')" -eq 111 ]
	purge $(seq 111 299)
	tool sf-pull --audit --max-gone 100 Contact | tool store-apply
	[ "$(sql 'SELECT count(*) FROM contact WHERE is_deleted')" -eq 300 ]
}

@test "one object that cannot be compared does not keep the others from it" {
	begin 3
	printf '%s\n' '{"attributes":{"type":"Campaign"},"Id":"701xx0000000001","Name":"C"}' | tool store-apply
	purge 1
	control faults '{"faults":["subrequest:code=INVALID_TYPE,object=Campaign,times=always"]}'
	run -78 --separate-stderr tool sf-pull --audit Campaign Contact
	[ "${#lines[@]}" -eq 2 ]
	[[ "${lines[1]}" == *003xx0000000001AAA* ]]
}

@test "without a store there is nothing to look for; misuse; a full disk; --dry-run" {
	standin_start
	run -0 --separate-stderr tool sf-pull --audit
	[ "${#lines[@]}" -eq 1 ]
	run -64 tool sf-pull --audit User
	[[ "$output" == *"Salesforce deletes no User"* ]]
	run -64 tool sf-pull --audit --check
	run -64 tool sf-pull --audit --where "Name != null" Contact
	run -64 tool sf-pull --audit --max-gone 101 Contact
	run -74 bash -c '"$BUILD/sf-pull" --audit Contact >/dev/full'
	contacts 10 | tool store-apply
	before=$(calls)
	run -0 tool sf-pull --audit -n Contact
	[[ "${lines[0]}" == "Contact "*" 10 records of the store are looked for" ]]
	[ "${lines[1]}" = "an audit takes about 1 API calls; this look took none" ]
	[ "$(calls)" -eq "$before" ]
}

@test "on a terminal: how far the audit is" {
	begin 2100
	on_terminal 'sf-pull --audit Contact >out'
	[[ "$output" == *"Contact: 2100 of 2100 records are compared, 1 API calls"* ]]
}

@test "--check: in step is 0, a difference is named and 69, one that the next pull may mend is none" {
	begin 20
	before=$(calls)
	run -0 --separate-stderr tool sf-pull --check Contact
	[[ "$output" == "Contact "*" 20 in the store, "*" 20 in Salesforce, 0 changed there since" ]]
	[ -z "$stderr" ]
	[ "$(calls)" -eq $((before + 1)) ]
	purge 1 2
	run -69 --separate-stderr tool sf-pull --check Contact
	[[ "$output" == *": DIFFERS" ]]
	[ "$stderr" = "sf-pull: Contact: the store has 20 records, Salesforce 18: sf-pull --audit finds what is gone" ]
	contacts 2 100 | sed 's/15:00:00Z/16:00:00Z/g' >more.ndjson
	control records @more.ndjson
	contacts 1 200 | sed 's/15:00:00Z/16:00:00Z/g' >more.ndjson
	control records @more.ndjson
	run -0 --separate-stderr tool sf-pull --check Contact
	[[ "$output" == *" 3 changed there since" ]]
	tool sf-pull Contact | tool store-apply
	run -69 --separate-stderr tool sf-pull --check Contact
	tool sf-pull --audit Contact | tool store-apply
	run -0 --separate-stderr tool sf-pull --check Contact
	sqlite3 store.db "UPDATE contact SET is_deleted = 1 WHERE id < '003xx0000000009AAA'"
	run -69 --separate-stderr tool sf-pull --check Contact
	[[ "$stderr" == *"sf-pull --reset reads what is missing" ]]
}

@test "--check of all objects is four calls; one that was never pulled, or is refused, is named" {
	begin 2
	tool sf-pull | tool store-apply
	before=$(calls)
	run -0 --separate-stderr tool sf-pull --check
	[ "${#lines[@]}" -eq 10 ]
	[ "$(calls)" -le $((before + 4)) ]
	rm store.db*
	run -69 --separate-stderr tool sf-pull --check Contact
	[[ "$stderr" == *"the store has 0 records, Salesforce 2: it was never pulled" ]]
	control faults '{"faults":["503:times=2","subrequest:times=1,code=UNABLE_TO_LOCK_ROW"]}'
	run -69 --separate-stderr tool sf-pull --check Contact
	control faults '{"clear":true,"faults":["subrequest:code=INVALID_TYPE,times=always"]}'
	run -69 --separate-stderr tool sf-pull --check Contact
	[[ "$stderr" == *"Contact cannot be counted: INVALID_TYPE"* ]]
}
