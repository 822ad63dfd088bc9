#!/usr/bin/env bats
# The faults of the stand-in Salesforce, seen through curl. One stand-in serves all tests but the
# last; each test begins without faults, with an empty request log.
# shellcheck disable=SC2016,SC2030,SC2031 # jq filters are quoted; each @test is a subshell
load helper

TOKEN='00Dxx0000000001!standin'
HTML='text/html;charset=UTF-8'

setup_file() {
	standin_start --client-id app --client-secret secret --refresh-token refresh --no-rotate
	people 30 | curl -sSf --data-binary @- "$URL/standin/records" >/dev/null
	export URL LOG STANDIN_PID
}

teardown_file() {
	standin_stop
}

setup() {
	DIR=$BATS_TEST_TMPDIR
	API=$URL/services/data/v66.0
	control faults -X DELETE >/dev/null
	control log/reset -X POST >/dev/null
}

people() {
	for i in $(seq "$1"); do
		printf '{"attributes":{"type":"Contact"},"LastName":"P%03d"}\n' "$i"
	done
}

control() {
	curl -sSf "$URL/standin/$1" "${@:2}"
}

# fault SPEC...: adds them.
fault() {
	for spec in "$@"; do
		control faults -d "$(jq -n --arg spec "$spec" '$spec')" >/dev/null
	done
}

# call METHOD PATH [curl options]: sets status (000: none) and rc, curl's own; body and head in $DIR.
call() {
	local method=$1 path=$2
	shift 2
	case $path in http*) ;; *) path=$API$path ;; esac
	rm -f "$DIR/body" "$DIR/head"
	rc=0
	status=$(curl -sS -g -m 5 -X "$method" -H "Authorization: Bearer $TOKEN" -D "$DIR/head" \
		-H 'Content-Type: application/json' -o "$DIR/body" -w '%{http_code}' "$path" "$@" \
		2>"$DIR/curl") || rc=$?
}

# token FORM...: asks for one; sets status.
token() {
	status=$(curl -sS -o "$DIR/body" -w '%{http_code}' "$URL/services/oauth2/token" "$@")
}

soql() {
	call GET "/query?q=$(jq -rn --arg q "$1" '$q | @uri')" "${@:2}"
}

is() {
	jq -e "$@" "$DIR/body" >/dev/null || { cat "$DIR/body"; return 1; }
}

header() {
	tr -d '\r' <"$DIR/head" | sed -n "s/^$1: //Ip"
}

# fired [N...]: how often each fault did, in order.
fired() {
	local found
	found=$(control faults | jq -r '[.faults[].fired] | join(" ")')
	[ "$found" = "$*" ] || { echo "fired $found"; return 1; }
}

# logged FILTER: the filter over the log's requests is true.
logged() {
	control log | jq -e ".requests | $1" >/dev/null || { control log; return 1; }
}

count() {
	soql "SELECT COUNT() FROM Contact WHERE LastName = '$1'"
	jq .totalSize "$DIR/body"
}

# composite PART...: each METHOD PATH [BODY]
composite() {
	jq -n '{compositeRequest: [$ARGS.positional | to_entries[] | (.value | split(" ")) as $p |
		{referenceId: "r\(.key)", method: $p[0], url: "/services/data/v66.0\($p[1])"} +
		(if $p[2] then {body: ($p[2:] | join(" ") | fromjson)} else {} end)]}' --args "$@"
}

@test "statuses of what stands before the org: HTML, not counted, nothing said of limits" {
	local n=0
	fault 503 502:times=1 504:body=empty 503:body=json 420 406
	for expected in 503 502 504 503 420 406; do
		call GET /limits
		[ "$status" = "$expected" ]
		[ -z "$(header Sforce-Limit-Info)" ]
		n=$((n + 1))
		mv "$DIR/body" "$DIR/body.$n"
		header Content-Type >>"$DIR/kinds"
	done
	grep -q '<h1>Service Unavailable' "$DIR/body.1"
	grep -q '<h1>Bad Gateway' "$DIR/body.2"
	[ "$(head -2 "$DIR/kinds" | sort -u)" = "$HTML" ]
	jq -e '.[0].errorCode == "SERVER_UNAVAILABLE"' "$DIR/body.4"
	[ -z "$(cat "$DIR/body.3" "$DIR/body.5" "$DIR/body.6")" ]
	call GET /limits
	[ "$status" = 200 ]
	fired 1 1 1 1 1 1
	logged '([.[].faults] == [{"503":1},{"502":1},{"504":1},{"503":1},{"420":1},{"406":1},null])
		and ([.[].api_calls] == [0,0,0,0,0,0,1])'
}

