#!/usr/bin/env bats
# Records that others made: what is under ../shared/data/salesforce goes into the store, and calls
# with its contacts' emails are associated with their accounts. Skipped where it is absent.

bats_require_minimum_version 1.5.0
load helper

setup() {
	needs_data salesforce
	export SFPIPE_STORE=$BATS_TEST_TMPDIR/store.db
	cat >"$BATS_TEST_TMPDIR/sample.py" <<'END'
"""sample.py npsp FILE...: records of a dump, whose Ids are numbers, with Ids as Salesforce has them.
sample.py tree FILE...: records of tree files, whose Ids are references by name, likewise.
sample.py calls: for each email of the contacts on stdin a call with it, whose member `expect` says
what it is to be associated with: its contacts, lowest Id first, each with its account."""
import json
import sys

PREFIX = {"Account": "001", "Contact": "003", "Lead": "00Q", "Opportunity": "006", "Task": "00T",
          "OpportunityContactRole": "00K", "Event": "00U"}
REFERS = {"AccountId": "Account", "ContactId": "Contact", "OpportunityId": "Opportunity"}
CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
named = {}


def make_id(kind, number):
    short = f"{PREFIX.get(kind, 'a0Z')}Qx0{number:09d}"
    groups = (short[0:5], short[5:10], short[10:15])
    return short + "".join(
        CHECK[sum(1 << j for j in range(5) if group[j].isupper())] for group in groups)


def npsp(record):
    kind = record["attributes"]["type"]
    if isinstance(record["Id"], int):
        record["Id"] = make_id(kind, record["Id"])
        for name in REFERS.keys() & record.keys():
            record[name] = make_id(REFERS[name], int(record[name]))
    for name in ("IsPrimary", "IsConverted"):  # text in the dump, as in no answer of Salesforce's
        if name in record:
            record[name] = record[name].lower() == "true"
    if "npe01__HomeEmail__c" in record:  # Email follows from it in an org
        record["Email"] = record["npe01__HomeEmail__c"]
    return record


def tree(record):
    attributes = record["attributes"]
    for name in REFERS.keys() & record.keys():
        record[name] = named[record[name].lstrip("@")]
    record["Id"] = make_id(attributes["type"], 1000 + len(named))
    named[attributes.get("referenceId") or len(named)] = record["Id"]
    return record


def calls():
    found = {}
    for record in map(json.loads, sys.stdin):
        if record["attributes"]["type"] == "Contact" and record.get("Email"):
            found.setdefault(record["Email"].strip().lower(), []).append(
                [record["Id"], record.get("AccountId")])
    for number, (email, contacts) in enumerate(found.items(), 1):
        yield {"kind": "call", "id": f"c{number}", "start": "2020-02-02T12:00:00Z",
               "participants": [{"email": email}], "expect": sorted(contacts)}


def main(how, *files):
    if how == "calls":
        lines = calls()
    elif how == "npsp":
        lines = (npsp(json.loads(line)) for file in files for line in open(file))
    else:
        lines = (tree(record) for file in files for record in json.load(open(file))["records"])
    for line in lines:
        print(json.dumps(line))


main(*sys.argv[1:])
END
}

sample() {
	python3 "$BATS_TEST_TMPDIR/sample.py" "$@"
}

# Makes a call with each email of the contacts in the file and compares with what is expected, by
# --duplicates all and by the default, which is the lowest Id, as these have no dates.
associates() {
	local folder=$BATS_TEST_TMPDIR
	sample calls <"$1" >"$folder/calls"
	run -0 --separate-stderr tool associate-call <"$folder/calls"
	jq -c '[.id, .expect[0], [.associations[] | select(.object == "Contact" or
		.object == "Account").id], .primary.account]' <<<"$output" >"$folder/got"
	jq -c '[.id, .expect[0], [.expect[0][] | values], .expect[0][1]]' "$folder/calls" \
		>"$folder/expected"
	diff "$folder/expected" "$folder/got"
	run -0 --separate-stderr tool associate-call --duplicates all <"$folder/calls"
	jq -c '[.id, ([.associations[] | select(.object == "Contact" or .object == "Account").id]
		| sort)]' <<<"$output" >"$folder/got"
	jq -c '[.id, ([.expect[][] | values] | unique)]' "$folder/calls" >"$folder/expected"
	diff "$folder/expected" "$folder/got"
	jq -s length "$folder/calls"
}

counted() {
	sqlite3 -readonly "$SFPIPE_STORE" "SELECT count(*) FROM $1"
}

@test "NPSP, 1,024 contacts: all of it loads, a second time changes nothing, emails find accounts" {
	sample npsp "$DATA"/salesforce/npsp/1k-*.ndjson >"$BATS_TEST_TMPDIR/records"
	run -0 --separate-stderr tool store-apply <"$BATS_TEST_TMPDIR/records"
	[ -z "$output$stderr" ]
	[ "$(counted contact) $(counted account) $(counted opportunity)" = "1024 1223 1517" ]
	[ "$(counted opportunity_contact_role)" = 3499 ]
	run -0 tool store-apply --changes <"$BATS_TEST_TMPDIR/records"
	[ -z "$output" ]
	[ "$(associates "$BATS_TEST_TMPDIR/records")" = 457 ]
}

