#!/usr/bin/env bats
# shellcheck disable=SC2154 # stderr and stderr_lines are set by bats

bats_require_minimum_version 1.5.0
load helper

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	openssl genrsa -out key.pem 2048 2>/dev/null
	openssl rsa -in key.pem -pubout -out public.pem 2>/dev/null
	openssl genrsa -out other.pem 2048 2>/dev/null
	openssl ecparam -name prime256v1 -genkey -noout -out ec.pem 2>/dev/null
	openssl pkey -in key.pem -aes128 -passout pass:x -out locked.pem 2>/dev/null
}

setup() {
	export SFPIPE_STORE=$BATS_TEST_TMPDIR/store.db
	cd "$BATS_TEST_TMPDIR" || return
	umask 077
	cp "$BATS_FILE_TMPDIR"/*.pem .
}

teardown() {
	standin_stop
}

# start [OPTION...]: the stand-in, with nothing in the environment that logs in.
start() {
	standin_start --public-key public.pem "$@"
	unset SF_ACCESS_TOKEN SF_INSTANCE_URL
}

control() {
	curl -sf "$URL/standin/$1" --data-binary "$2" >/dev/null
}

# faults FAULT: this one from now on.
faults() {
	control faults "{\"clear\":true,\"faults\":[\"$1\"]}"
}

logins() {
	curl -sf "$URL/standin/log" | jq '[.requests[] | select(.path == "/services/oauth2/token")] | length'
}

# credentials MEMBERS: the file sf.json; URL stands for the stand-in's.
credentials() {
	printf '%s\n' "${1//URL/$URL}" >sf.json
}
jwt() {
	credentials '{"client_id":"standin-client","username":"integration@standin.example","private_key_file":"key.pem","login_url":"URL"}'
}
client() {
	credentials '{"client_id":"standin-client","client_secret":"standin-secret","login_url":"URL"}'
}
refresh() {
	credentials '{ "client_id":"standin-client", "refresh_token" : "standin-refresh" ,"login_url":"URL"}'
}

# refused MESSAGE [STATUS]: a pull ends with 77, says this, and writes nothing.
refused() {
	run "-${2:-77}" --separate-stderr tool sf-pull Account --credentials sf.json
	[[ "$stderr" == *"$1"* ]] || {
		echo "$stderr"
		return 1
	}
	[ -z "$output" ]
}

@test "JWT bearer: a key file beside the credentials, a key within, an audience" {
	start
	jwt
	mkdir elsewhere
	run -0 --separate-stderr bash -c 'cd elsewhere && "$BUILD/sf-pull" --credentials ../sf.json Account'
	[ "${lines[0]}" = '{"kind":"org","org":"00Dxx0000000001EAA"}' ]
	jq --rawfile key key.pem 'del(.private_key_file) | .private_key = $key | .audience = "https://test.salesforce.com"' sf.json >with.json
	SF_CREDENTIALS=with.json run -0 --separate-stderr tool sf-pull Account
	[ "${lines[0]}" = '{"kind":"org","org":"00Dxx0000000001EAA"}' ]
	[ "$(logins)" -eq 2 ]
}

@test "JWT bearer: what is refused is said with what to do" {
	start
	jwt
	jq '.private_key_file = "other.pem"' sf.json >new && mv new sf.json
	refused "invalid_grant: invalid assertion (the private key does not belong to the app's certificate"
	jwt
	jq '.audience = "https://elsewhere.example.com"' sf.json >new && mv new sf.json
	refused "invalid_grant: audience is invalid (the audience must be https://login.salesforce.com"
	jwt
	jq '.client_id = "nobody"' sf.json >new && mv new sf.json
	refused "invalid_client_id: client identifier invalid (client_id is no consumer key"
	jwt
	jq '.username = "stranger@standin.example"' sf.json >new && mv new sf.json
	refused "user hasn't approved this consumer (pre-authorize the user"
	[ "$(logins)" -eq 4 ]
}

@test "JWT bearer: a clock that is wrong is said, by how much" {
	start
	jwt
	control clock '{"advance":600}'
	refused "invalid_grant: token validity expired (this machine's clock is wrong: set it); this machine's clock is "
	[[ "$stderr" =~ "clock is "(59[0-9]|60[0-9])" s behind Salesforce's" ]]
	control clock '{"advance":-1200}'
	run -0 tool sf-pull Account --credentials sf.json
}

@test "an inactive user is 77 at once; one deactivated meanwhile after one renewal" {
	start
	user=$(curl -sf "$URL/standin/dump?object=User" | jq -r 'select(.Username == "integration@standin.example").Id')
	jwt
	control records "{\"attributes\":{\"type\":\"User\"},\"Id\":\"$user\",\"IsActive\":false}"
	refused "user is inactive (activate the user, or log in as another)"
	[ "$(logins)" -eq 1 ]
	control records "{\"attributes\":{\"type\":\"User\"},\"Id\":\"$user\",\"IsActive\":true}"
	faults revoked-user:at=2
	refused "was refused: invalid_grant: user is inactive"
	[ "$(logins)" -eq 3 ]
}

@test "keys that cannot be used are 78: locked, no RSA, none, open to others" {
	start
	for key in locked:passphrase ec:"no RSA key" public:"private key is none"; do
		jwt
		jq --arg key "${key%%:*}.pem" '.private_key_file = $key' sf.json >new && mv new sf.json
		refused "${key#*:}" 78
	done
	chmod 644 key.pem
	jwt
	refused "key.pem is open to others (mode 0644): chmod 600" 78
	[ "$(logins)" -eq 0 ]
}

@test "client credentials" {
	start
	client
	run -0 tool sf-pull Account --credentials sf.json
	jq '.client_secret = "wr0ng+&="' sf.json >new && mv new sf.json
	refused "invalid_client: invalid client credentials (client_id and client_secret do not go together)"
	[[ "$stderr" != *wr0ng* ]]
}

@test "refresh token: the new one is in the file, all else as it was, mode too; the next run has it" {
	start
	refresh
	chmod 600 sf.json
	run -0 tool sf-pull Account --credentials sf.json
	[[ "$(cat sf.json)" == '{ "client_id":"standin-client", "refresh_token" : "standin-refresh.'*'" ,"login_url":"'"$URL"'"}' ]]
	[ "$(stat -c %a sf.json)" = 600 ]
	[ ! -e sf.json.new ]
	run -0 tool sf-pull Account --credentials sf.json
	run -0 tool sf-push --credentials sf.json </dev/null
	[ "$(logins)" -eq 3 ]
	refresh
	refused "expired access/refresh token (the refresh token was used, revoked or has expired: authorize the app again"
}

@test "refresh token: through a symbolic link, which stays one" {
	start
	refresh
	mkdir real && mv sf.json real && ln -s real/sf.json sf.json
	run -0 tool sf-pull Account --credentials sf.json
	[ -L sf.json ]
	grep -q 'standin-refresh\.' real/sf.json
}

@test "refresh token: ten runs at once each get theirs" {
	start
	refresh
	for i in 1 2 3 4 5 6 7 8 9 10; do
		"$BUILD/sf-pull" --credentials sf.json Account >"out.$i" 2>"err.$i" &
		pids[i]=$!
	done
	for i in 1 2 3 4 5 6 7 8 9 10; do
		wait "${pids[i]}" || {
			cat "err.$i"
			return 1
		}
	done
	[ "$(logins)" -eq 10 ]
}

@test "refresh token: a file that cannot be replaced is refused before the login" {
	start
	refresh
	mkdir sf.json.new
	refused "cannot be written, but Salesforce may give another refresh token" 78
	rmdir sf.json.new
	mkfifo pipe
	cat sf.json >pipe &
	run -78 --separate-stderr tool sf-pull Account --credentials pipe
	[[ "$stderr" == *"no plain file"* ]]
	[ "$(logins)" -eq 0 ]
}

@test "refresh token: what a run that was killed had got is used, if it is whole and the newest" {
	start
	refresh
	run -0 tool sf-pull Account --credentials sf.json
	refresh # its token was used up
	mv sf.json old && sed 's/standin-refresh/standin-refresh.1/' old >new
	for left in torn older; do
		cp old sf.json
		case $left in
		torn) head -c 60 new >sf.json.new ;;
		older) cp new sf.json.new && touch -d '1 minute ago' sf.json.new ;;
		esac
		refused "the refresh token was used, revoked or has expired"
		[ ! -e sf.json.new ]
	done
	cp old sf.json
	sleep 0.01
	cp new sf.json.new
	run -0 tool sf-pull Account --credentials sf.json
	grep -q 'standin-refresh\.[2-9]' sf.json
	[ ! -e sf.json.new ]
}

# new_token FILE: it is whole, and has one that Salesforce gave.
new_token() {
	[ -e "$1" ] && jq -e '.refresh_token | startswith("standin-refresh.")' "$1" >/dev/null 2>&1
}

@test "refresh token: killed anywhere, the file stays whole; once the new token is written, that works" {
	start
	refresh
	SFPIPE_CRASH_AT=1 run tool sf-pull Account --credentials sf.json
	[ "$status" -eq 137 ] || skip "no crash points in this build"
	survived='' written=0
	for at in $(seq 1 40); do
		# which also makes the first refresh token good again
		curl -sf -X DELETE "$URL/standin/faults" >/dev/null
		refresh
		SFPIPE_CRASH_AT=$at run tool sf-pull Account --credentials sf.json
		jq -e .refresh_token sf.json >/dev/null
		[ "$(stat -c %a sf.json)" = 600 ]
		if new_token sf.json || new_token sf.json.new; then
			written=$((written + 1))
			run -0 tool sf-pull Account --credentials sf.json
			[ ! -e sf.json.new ]
		fi
		[ "$status" -eq 137 ] || survived=1
	done
	[ -n "$survived" ] && [ "$written" -ge 4 ]
}

@test "an access token in a file: works, and is not renewed" {
	start
	credentials '{"access_token":"00Dxx0000000001!standin","instance_url":"URL/"}'
	run -0 tool sf-pull Account --credentials sf.json
	credentials '{"access_token":"00Dxx0000000001!old","instance_url":"URL"}'
	refused "put a new access_token into sf.json"
}

@test "an expired session is renewed once; the second 401 is 77" {
	start
	jwt
	faults expired
	run -0 --separate-stderr tool sf-pull Account --credentials sf.json -v
	[[ "$stderr" == *"getting another token"* ]]
	[ "$(logins)" -eq 2 ]
	faults expired:times=always
	refused "refused the renewed token too"
	[ "$(logins)" -eq 4 ]
}

@test "a login that is not answered is tried three times, and no more" {
	start
	jwt
	faults 503:on=token,times=2
	run -0 tool sf-pull Account --credentials sf.json
	[ "$(logins)" -eq 3 ]
	faults 503:on=token,times=always
	refused "was not answered, tried 3 times: HTTP status 503" 69
	[ "$(logins)" -eq 6 ]
}

@test "a lost answer to a refresh says that the new token may be lost" {
	start
	refresh
	faults drop-after:on=token
	refused "the answer to a try before was lost, and a new refresh token may have been lost with it"
}

@test "a file that others can read is refused, and one with what we do not know; no value is shown" {
	start
	jwt
	for mode in 644 640 604 660; do
		chmod "$mode" sf.json
		refused "sf.json is open to others (mode 0$mode): chmod 600 sf.json" 78
	done
	chmod 600 sf.json
	while IFS='|' read -r text message; do
		printf '%s\n' "$text" >sf.json
		refused "$message" 78
		[[ "$stderr" != *hush* ]]
	done <<-'CASES'
	{"client_id":"a","password":"hush","login_url":"https://x.my.salesforce.com"}|unknown member "password"
	{"client_id":"a","client_secret":"hush"}|the flow client credentials needs login_url
	{"client_id":"a","refresh_token":"hush","access_token":"hush","login_url":"https://x.my.salesforce.com"}|give one of private_key, private_key_file, refresh_token and access_token
	{"client_id":"a","refresh_token":"hush","instance_url":"https://x.my.salesforce.com"}|instance_url does not go with the flow refresh token
	{"client_id":"a","client_secret":"hush","login_url":"http://x.my.salesforce.com"}|login_url: http://x.my.salesforce.com would send the token in the clear: use https
	{"client_id":"a","client_secret":"hush","login_url":"https://x.my.salesforce.com/services"}|login_url: https://x.my.salesforce.com/services: the URL must be scheme and host alone
	{"client_id":"a","client_secret":"hush","login_url":"https://x.lightning.force.com"}|login_url: https://x.lightning.force.com is no host of the API
	{"client_id":7,"client_secret":"hush","login_url":"https://x.my.salesforce.com"}|client_id is no string, or empty
	{"client_id":"a"}|nothing to log in with
	{"client_id":"a",|is no JSON
	[]|is no JSON object
	CASES
	run -78 --separate-stderr tool sf-pull --credentials none.json
	[[ "$stderr" == *"none.json: No such file"* ]]
	[ "$(logins)" -eq 0 ]
}

@test "org in the file: another one is refused before anything is asked or written" {
	start
	jwt
	jq '.org = "00Dxx0000000009"' sf.json >new && mv new sf.json
	refused "is for org 00Dxx0000000009EAA, but the login is to org 00Dxx0000000001EAA" 78
	echo '{"kind":"op","to":"salesforce","op":"create","object":"Task","fields":{"Subject":"x"}}' >in
	run -78 tool sf-push --credentials sf.json <in
	[ "$(curl -sf "$URL/standin/log" | jq .api_calls)" -eq 0 ]
	jq '.org = "00Dxx0000000001"' sf.json >new && mv new sf.json
	run -0 tool sf-push --credentials sf.json <in
}

@test "sf-push logs in too, and another org's op is refused by what the login said" {
	start
	client
	echo '{"kind":"op","to":"salesforce","op":"create","object":"Task","org":"00Dxx0000000009","fields":{"Subject":"x"}}' >in
	run -78 --separate-stderr tool sf-push --credentials sf.json <in
	[[ "$stderr" == *"the op is for org 00Dxx0000000009EAA, but these credentials are of org 00Dxx0000000001EAA"* ]]
	[ "$(curl -sf "$URL/standin/log" | jq .api_calls)" -eq 0 ]
}

@test "--whoami tells of every credential whether it works, and why not" {
	start --used 100
	client
	cp sf.json env.json
	jwt
	SF_ACCESS_TOKEN='00Dxx0000000001!old' SF_INSTANCE_URL=$URL SF_CREDENTIALS=env.json \
		run -0 --separate-stderr tool sf-pull --whoami --credentials sf.json
	[[ "${lines[0]}" == "credentials  --credentials sf.json (JWT bearer, integration@standin.example): works, as integration@standin.example" ]]
	[[ "${lines[1]}" == "not used     SF_ACCESS_TOKEN: fails: Salesforce refused the token"* ]]
	[[ "${lines[2]}" == "not used     SF_CREDENTIALS env.json (client credentials): works"* ]]
	[[ "$output" == *"00Dxx0000000001EAA"*sandbox*"API calls    148"*" of 15000 left"* ]]
	jq '.client_id = "nobody"' sf.json >new && mv new sf.json
	SF_CREDENTIALS=env.json run -77 --separate-stderr tool sf-pull --whoami --credentials sf.json
	[[ "${lines[0]}" == *"--credentials sf.json (JWT bearer, integration@standin.example): fails: "*"client identifier invalid"* ]]
	[[ "${lines[1]}" == "not used     SF_CREDENTIALS env.json (client credentials): works, as "* ]]
	run -78 --separate-stderr tool sf-pull --whoami
	[[ "$stderr" == *"no credentials: "* ]]
}

@test "no secret in arguments, messages, logs or rejects; nothing to another host" {
	strace -o trace.none true 2>/dev/null || skip "strace is not there, or may not trace"
	export ASAN_OPTIONS=detect_leaks=0 # LeakSanitizer cannot look at a process that is traced
	start
	refresh
	jq '.client_secret = "standin-secret"' sf.json >new && mv new sf.json
	{
		echo '{"kind":"op","to":"salesforce","op":"create","object":"Task","fields":{"Subject":"x"}}'
		echo nonsense
	} >in
	strace -f -s 100000 -e trace=execve,network,write -o trace.pull \
		"$BUILD/sf-pull" -v --credentials sf.json Account >out 2>err
	strace -f -s 100000 -e trace=execve,network,write -o trace.push \
		"$BUILD/sf-push" -v --credentials sf.json --rejects rejects <in >>out 2>>err || [ $? -eq 65 ]
	[ -s rejects ] && [ -s err ]
	port=${URL##*:}
	run -1 grep -E 'connect\(.*(sin_port|sin6_port)' <(grep -v "htons($port)" trace.pull trace.push)
	grep -q "connect(.*htons($port)" trace.push
	run -1 grep -nE 'standin-secret|standin-refresh|00Dxx0000000001!' out err rejects
	# what is sent goes by send; a write is a message, a line, or the new refresh token into its file
	grep -E 'execve\(|write\([0-9]+,' trace.pull trace.push | grep -v '"{ \?\\n\? *\\"client_id' >written
	run -1 grep -E 'standin-secret|standin-refresh|00Dxx0000000001!' written
}

# --- writing as another user

@test "sf-push: an op is written as the user whom it names; one who cannot log in fails it alone" {
	start
	jwt
	for i in 7 8; do
		control records '{"attributes":{"type":"User"},"Id":"005xx000000000'$i'","Username":"u'$i'@us.example","LastName":"U","IsActive":'$([ $i = 7 ] && echo true || echo false)'}'
	done
	lead() {
		printf '{"kind":"op","to":"salesforce","op":"create","object":"Lead","fields":{"LastName":"%s","Company":"C"}%s}\n' "$@"
	}
	{
		lead A ',"as":"u7@us.example"'
		lead B ''
		lead C ',"as":"u8@us.example"'
		lead D ',"as":"u7@us.example"'
		lead E ',"as":7'
		echo '{"kind":"checkpoint","consumer":"sync","of":"changes","seq":1}'
	} >in
	run -65 --separate-stderr tool sf-push --credentials sf.json <in
	[ "$(jq -c '[.fields.LastName, .result.ok, .kind]' <<<"$output")" = '["A",true,"op"]
["B",true,"op"]
["C",false,"op"]
["D",true,"op"]
[null,null,"checkpoint"]' ]
	[[ "$stderr" == *'stdin:3: create Lead: AS_REFUSED: as u8@us.example: '*'user is inactive'* ]]
	[[ "$stderr" == *'stdin:5: as is no user'* ]]
	[ "$(logins)" -eq 3 ]
	[ "$(curl -sf "$URL/standin/dump?object=Lead" | jq -r '.LastName + .CreatedById[:15]' | sort | tr '\n' ' ')" = \
		"A005xx0000000007 B$(curl -sf "$URL/standin/dump?object=User" | jq -r 'select(.Username == "integration@standin.example").Id[:15]') D005xx0000000007 " ]
	# without a key nobody can log in as another
	SF_ACCESS_TOKEN=$(curl -sf "$URL/services/oauth2/token" -d "grant_type=client_credentials&client_id=standin-client&client_secret=standin-secret" | jq -r .access_token) \
		SF_INSTANCE_URL=$URL run -65 --separate-stderr tool sf-push <in
	[[ "$stderr" == *'AS_REFUSED: as u7@us.example: to log in as u7@us.example takes a credentials file with private_key (JWT bearer), not SF_ACCESS_TOKEN'* ]]
	[ "$(jq -c .result.ok <<<"$output" | tr '\n' ' ')" = 'false true false false null ' ]
}
