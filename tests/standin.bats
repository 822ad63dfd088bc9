#!/usr/bin/env bats
# The stand-in Salesforce, seen through curl.
# shellcheck disable=SC2016,SC2030,SC2031 # each @test is a subshell; jq filters are quoted
bats_require_minimum_version 1.5.0

setup_file() {
	export STANDIN_TOKEN='00Dxx0000000001!standin'
}

setup() {
	DIR=$(mktemp -d "${BATS_TEST_TMPDIR:-/tmp}/standin.XXXXXX")
}

teardown() {
	if [ -n "${PID:-}" ]; then
		kill "$PID" 2>/dev/null || true
		wait "$PID" 2>/dev/null || true
	fi
	rm -rf "$DIR"
}

# Starts one with the options given; sets PID, URL and API.
standin() {
	python3 "$BATS_TEST_DIRNAME/standin" --quiet --port-file "$DIR/url" --log "$DIR/log" "$@" \
		>"$DIR/out" 2>"$DIR/err" 3>&- &
	PID=$!
	for _ in $(seq 200); do
		[ -s "$DIR/url" ] && break
		kill -0 "$PID" 2>/dev/null || return 1
		sleep 0.02
	done
	URL=$(cat "$DIR/url")
	API=$URL/services/data/v66.0
}

# call METHOD PATH [curl options]: the body to stdout, its status to $DIR/status, headers to $DIR/head.
call() {
	local method=$1 path=$2
	shift 2
	case $path in http*) ;; *) path=$API$path ;; esac
	curl -sS -g -X "$method" -H "Authorization: Bearer $STANDIN_TOKEN" -D "$DIR/head" \
		-H 'Content-Type: application/json' -o "$DIR/body" -w '%{http_code}' "$path" "$@" \
		>"$DIR/status" && cat "$DIR/body"
}

# soql query|queryAll TEXT
soql() {
	curl -sS -G -H "Authorization: Bearer $STANDIN_TOKEN" -o "$DIR/body" -w '%{http_code}' \
		"$API/$1" --data-urlencode "q=$2" >"$DIR/status" && cat "$DIR/body"
}

control() {
	curl -sSf "$URL/standin/$1" "${@:2}"
}

status_is() {
	[ "$(cat "$DIR/status")" = "$1" ] || { echo "status $(cat "$DIR/status"): $(cat "$DIR/body")"; return 1; }
}

# is FILTER [jq options]: the last body satisfies the filter.
is() {
	jq -e "$@" "$DIR/body" >/dev/null || { cat "$DIR/body"; return 1; }
}

header() {
	tr -d '\r' <"$DIR/head" | sed -n "s/^$1: //Ip"
}

new() {
	call POST "/sobjects/$1" -d "$2" | jq -er .id
}

people() {
	for i in $(seq "$1"); do
		printf '{"attributes":{"type":"Contact"},"LastName":"P%04d","SystemModstamp":"%s"}\n' "$i" "$2"
	done
}