@test "500 has an error id and counts; 429 says when to come back in seconds or as a date" {
	fault 500 429 429:retry-after=7 429:retry-after=date:90
	call GET /limits
	[ "$status" = 500 ]
	is '.[0].errorCode == "UNKNOWN_EXCEPTION" and (.[0].message | test("ErrorId.*[0-9]+-[0-9]+"))'
	[ -n "$(header Sforce-Limit-Info)" ]
	call GET /limits
	[ "$status" = 429 ]
	[ -z "$(header Retry-After)" ]
	call GET /limits
	[ "$(header Retry-After)" = 7 ]
	call GET /limits
	ahead=$(($(date -d "$(header Retry-After)" +%s) - $(date -d "$(header Date)" +%s)))
	[ "$ahead" -ge 89 ] && [ "$ahead" -le 91 ]
	logged '[.[].api_calls] == [1,0,0,0]'
}

@test "a session expires once, and then works anew; or is refused once" {
	fault expired:at=2
	call GET /limits
	[ "$status" = 200 ]
	call GET /limits
	[ "$status" = 401 ]
	is '.[0].errorCode == "INVALID_SESSION_ID"'
	call GET /limits
	[ "$status" = 401 ]
	token -d grant_type=client_credentials -u app:secret
	TOKEN=$(jq -r .access_token "$DIR/body")
	call GET /limits
	[ "$status" = 200 ]
	fault expired:token=stays
	call GET /limits
	[ "$status" = 401 ]
	call GET /limits
	[ "$status" = 200 ]
	fired 1 1
}

@test "a session that is revoked takes its refresh token along; another login works" {
	fault revoked-session
	call GET /limits
	[ "$status" = 401 ]
	token -d grant_type=refresh_token -d refresh_token=refresh -d client_id=app
	[ "$status" = 400 ]
	is '. == {"error":"invalid_grant","error_description":"expired access/refresh token"}'
	token -d grant_type=client_credentials -u app:secret
	[ "$status" = 200 ]
	control faults -X DELETE
	call GET /limits
	[ "$status" = 200 ]
	token -d grant_type=refresh_token -d refresh_token=refresh -d client_id=app
	[ "$status" = 200 ]
}

@test "a user who is revoked gets nothing from anywhere" {
	fault revoked-user
	call GET /limits
	[ "$status" = 401 ]
	call GET "$URL/services/oauth2/userinfo"
	[ "$status $(cat "$DIR/body")" = '403 Bad_OAuth_Token' ]
	token -d grant_type=refresh_token -d refresh_token=refresh -d client_id=app
	[ "$status" = 400 ]
	is '.error_description == "expired access/refresh token"'
	token -d grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer -d assertion=a.b.c
	is '. == {"error":"invalid_grant","error_description":"user is inactive"}'
	token -d grant_type=client_credentials -u app:secret
	is '.error == "invalid_grant"'
	control faults -d '{"clear":true,"faults":["revoked-user:user=unapproved"]}'
	token -d grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer -d assertion=a.b.c
	is '.error_description == "user hasn'"'"'t approved this consumer"'
	logged 'all(.api_calls == 0)'
	control faults -X DELETE
	call GET /limits
	[ "$status" = 200 ]
}

@test "the day's calls are used up; too many calls at once" {
	fault daily-limit
	call GET /limits
	[ "$status" = 403 ]
	is '. == [{"message":"TotalRequests Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]'
	[ "$(header Sforce-Limit-Info)" = api-usage=15000/15000 ]
	call GET /limits
	[ "$status" = 403 ]
	control faults -d '{"clear":true,"faults":["concurrent-limit","retired-version:at=2"]}'
	call GET /limits
	[ "$status" = 403 ]
	is '.[0].errorCode == "REQUEST_LIMIT_EXCEEDED" and (.[0].message | startswith("ConcurrentRequests"))'
	call GET /limits
	[ "$status" = 410 ]
	is '.[0].errorCode == "UNSUPPORTED_API_VERSION"'
	TOKEN=none
	fault concurrent-limit
	call GET /limits
	[ "$status" = 401 ]
	fired 1 1 0
}