@test "NPSP, 102 contacts: all of it loads, emails find accounts" {
	sample npsp "$DATA"/salesforce/npsp/dev_org-*.ndjson >"$BATS_TEST_TMPDIR/records"
	run -0 --separate-stderr tool store-apply <"$BATS_TEST_TMPDIR/records"
	[ -z "$output$stderr" ]
	[ "$(counted contact) $(counted account) $(counted opportunity)" = "102 167 342" ]
	[ "$(associates "$BATS_TEST_TMPDIR/records")" = 39 ]
}

@test "NPSP, an org's own Ids: one address in two accounts, Events with who they are with" {
	sample npsp "$DATA"/salesforce/npsp/trailhead-*.ndjson >"$BATS_TEST_TMPDIR/records"
	run -0 --separate-stderr tool store-apply <"$BATS_TEST_TMPDIR/records"
	[ -z "$output$stderr" ]
	[ "$(counted contact)" = 166 ]
	associates "$BATS_TEST_TMPDIR/records"
	run -0 tool associate-call --duplicates all <<-'JSON'
	{"kind":"call","id":"c","start":"2020-02-02T12:00:00Z","participants":[{"email":"PavLut@lutes.com"}]}
	JSON
	[ "$(jq -c '[.associations[] | select(.object == "Account").id]' <<<"$output")" = \
		'["0016g000007WEfIAAW","0016g000007WEfJAAW"]' ]
	[ "$(counted "activity WHERE who_id IS NOT NULL")" -gt 0 ]
}

@test "an NPSP contact's call on the day an opportunity closes finds one of their roles" {
	sample npsp "$DATA"/salesforce/npsp/1k-*.ndjson |
		jq -c 'if .attributes.type == "Opportunity" then
			. + {IsClosed: (.StageName | startswith("Closed")), CreatedDate: "2010-01-01T00:00:00Z"}
			else . end' >"$BATS_TEST_TMPDIR/records"
	tool store-apply <"$BATS_TEST_TMPDIR/records"
	sqlite3 -readonly "$SFPIPE_STORE" "SELECT json_object('kind', 'call', 'id', c.id, 'start',
		max(o.close_date) || 'T12:00:00Z', 'participants',
		json_array(json_object('email', c.email)), 'roles',
		json_group_array(o.id)) FROM contact c
		JOIN opportunity_contact_role r ON r.contact_id = c.id
		JOIN opportunity o ON o.id = r.opportunity_id
		WHERE c.email IS NOT NULL GROUP BY c.email HAVING count(DISTINCT c.id) = 1" \
		>"$BATS_TEST_TMPDIR/calls"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/calls")" -gt 100 ]
	run -0 tool associate-call --opportunity priority <"$BATS_TEST_TMPDIR/calls"
	jq -e -s 'all(.primary.opportunity as $o | .roles | index($o))' <<<"$output"
	jq -e -s 'all(.associations[-1] | .object == "Opportunity" and .window == "open")' <<<"$output"
}

@test "tree files: what has a table is stored with its account, the rest is named" {
	cd "$DATA/salesforce/tree"
	sample tree lwc-recipes/{Accounts,Contacts,Opportunities}.json ebikes-lwc/Accounts.json \
		dreamhouse-lwc/{contacts,brokers}-data.json >"$BATS_TEST_TMPDIR/records"
	run -65 --separate-stderr tool store-apply <"$BATS_TEST_TMPDIR/records"
	[ "$(grep -c 'unknown object "Broker__c"' <<<"$stderr")" = \
		"$(jq '.records | length' dreamhouse-lwc/brokers-data.json)" ]
	[ "$(wc -l <<<"$stderr")" = "$(jq '.records | length' dreamhouse-lwc/brokers-data.json)" ]
	[ "$(counted contact)" = \
		"$(cat lwc-recipes/Contacts.json dreamhouse-lwc/contacts-data.json |
			jq -s 'map(.records[]) | length')" ]
	associates "$BATS_TEST_TMPDIR/records"
}

@test "answers of the REST API: records of unknown objects are named, none is stored" {
	cat "$DATA"/salesforce/rest-responses/restforce/*.json |
		jq -c '.. | objects | select(.attributes? | objects | has("type"))' >"$BATS_TEST_TMPDIR/lines"
	[ -s "$BATS_TEST_TMPDIR/lines" ]
	run -65 --separate-stderr tool store-apply --rejects "$BATS_TEST_TMPDIR/rejects" \
		<"$BATS_TEST_TMPDIR/lines"
	cmp "$BATS_TEST_TMPDIR/lines" "$BATS_TEST_TMPDIR/rejects"
	[ "$(counted account)" = 0 ]
}