@test "it says where it listens, on loopback only, and ends on SIGTERM" {
	standin
	[[ "$URL" == http://127.0.0.1:* ]]
	[ "$(cat "$DIR/out")" = "$URL" ]
	kill "$PID"
	wait "$PID"
	PID=
	run -2 python3 "$BATS_TEST_DIRNAME/standin" --host 0.0.0.0
	[[ "$output" == *"no loopback address"* ]]
	run -0 python3 "$BATS_TEST_DIRNAME/standin" --help
	[[ "$output" == *"--duplicate-rule"*"/standin/convert"* ]]
}

@test "versions need no token and are not counted; all else is counted and says so" {
	standin --limit 100
	run -0 curl -sS -D "$DIR/head" "$URL/services/data"
	[ "$(jq -r '.[] | select(.version == "66.0") | .label' <<<"$output")" = "Spring '26" ]
	[ -z "$(header Sforce-Limit-Info)" ]
	call GET /limits
	is '.DailyApiRequests == {"Max": 100, "Remaining": 99}'
	[ "$(header Sforce-Limit-Info)" = api-usage=1/100 ]
	[ "$(header Content-Type)" = "application/json;charset=UTF-8" ]
	call GET ""
	[ "$(header Sforce-Limit-Info)" = api-usage=2/100 ]
	[ "$(control log | jq .api_calls)" = 2 ]
}

@test "a bad session is 401, and userinfo answers it in plain text with 403" {
	standin
	STANDIN_TOKEN=nonsense
	call GET /limits
	status_is 401
	is '. == [{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]'
	call GET "$URL/services/oauth2/userinfo"
	status_is 403
	[ "$(cat "$DIR/body")" = Bad_OAuth_Token ]
	[ "$(control log | jq .api_calls)" = 0 ]
}

@test "client credentials, refresh tokens that rotate, revocation" {
	standin
	token() { curl -sS -w '\n%{http_code}\n' "$URL/services/oauth2/token" "$@"; }
	run -0 token -d grant_type=client_credentials -u standin-client:standin-secret
	[ "${lines[1]}" = 200 ]
	jq -e --arg url "$URL" '.instance_url == $url and (.id | endswith("/id/00Dxx0000000001EAA/005xx0000000001AAA"))' <<<"${lines[0]}"
	STANDIN_TOKEN=$(jq -r .access_token <<<"${lines[0]}")
	call GET /limits
	status_is 200
	curl -sSf -d "token=$STANDIN_TOKEN" "$URL/services/oauth2/revoke"
	call GET /limits
	status_is 401

	run -0 token -d grant_type=refresh_token -d refresh_token=standin-refresh -d client_id=standin-client
	next=$(jq -er .refresh_token <<<"${lines[0]}")
	[ "$next" != standin-refresh ]
	run -0 token -d grant_type=refresh_token -d refresh_token=standin-refresh -d client_id=standin-client
	[ "${lines[1]}" = 400 ]
	[ "${lines[0]}" = '{"error":"invalid_grant","error_description":"expired access/refresh token"}' ]
	run -0 token -d grant_type=refresh_token -d "refresh_token=$next" -d client_id=standin-client
	[ "${lines[1]}" = 200 ]
	run -0 token -d grant_type=client_credentials -u standin-client:wrong
	[ "${lines[0]}" = '{"error":"invalid_client","error_description":"invalid client credentials"}' ]
	run -1 grep -F -e standin-secret -e "$STANDIN_TOKEN" -e standin-refresh "$DIR/log"
}

@test "a JWT's claims are checked, and its signature if there is a key" {
	openssl genrsa -out "$DIR/key" 2048 2>/dev/null
	openssl rsa -in "$DIR/key" -pubout -out "$DIR/public" 2>/dev/null
	standin --public-key "$DIR/public"
	base64url() { base64 -w0 | tr '+/' '-_' | tr -d =; }
	jwt() { # aud exp [key]
		local text
		text=$(printf '{"alg":"RS256"}' | base64url).$(printf '{"iss":"standin-client","sub":"%s","aud":"%s","exp":%s}' \
			integration@standin.example "$1" "$2" | base64url)
		echo "$text.$(printf %s "$text" | openssl dgst -sha256 -sign "${3:-$DIR/key}" | base64url)"
	}
	grant() {
		curl -sS "$URL/services/oauth2/token" --data-urlencode "assertion=$1" \
			--data-urlencode grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer
	}
	soon=$(($(date +%s) + 180))
	run -0 grant "$(jwt https://login.salesforce.com $soon)"
	jq -e '.access_token and .token_type == "Bearer" and (has("refresh_token") | not)' <<<"$output"
	run -0 grant "$(jwt https://login.salesforce.com $((soon - 400)))"
	jq -e '.error == "invalid_grant"' <<<"$output"
	run -0 grant "$(jwt https://elsewhere.example $soon)"
	jq -e '.error_description == "audience is invalid"' <<<"$output"
	openssl genrsa -out "$DIR/other" 2048 2>/dev/null
	run -0 grant "$(jwt https://login.salesforce.com $soon "$DIR/other")"
	jq -e '.error_description == "invalid assertion"' <<<"$output"
}

@test "a query's rows: attributes first, every field there, parents nested, children as results" {
	standin
	account=$(new Account '{"Name":"Acme","AnnualRevenue":75000}')
	new Contact '{"LastName":"Doe","FirstName":"Jane","Email":"Jane@Acme.example","AccountId":"'"$account"'"}'
	new Contact '{"LastName":"Private"}'
	soql query "SELECT id, name, account.name, Phone FROM contact WHERE Email = 'JANE@acme.example'"
	[ "$(jq -c '.records[0] | del(.attributes, .Id, .Account.attributes)' "$DIR/body")" = \
		'{"Name":"Jane Doe","Account":{"Name":"Acme"},"Phone":null}' ]
	is '.totalSize == 1 and .done and (.records[0] | keys_unsorted[0] == "attributes")'
	soql query "SELECT Name, Account.Name FROM Contact WHERE AccountId = null"
	is '.records == [{"attributes":.records[0].attributes,"Name":"Private","Account":null}]'
	soql query "SELECT AnnualRevenue, (SELECT LastName FROM Contacts), (SELECT Id FROM Opportunities) FROM Account"
	is '.records[0].Contacts.totalSize == 1 and .records[0].Opportunities == null'
	grep -q '"AnnualRevenue":75000.0,' "$DIR/body"
	soql query "SELECT COUNT() FROM Contact"
	is '. == {"totalSize":2,"done":true,"records":[]}'
	soql query "SELECT Account.Name, COUNT(Id), MAX(LastName) m FROM Contact GROUP BY Account.Name ORDER BY COUNT(Id), Account.Name"
	is '.records[1] == {"attributes":{"type":"AggregateResult"},"Name":"Acme","expr0":1,"m":"Doe"}'
}

@test "conditions: null, NOT, LIKE, IN, semi-joins, dates, offsets, escapes" {
	standin --now 2026-11-20T15:00:00Z
	a=$(new Account '{"Name":"O'\''Neil 100%"}')
	new Account '{"Name":"O'\''Neil 1000"}'
	new Opportunity '{"Name":"x","StageName":"Closed Won","CloseDate":"2026-11-19","Amount":5,"AccountId":"'"$a"'"}'
	names() { soql query "SELECT Id FROM $1" >/dev/null && jq -c .totalSize "$DIR/body"; }
	[ "$(names "Account WHERE Name LIKE 'o\\'neil 100\\%'")" = 1 ]
	[ "$(names "Account WHERE Industry != 'Banking' AND NOT Industry = 'Banking'")" = 2 ]
	[ "$(names "Account WHERE Id IN (SELECT AccountId FROM Opportunity WHERE IsWon = true)")" = 1 ]
	[ "$(names "Account WHERE CreatedDate = TODAY AND CreatedDate <= 2026-11-20T16:00:00.000+01:00")" = 2 ]
	[ "$(names "Account WHERE CreatedDate < 2026-11-20T16:00:00+01:00")" = 0 ]
	[ "$(names "Opportunity WHERE CloseDate = YESTERDAY AND CloseDate < LAST_N_DAYS:1")" = 0 ]
	[ "$(names "Opportunity WHERE CloseDate = LAST_N_DAYS:1 AND (Amount > 4.5 OR Amount IN (1, 2))")" = 1 ]
	[ "$(names "Opportunity WHERE Account.Name LIKE 'O%' AND Type = ''")" = 1 ]
	# Ids are compared with their case, and 15 characters will do
	[ "$(names "Account WHERE Id = '${a:0:15}' AND Id <= '$a'")" = 1 ]
	soql query "SELECT Id FROM Account WHERE Id > '001'"
	is '.[0].errorCode == "INVALID_QUERY_FILTER_OPERATOR"'
	soql query "SELECT FIELDS(ALL) FROM Account"
	is '.[0].errorCode == "MALFORMED_QUERY"'
	soql query "SELECT FIELDS(ALL) FROM Account LIMIT 200"
	is '.records[0].BillingAddress == null and (.records[0] | has("OwnerId"))'
}

@test "query errors are Salesforce's, and show where" {
	standin --hide Contact.Phone --without OpportunityFieldHistory
	soql query "SELECT Nope FROM Contact"
	status_is 400
	is '.[0].errorCode == "INVALID_FIELD" and (.[0].message | startswith("\nSELECT Nope FROM Contact\n       ^\nERROR at Row:1:Column:8\nNo such column '\''Nope'\'' on entity '\''Contact'\''. If you"))'
	soql query "SELECT Phone FROM Contact"
	is '.[0].errorCode == "INVALID_FIELD"'
	soql query "SELECT Id FROM OpportunityFieldHistory"
	is '.[0].errorCode == "INVALID_TYPE" and (.[0].message | contains("sObject type '\''OpportunityFieldHistory'\'' is not supported."))'
	soql query "SELECT Id, Id FROM Contact"
	is '.[0].errorCode == "INVALID_FIELD" and (.[0].message | contains("duplicate field selected: Id"))'
	soql query "SELECT Id FROM Contact WHERE Description = 'x'"
	is '.[0].message | contains("can not be filtered")'
	soql query "SELECT Id FROM Contact OFFSET 2001"
	is '.[0].errorCode == "NUMBER_OUTSIDE_VALID_RANGE"'
	soql query "SELECT Id FROM Contact WHERE"
	is '.[0].errorCode == "MALFORMED_QUERY"'
	# a + that nobody encoded is a space
	call GET '/query?q=SELECT+Id+FROM+Contact+WHERE+CreatedDate>2026-01-01T00:00:00+01:00'
	is '.[0].errorCode == "MALFORMED_QUERY"'
	call GET "/query?q=$(printf 'x%.0s' {1..17000})"
	status_is 414
	call GET "/query?q=$(printf 'x%.0s' {1..16300})"
	status_is 431
	call GET /query/01gxx0000000009AAA-2000
	is '.[0].errorCode == "INVALID_QUERY_LOCATOR"'
}

@test "pages follow locators, of queryAll too, and honour batchSize" {
	standin
	people 500 2026-11-20T15:00:00Z | control records --data-binary @-
	first=$(control dump?object=Contact | head -1 | jq -r .Id)
	control delete -d '{"object":"Contact","id":"'"$first"'"}'
	soql query "SELECT Id FROM Contact"
	is '.totalSize == 499 and .done'
	call GET '/queryAll?q=SELECT+Id,IsDeleted+FROM+Contact+ORDER+BY+LastName' -H 'Sforce-Query-Options: batchSize=200'
	is '.totalSize == 500 and (.done | not) and (.records | length == 200)'
	is '.records[0].IsDeleted'
	next=$(jq -r .nextRecordsUrl "$DIR/body")
	[[ "$next" =~ ^/services/data/v66.0/query/01g[A-Za-z0-9]{15}-200$ ]]
	cp "$DIR/body" "$DIR/pages"
	while [ "$next" != null ]; do
		call GET "$URL$next"
		cat "$DIR/body" >>"$DIR/pages"
		next=$(jq -r .nextRecordsUrl "$DIR/body")
	done
	[ "$(jq -r '.records[].Id' "$DIR/pages" | sort -u | wc -l)" = 500 ]
	[ "$(jq -s length "$DIR/pages")" = 3 ]
}

@test "a record: created, read, updated, deleted, with its stamps" {
	standin --now 2026-11-20T15:00:00Z
	call POST /sobjects/Contact -d '{"LastName":" Doe ","Phone":""}'
	status_is 201
	is '.success and .errors == []'
	id=$(jq -r .id "$DIR/body")
	[ "$(header Location)" = "/services/data/v66.0/sobjects/Contact/$id" ]
	[ "$(header Date)" = "Fri, 20 Nov 2026 15:00:00 GMT" ]
	control clock -d '{"advance":60}'
	call PATCH "/sobjects/Contact/$id" -d '{"FirstName":"Jane"}'
	status_is 204
	[ ! -s "$DIR/body" ]
	call GET "/sobjects/Contact/$id?fields=Name,Phone,CreatedDate,SystemModstamp,Owner.Name"
	is '.Name == "Jane Doe" and .Phone == null and .Owner.Name == "Integration User"'
	is '.CreatedDate == "2026-11-20T15:00:00.000+0000" and .SystemModstamp == "2026-11-20T15:01:00.000+0000"'
	call PATCH "/sobjects/Contact/$id" -d '{"Phone":"1"}' -H 'If-Unmodified-Since: Fri, 20 Nov 2026 15:00:59 GMT'
	status_is 412
	call GET "/sobjects/Contact/$id" -H 'If-Modified-Since: Fri, 20 Nov 2026 15:01:00 GMT'
	status_is 304
	call DELETE "/sobjects/Contact/$id"
	status_is 204
	call GET "/sobjects/Contact/$id"
	status_is 404
	is '.[0].errorCode == "ENTITY_IS_DELETED"'
	soql queryAll "SELECT IsDeleted FROM Contact WHERE Id = '$id'"
	is '.records[0].IsDeleted'
	call GET '/sobjects/Contact/deleted?start=2026-11-20T14:00:00Z&end=2026-11-20T16:00:00%2B00:00'
	is --arg id "$id" '.deletedRecords[0].id == $id and .latestDateCovered == "2026-11-20T15:01:00.000+0000"'
	control undelete -d '{"object":"Contact","id":"'"$id"'"}'
	call GET '/sobjects/Contact/updated/?start=2026-11-20T14:00:00Z&end=2026-11-20T16:00:00Z'
	is --arg id "$id" '.ids == [$id]'
	call GET '/sobjects/Contact/deleted?start=2026-10-20T14:00:00Z&end=2026-11-20T16:00:00Z'
	is '.[0].errorCode == "INVALID_REPLICATION_DATE"'
	call GET /sobjects/Contact/003000000000000AAA
	status_is 404
	is '.[0].errorCode == "NOT_FOUND"'
}

@test "an upsert by external id: 201, 200, 300, 404, 405" {
	standin --custom Lead.Key__c:string:externalId --custom Lead.One__c:string:externalId:unique
	body='{"LastName":"L","Company":"C"}'
	call PATCH /sobjects/Lead/One__c/a%2Fb%20c -d "$body"
	status_is 201
	is .created
	call PATCH /sobjects/Lead/One__c/A%2Fb%20c -d "$body"
	status_is 200
	is '.created | not'
	call PATCH '/sobjects/Lead/One__c/new?updateOnly=true' -d "$body"
	status_is 404
	call PATCH /sobjects/Lead/One__c/ -d "$body"
	status_is 405
	is '.[0].message == "HTTP Method '\''PATCH'\'' not allowed. Allowed are HEAD,GET,POST"'
	call PATCH /sobjects/Lead/Company/x -d "$body"
	status_is 404
	new Lead '{"LastName":"1","Company":"C","Key__c":"k"}'
	new Lead '{"LastName":"2","Company":"C","Key__c":"k"}'
	call PATCH /sobjects/Lead/Key__c/k -d "$body"
	status_is 300
	is 'length == 2 and (.[0] | startswith("/services/data/v66.0/sobjects/Lead/00Q"))'
	call POST /sobjects/Lead -d '{"LastName":"L","Company":"C","One__c":"a/b c"}'
	is '.[0].errorCode == "DUPLICATE_VALUE" and (.[0].message | test("duplicate value found: One__c duplicates value on record with id: 00Q[A-Za-z0-9]{12}$"))'
}

@test "what a write may not say, in Salesforce's words" {
	echo '{"attributes":{"type":"User"},"Id":"005000000000007","LastName":"Queue"}' >"$DIR/org"
	standin --validation 'Account:Website:We need a site' --assignment-rule Lead:005000000000007 --load "$DIR/org"
	refused() { # OBJECT BODY CODE [MESSAGE]
		call POST "/sobjects/$1" -d "$2"
		status_is 400
		is --arg c "$3" --arg m "${4:-}" '.[0].errorCode == $c and (.[0].message | contains($m))'
	}
	refused Contact '{"FirstName":"x"}' REQUIRED_FIELD_MISSING 'Required fields are missing: [LastName]'
	refused Contact '{"LastName":"'"$(printf 'x%.0s' {1..81})"'"}' STRING_TOO_LONG '(max length=80)'
	refused Contact '{"LastName":"x","Email":"no"}' INVALID_EMAIL_ADDRESS 'Email: invalid email address: no'
	refused Contact '{"LastName":"x","Nope":1}' INVALID_FIELD "No such column 'Nope' on sobject of type Contact"
	refused Contact '{"LastName":"x","Id":"003000000000000"}' INVALID_FIELD
	refused Contact '{"LastName":"x","Name":"y"}' INVALID_FIELD_FOR_INSERT_UPDATE 'Unable to create/update fields: Name'
	refused Contact '{"LastName":"x","AccountId":"003000000000000"}' MALFORMED_ID
	refused Contact '{"LastName":"x","AccountId":"001000000000000"}' INVALID_CROSS_REFERENCE_KEY
	refused Contact '{"LastName":"x","Birthdate":"2026-13-01"}' JSON_PARSER_ERROR
	refused Contact '{"LastName":' JSON_PARSER_ERROR
	refused Task '{"CallType":"Sideways"}' INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST
	refused Opportunity '{"Name":"x","StageName":"y","CloseDate":"2026-01-01","Amount":12345678901234567}' NUMBER_OUTSIDE_VALID_RANGE
	refused Account '{"Name":"x"}' FIELD_CUSTOM_VALIDATION_EXCEPTION 'We need a site'
	call POST /sobjects/Contact -H 'Content-Type: text/plain' -d '{}'
	status_is 415
	call POST /sobjects/Lead -d '{"LastName":"x","Company":"y"}' -H 'Sforce-Auto-Assign: FALSE'
	call POST /sobjects/Lead -d '{"LastName":"x","Company":"y"}'
	soql query "SELECT Owner.Name FROM Lead ORDER BY Id"
	is '[.records[].Owner.Name] == ["Integration User", "Queue"]'
}

@test "a collection answers for each row; allOrNone takes all back" {
	standin --custom Contact.Ext__c:string:externalId:unique
	rows() { jq -nc --argjson all "$1" --argjson rows "$2" \
		'{allOrNone: $all, records: [$rows[] | {attributes: {type: "Contact"}} + .]}'; }
	call POST /composite/sobjects -d "$(rows false '[{"LastName":"a","Ext__c":"1"},{"FirstName":"b"}]')"
	status_is 200
	is '.[0].success and .[1] == {"success":false,"errors":[{"statusCode":"REQUIRED_FIELD_MISSING","message":"Required fields are missing: [LastName]","fields":["LastName"]}]}'
	id=$(jq -r '.[0].id' "$DIR/body")
	call PATCH /composite/sobjects -d "$(rows true '[{"id":"'"$id"'","LastName":"changed"},{"id":"'"$id"'","LastName":"again"}]')"
	is '.[0].errors[0].statusCode == "ALL_OR_NONE_OPERATION_ROLLED_BACK" and (.[1].success | not)'
	call PATCH /composite/sobjects/Contact/Ext__c -d "$(rows false '[{"Ext__c":"1","LastName":"u"},{"Ext__c":"2","LastName":"n"},{"Ext__c":"x","LastName":"d"},{"Ext__c":"X","LastName":"d"}]')"
	is '[.[].created] == [false, true, null, null]'
	is '[.[2:][].errors[0].statusCode] == ["DUPLICATE_VALUE", "DUPLICATE_VALUE"]'
	call POST /composite/sobjects/Contact -d '{"ids":["003000000000000","'"$id"'"],"fields":["LastName"]}'
	is '.[0] == null and .[1].LastName == "u"'
	call DELETE "/composite/sobjects?ids=$id,003000000000000AAA,zz&allOrNone=false"
	is '[.[] | .errors[0].statusCode] == [null, "INVALID_CROSS_REFERENCE_KEY", "MALFORMED_ID"]'
	call PATCH /composite/sobjects -d "$(rows false '[{"id":"'"$id"'","LastName":"x"}]')"
	is '.[0].errors[0].statusCode == "ENTITY_IS_DELETED"'
	call POST /composite/sobjects -d "$(rows false "$(jq -nc '[range(201) | {LastName: "x"}]')")"
	status_is 400
	jq -nc '{records: [range(11) | {attributes: {type: (if . % 2 == 0 then "Lead" else "Contact" end)}}]}' >"$DIR/chunks"
	call POST /composite/sobjects -d @"$DIR/chunks"
	is '.[0].message | startswith("Cannot have more than 10 chunks")'
}

@test "a composite is one call: references, its own headers, 25 and 5 at most, allOrNone" {
	standin
	part() { jq -nc --arg m "$1" --arg r "$2" --arg u "/services/data/v66.0$3" --argjson b "${4:-null}" \
		'{method: $m, referenceId: $r, url: $u, body: $b}'; }
	composite() { jq -sc --argjson all "$1" '{allOrNone: $all, collateSubrequests: false, compositeRequest: .}' >"$DIR/composite"
		call POST /composite -d @"$DIR/composite"; }
	{
		part POST a /sobjects/Account '{"Name":"Acme"}'
		part POST c /sobjects/Contact '{"LastName":"x","AccountId":"@{a.id}"}'
		part GET q '/query?q=SELECT+Id,Account.Name+FROM+Contact'
		part GET r '/sobjects/Contact/@{q.records[0].Id}?fields=LastName'
		part GET bad '/sobjects/Account/@{none.id}'
		part PATCH old '/sobjects/Account/@{a.id}' '{"Name":"y"}' | jq -c '.httpHeaders = {"If-Unmodified-Since": "Mon, 30 Nov 2020 08:34:54 GMT"}'
	} | composite false
	status_is 200
	is '[.compositeResponse[] | [.referenceId, .httpStatusCode]] == [["a",201],["c",201],["q",200],["r",200],["bad",400],["old",412]]'
	is '.compositeResponse[2].body.records[0].Account.Name == "Acme" and .compositeResponse[4].body[0].errorCode == "PROCESSING_HALTED"'
	[ "$(control log | jq .api_calls)" = 1 ]
	[ "$(control log | jq -c '.requests[0].subrequests | length')" = 6 ]
	{
		part POST one /sobjects/Account '{"Name":"gone"}'
		part POST two /sobjects/Contact '{}'
	} | composite true
	is '[.compositeResponse[].body[0].errorCode] == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING"]'
	soql query "SELECT COUNT() FROM Account"
	is '.totalSize == 1'
	for i in 1 2 3 4 5 6; do part GET "q$i" '/queryAll?q=SELECT+Id+FROM+Lead'; done | composite false
	status_is 400
	for i in $(seq 26); do part GET "q$i" /sobjects/Lead; done | composite false
	status_is 400
	part GET no-dash /sobjects/Lead | composite false
	status_is 400
	part GET a /sobjects/Lead | jq -c '.httpHeaders = {"Authorization": "x"}' | composite false
	status_is 400
	control log/reset -X POST
	call POST /composite/batch -d '{"batchRequests":[{"method":"GET","url":"v66.0/limits"},{"method":"GET","url":"v66.0/sobjects/Lead/00Q000000000000"}]}'
	is '.hasErrors and [.results[].statusCode] == [200, 404]'
	[ "$(control log | jq .api_calls)" = 2 ]
	call POST /composite/graph -d '{"graphs":[{"graphId":"g","compositeRequest":[{"method":"POST","url":"/services/data/v66.0/sobjects/Lead","referenceId":"l","body":{"LastName":"x","Company":"y"}}]}]}'
	is '.graphs[0].isSuccessful'
}

@test "describe says what may be written, and 304 if nothing changed" {
	standin --custom Lead.Key__c:string:externalId:unique --restrict Lead.Status --hide Lead.Fax
	call GET /sobjects
	is '[.sobjects[].name] | index("OpportunityContactRole")'
	call GET /sobjects/Lead/describe --compressed
	is '.fields | map({(.name): .}) | add | .LastName.length == 80 and (.LastName.nillable | not) and (.Name.createable | not) and .Key__c.externalId and .Key__c.unique and .OwnerId.referenceTo == ["Group", "User"] and (has("Fax") | not)'
	is '.fields[] | select(.name == "Status") | .restrictedPicklist and .picklistValues[0].defaultValue'
	grep -qi '^content-encoding: gzip' "$DIR/head"
	call GET /sobjects/Lead/describe -H "If-Modified-Since: $(header Last-Modified)"
	status_is 304
	call GET /sobjects/Nope/describe
	status_is 404
}

@test "deletions: cascades, roles that leave no trace, merges, conversion" {
	standin
	account=$(new Account '{"Name":"A"}')
	contact=$(new Contact '{"LastName":"x","AccountId":"'"$account"'"}')
	deal=$(new Opportunity '{"Name":"d","StageName":"Prospecting","CloseDate":"2026-12-31","Amount":5,"AccountId":"'"$account"'","ContactId":"'"$contact"'"}')
	soql query "SELECT IsPrimary, Opportunity.ContactId FROM OpportunityContactRole"
	is --arg c "$contact" '.records[0].IsPrimary and .records[0].Opportunity.ContactId == $c'
	role=$(new OpportunityContactRole '{"OpportunityId":"'"$deal"'","ContactId":"'"$contact"'","Role":"Evaluator"}')
	call DELETE "/sobjects/OpportunityContactRole/$role"
	soql queryAll "SELECT Id FROM OpportunityContactRole"
	is '.totalSize == 1'
	call PATCH "/sobjects/Opportunity/$deal" -d '{"StageName":"Closed Won"}'
	soql query "SELECT IsClosed, IsWon, Probability, (SELECT StageName FROM OpportunityHistories ORDER BY CreatedDate, Id), (SELECT Field, OldValue, NewValue FROM Histories ORDER BY Id) FROM Opportunity"
	is '.records[0] | .IsWon and .Probability == 100 and [.OpportunityHistories.records[].StageName] == ["Prospecting", "Closed Won"]'
	is '[.records[0].Histories.records[] | [.Field, .OldValue, .NewValue]] == [["created", null, null], ["Probability", 10, 100], ["StageName", "Prospecting", "Closed Won"]]'
	call DELETE "/sobjects/Account/$account"
	soql queryAll "SELECT IsDeleted FROM OpportunityContactRole"
	is '.records[0].IsDeleted'
	soql query "SELECT Id FROM Contact"
	is '.totalSize == 0'
	control undelete -d '{"object":"Account","id":"'"$account"'"}'
	soql query "SELECT Id FROM Contact"
	is '.totalSize == 1'

	lead=$(new Lead '{"LastName":"L","Company":"New Inc","Email":"l@new.example"}')
	run -0 control convert -d '{"lead":"'"$lead"'","account":"'"$account"'","opportunity":null}'
	became=$(jq -r .contact <<<"$output")
	soql query "SELECT IsConverted, ConvertedContactId, ConvertedOpportunityId FROM Lead"
	is --arg c "$became" '.records[0] | .IsConverted and .ConvertedContactId == $c and .ConvertedOpportunityId == null'
	call PATCH "/sobjects/Lead/$lead" -d '{"Phone":"1"}'
	is '.[0].errorCode == "CANNOT_UPDATE_CONVERTED_LEAD"'

	control merge -d '{"object":"Contact","winner":"'"$became"'","losers":["'"$contact"'"]}'
	soql queryAll "SELECT MasterRecordId FROM Contact WHERE IsDeleted = true"
	is --arg c "$became" '.records[0].MasterRecordId == $c'
	soql query "SELECT ContactId FROM OpportunityContactRole"
	is --arg c "$became" '.records[0].ContactId == $c'
}

@test "records load with the stamps and the digits they have, and come out again" {
	cat >"$DIR/org" <<-'JSON'
	{"attributes":{"type":"Opportunity"},"Id":"006000000000001AAA","Name":"n","StageName":"Closed Lost","CloseDate":"2026-01-02","Amount":1234567890123456.78,"Score__c":0.10,"SystemModstamp":"2026-01-02T03:04:05.000+0000","CreatedDate":"2025-01-02T03:04:05Z"}
	{"attributes":{"type":"User"},"Id":"005000000000007","Name":"Rep","Email":"rep@us.example"}
	JSON
	standin --db "$DIR/db" --load "$DIR/org"
	soql query "SELECT Amount, Score__c, SystemModstamp, CreatedDate, IsClosed FROM Opportunity"
	grep -q '"Amount":1234567890123456.78,"Score__c":0.10,"SystemModstamp":"2026-01-02T03:04:05.000+0000","CreatedDate":"2025-01-02T03:04:05.000+0000","IsClosed":true}' "$DIR/body"
	call PATCH /sobjects/Opportunity/006000000000001 -d '{"Amount":9876543210987654.32}'
	kill "$PID"
	wait "$PID"
	rm "$DIR/url"
	standin --db "$DIR/db" --custom Opportunity.Score__c:double
	run -0 control dump?object=Opportunity
	grep -q '"Amount":9876543210987654.32' <<<"$output"
	echo '{"attributes":{"type":"Contact"},"Id":"nonsense"}' >"$DIR/bad"
	run -1 python3 "$BATS_TEST_DIRNAME/standin" --load "$DIR/bad"
	[ "$output" = "standin: $DIR/bad:1: Id is no id: nonsense" ]
}

@test "rows that share a stamp page by keyset, and late ones may come with an old stamp" {
	standin
	people 300 2026-11-20T15:00:00Z | control records --data-binary @-
	stamp=2026-11-20T15:00:00Z last=000000000000000AAA total=0
	for _ in 1 2 3 4; do
		soql queryAll "SELECT Id FROM Contact WHERE SystemModstamp >= $stamp AND (SystemModstamp > $stamp OR Id > '$last') ORDER BY SystemModstamp, Id LIMIT 100"
		total=$((total + $(jq '.records | length' "$DIR/body")))
		last=$(jq -r --arg last "$last" '.records[-1].Id // $last' "$DIR/body")
	done
	[ "$total" = 300 ]
	people 1 2026-11-20T14:51:00Z | control records --data-binary @-
	soql query "SELECT Id FROM Contact WHERE SystemModstamp < $stamp"
	is '.totalSize == 1'
}

@test "person accounts are there only where they are switched on" {
	echo '{"attributes":{"type":"Account"},"Name":"Jo Roe","IsPersonAccount":true,"PersonEmail":"jo@roe.example"}' >"$DIR/org"
	standin --person-accounts --load "$DIR/org"
	soql query "SELECT PersonEmail FROM Account WHERE IsPersonAccount = true"
	is '.records[0].PersonEmail == "jo@roe.example"'
	kill "$PID"
	rm "$DIR/url"
	standin
	soql query "SELECT Id FROM Account WHERE IsPersonAccount = true"
	is '.[0].errorCode == "INVALID_FIELD"'
}

@test "a duplicate rule names what it found; the header overrides it" {
	standin --duplicate-rule Lead
	body='{"LastName":"x","Company":"y","Email":"x@y.example"}'
	id=$(new Lead "$body")
	call POST /sobjects/Lead -d "$body"
	status_is 400
	is --arg id "$id" '.[0].errorCode == "DUPLICATES_DETECTED" and .[0].duplicateResut.matchResults[0].matchRecords[0].record.Id == $id'
	call POST /composite/sobjects -d '{"records":[{"attributes":{"type":"Lead"},"LastName":"x","Company":"y","Email":"x@y.example"}]}'
	is '.[0].errors == [{"statusCode":"DUPLICATES_DETECTED","message":"Use one of these records?","fields":[]}]'
	call POST /sobjects/Lead -d "$body" -H 'Sforce-Duplicate-Rule-Header: allowSave=true'
	status_is 201
}

@test "the daily allowance ends with 403; the log shows what was written and no token" {
	standin --limit 2
	new Contact '{"LastName":"logged"}'
	gzip -c <<<'{"LastName":"zipped"}' >"$DIR/zip"
	call POST /sobjects/Contact -H 'Content-Encoding: gzip' --data-binary @"$DIR/zip"
	status_is 201
	call GET /limits
	status_is 403
	is '. == [{"message":"TotalRequests Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]'
	[ "$(jq -c 'select(.writes) | .writes[0] | [.op, .object, .fields]' "$DIR/log" | head -1)" = \
		'["create","Contact",{"LastName":"logged"}]' ]
	run -1 grep -F "$STANDIN_TOKEN" "$DIR/log"
	control log/reset -X POST
	[ "$(control log)" = '{"api_calls":0,"requests":[]}' ]
}