@test "connections dropped before a request is carried out" {
	fault drop-before:method=POST drop-read:method=POST drop-read:method=POST,reset=yes
	for expected in 52 52 56; do
		call POST /sobjects/Contact -d '{"LastName":"Dropped"}'
		[ "$rc" = "$expected" ]
		[ "$status" = 000 ]
	done
	[ "$(count Dropped)" = 0 ]
	logged '[.[0:3][] | .status, .api_calls] == [0,0,0,0,0,0]'
	# what a body would say is not known yet when only the head was read
	fault drop-before:on=write
	composite 'POST /sobjects/Contact {"LastName":"Dropped"}' >"$DIR/in"
	call POST /composite -d @"$DIR/in"
	[ "$rc" = 0 ]
	fired 1 1 1 0
}

@test "answers lost after the write was made, which counts" {
	fault drop-after:on=collections,at=2 504:done=yes,on=row
	rows='{"records":[{"attributes":{"type":"Contact"},"LastName":"Lost"}]}'
	call POST /composite/sobjects -d "$rows"
	[ "$status" = 200 ]
	composite "POST /composite/sobjects $rows" >"$DIR/in"
	call POST /composite -d @"$DIR/in"
	[ "$rc" = 52 ]
	call POST /sobjects/Contact -d '{"LastName":"Lost"}'
	[ "$status" = 504 ]
	[ "$(count Lost)" = 3 ]
	logged '([.[0:3][].api_calls] == [1,1,1]) and .[1].faults == {"drop-after":1} and .[1].status == 200
		and .[2].faults == {"504":1}'
	fault drop-after:on=token,reset=yes
	run -56 curl -sS -d grant_type=refresh_token "$URL/services/oauth2/token"
}

@test "a body cut in the middle: the connection ends, or only gzip or JSON does" {
	fault drop-body:on=query,keep=100
	q='SELECT FIELDS(ALL) FROM Contact LIMIT 30'
	soql "$q"
	[ "$rc" = 18 ]
	[ "$(wc -c <"$DIR/body")" -lt 101 ]
	soql "$q" -H 'Accept-Encoding: gzip'
	whole=$(wc -c <"$DIR/body")
	fault cut-gzip:on=query cut-gzip:on=query,keep=-8,at=3
	soql "$q"
	is '.totalSize == 30'
	soql "$q" -H 'Accept-Encoding: gzip'
	[ "$rc" = 0 ]
	[ "$(wc -c <"$DIR/body")" = $((whole / 2)) ]
	[ "$(header Content-Encoding)" = gzip ]
	soql "$q" -H 'Accept-Encoding: gzip'
	[ "$(wc -c <"$DIR/body")" = $((whole - 8)) ]
	gzip -dc <"$DIR/body" 2>/dev/null | jq -e .done
	fault cut-json:on=query
	soql 'SELECT Id FROM Contact LIMIT 1'
	[ "$rc" = 0 ]
	[ "$(header Content-Length)" = "$(wc -c <"$DIR/body")" ]
	run ! jq . "$DIR/body"
	fired 1 1 1 1
}

@test "what is no JSON with 200, and a Content-Type that is wrong" {
	fault bad-json bad-json:as=html bad-json:as=empty content-type
	call GET /limits
	[ "$status" = 200 ]
	run ! jq . "$DIR/body"
	call GET /limits
	grep -q '<h1>' "$DIR/body"
	[ "$(header Content-Type)" = 'application/json;charset=UTF-8' ]
	call GET /limits
	[ "$(header Content-Length)" = 0 ]
	call GET /limits
	[ "$(header Content-Type)" = "$HTML" ]
	is .DailyApiRequests
	logged '[.[].api_calls] == [1,1,1,1]'
}

@test "slow and stalled answers hold up nobody else" {
	fault slow:ms=300 slow:ms=200,pieces=4,at=2 stall:at=3 stall:at=4,head=no
	for least in 0.3 0.2; do
		call GET /limits -w '%{http_code} %{time_total}'
		jq -en "${status#* } >= $least and ${status#* } < 2"
	done
	is .DailyApiRequests
	call GET /limits -m 0.3
	[ "$rc $status" = '28 200' ]
	call GET /limits -m 0.3
	[ "$rc $status" = '28 000' ]
	call GET /limits -m 0.3
	[ "$rc $status" = '0 200' ]
}

@test "some rows of a collection are locked, and a single one is 400" {
	fault lock-row:at=2,times=2,op=create row-error:object=Lead
	people 4 | jq -s '{records: .}' >"$DIR/rows"
	call POST /composite/sobjects -d @"$DIR/rows"
	[ "$status" = 200 ]
	is 'map(.success) == [true, false, false, true] and .[1].errors[0].statusCode == "UNABLE_TO_LOCK_ROW"'
	id=$(jq -r '.[0].id' "$DIR/body")
	fault lock-row:op=update
	call PATCH "/sobjects/Contact/$id" -d '{"Title":"x"}'
	[ "$status" = 400 ]
	is --arg id "$id" '.[0].errorCode == "UNABLE_TO_LOCK_ROW" and (.[0].message | endswith($id))'
	composite 'POST /sobjects/Lead {"LastName":"x","Company":"x"}' >"$DIR/in"
	call POST /composite -d @"$DIR/in"
	is '.compositeResponse[0].body[0].errorCode == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"'
	fired 2 1 1
	logged '.[0].faults == {"lock-row":2} and .[2].subrequests[0].faults == {"row-error":1}'
}

@test "a locator expires for good, alone and in a composite" {
	fault short-page:rows=10 locator-expired:at=2
	soql 'SELECT Id FROM Contact ORDER BY Id'
	next=$(jq -r .nextRecordsUrl "$DIR/body")
	is '(.records | length) == 10 and .totalSize >= 30 and .done == false'
	call GET "$URL$next"
	next=$(jq -r .nextRecordsUrl "$DIR/body")
	composite "GET ${next#/services/data/v66.0}" 'GET /query?q=SELECT+Id+FROM+User' >"$DIR/in"
	call POST /composite -d @"$DIR/in"
	is '.compositeResponse | map(.httpStatusCode) == [400, 200] and
		.[0].body[0].errorCode == "INVALID_QUERY_LOCATOR"'
	call GET "$URL$next"
	[ "$status" = 400 ]
	fired 2 1
}

@test "pages shorter than asked hold every row once all the same" {
	fault short-page:rows=1-9,seed=3
	soql 'SELECT Id FROM Contact ORDER BY Id'
	total=$(jq .totalSize "$DIR/body")
	while jq -r '.records[].Id' "$DIR/body" >>"$DIR/ids" && is '.done | not' >/dev/null; do
		is '(.records | length) < 10'
		call GET "$URL$(jq -r .nextRecordsUrl "$DIR/body")"
	done
	[ "$(sort -u "$DIR/ids" | wc -l)" = "$total" ]
	[ "$(wc -l <"$DIR/ids")" = "$total" ]
}

@test "one subrequest fails and the others do not" {
	fault subrequest:at=2 query-timeout:at=4
	q='GET /query?q=SELECT+Id+FROM+User'
	composite "$q" "$q" "$q" >"$DIR/in"
	call POST /composite -d @"$DIR/in"
	is '.compositeResponse | map(.httpStatusCode) == [200, 400, 200] and
		.[1].body[0].errorCode == "QUERY_TIMEOUT"'
	soql 'SELECT Id FROM User'
	[ "$status" = 400 ]
	soql 'SELECT Id FROM User'
	[ "$status" = 200 ]
	fault 'error:on=describe,status=403,code=API_DISABLED_FOR_ORG,message=Not, today'
	call GET /sobjects/Lead/describe
	[ "$status" = 403 ]
	is '. == [{"message":"Not, today","errorCode":"API_DISABLED_FOR_ORG"}]'
	logged '.[0].subrequests[1].faults == {"subrequest":1} and .[0].status == 200'
}

@test "filters: method, path, object, what a composite does" {
	fault 503:method=HEAD+PATCH 502:path=/Lead/describe 504:object=Lead,on=query 406:on=write
	call GET /sobjects/Contact/describe
	[ "$status" = 200 ]
	call GET /sobjects/Lead/describe
	[ "$status" = 502 ]
	soql 'SELECT Id FROM Contact LIMIT 1'
	[ "$status" = 200 ]
	composite 'GET /query?q=SELECT+Id+FROM+Lead' >"$DIR/in"
	call POST /composite -d @"$DIR/in"
	[ "$status" = 504 ]
	call POST /composite -d @"$DIR/in"
	[ "$status" = 200 ]
	composite 'GET /query?q=SELECT+Id+FROM+User' 'DELETE /composite/sobjects?ids=1' >"$DIR/in"
	call POST /composite -d @"$DIR/in"
	[ "$status" = 406 ]
	fired 0 1 1 1
}

@test "a share is the same for the same seed and ends; every, at and times" {
	draw() {
		control faults -d '{"clear":true}' >/dev/null
		fault "$1"
		for _ in $(seq "$2"); do
			call GET /limits
			printf '%s ' "$status"
		done
	}
	first=$(draw 503:share=0.5,seed=7,times=4 14)
	[ "$(draw 503:share=0.5,seed=7,times=4 14)" = "$first" ]
	[ "$(draw 503:share=0.5,seed=8,times=4 14)" != "$first" ]
	[ "$(grep -o 503 <<<"$first" | wc -l)" = 4 ]
	[ "$(draw 503:at=2,every=3,times=2 9)" = '200 503 200 200 503 200 200 200 200 ' ]
	[ "$(draw 503:at=2,times=2 4)" = '200 503 503 200 ' ]
}

@test "a mix does a bit of everything until it is spent" {
	control faults -d '{"name":"mix","share":1,"seed":4,"times":6,"of":"503+drop-read+cut-json"}'
	bad=0
	for _ in $(seq 40); do
		call GET /limits
		[ "$status" = 200 ] && [ "$rc" = 0 ] && jq . "$DIR/body" >/dev/null 2>&1 || bad=$((bad + 1))
	done
	[ "$bad" = 6 ]
	fired 2 2 2
	call GET /limits
	is .DailyApiRequests
	fault mix:seed=9
	control faults | jq -e '.faults | length > 15 and all(.times == null | not)'
}

@test "late commits: a stamp of now, to be seen some requests or seconds later" {
	late() { control late -d "{\"records\":[{\"attributes\":{\"type\":\"$1\"},\"LastName\":\"Late\"
		,\"Company\":\"x\"}],\"visible_after\":$2}" | jq -r '.ids[0]'; }
	control clock -d '{"now":"2026-11-20T15:00:00Z"}'
	id=$(late Contact '{"requests":2}')
	other=$(late Lead '{"seconds":300}')
	control clock -d '{"now":"2026-11-20T15:04:00Z"}'
	[ "$(count Late)" = 0 ]
	call GET '/sobjects/Contact/updated?start=2026-11-20T14:00:00Z&end=2026-11-20T15:04:00Z'
	is '.latestDateCovered == "2026-11-20T15:00:00.000+0000" and .ids == []'
	call GET "/sobjects/Contact/$id?fields=SystemModstamp,CreatedDate,LastName"
	is '.SystemModstamp == "2026-11-20T15:00:00.000+0000" and .CreatedDate == .SystemModstamp'
	call GET "/sobjects/Lead/$other"
	[ "$status" = 404 ]
	control clock -d '{"advance":60}'
	call GET "/sobjects/Lead/$other"
	is '.SystemModstamp == "2026-11-20T15:00:00.000+0000"'
	control late -d "{\"records\":[{\"attributes\":{\"type\":\"Contact\"},\"Id\":\"$id\",\"Title\":\"Dr\"}]}"
	control late | jq -e 'length == 1'
	call GET "/sobjects/Contact/$id"
	is '.Title == null'
	control late/commit -X POST
	call GET "/sobjects/Contact/$id"
	is '.Title == "Dr" and .LastName == "Late" and .SystemModstamp == "2026-11-20T15:05:00.000+0000"
		and .CreatedDate == "2026-11-20T15:00:00.000+0000"'
	control clock -d '{"now":null}'
}

@test "faults that are not understood are refused, and the help names them all" {
	for wrong in nonsense 503:at=0 503:share=2 503:on=nowhere 503:body=xml slow:rows=1 503:at 'x:' \
		short-page:rows=0 503:path=[; do
		run -22 fault "$wrong"
	done
	[ "$(control faults | jq '.faults | length')" = 0 ]
	run -1 python3 "$TOP/tests/standin" --fault nonsense
	[[ "$output" == "standin: no fault nonsense; there are: "*"drop-after"* ]]
	run -0 python3 "$TOP/tests/standin" --help
	[[ "$output" == *"/standin/faults"*"--fault drop-after:on=collections,at=2"*"locator-expired"* ]]
}

@test "faults on the command line" {
	standin_start --fault 503:on=token --fault 'drop-after:path=/limits,at=1'
	token -d grant_type=refresh_token
	[ "$status" = 503 ]
	call GET "$URL/services/data/v66.0/limits"
	[ "$rc" = 52 ]
	jq -se 'map(.faults) == [{"503":1},{"drop-after":1}]' "$LOG"
	standin_stop
}
