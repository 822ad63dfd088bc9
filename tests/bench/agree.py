"""agree.py MATCHES CALLS: whether associate-call found for each participant what the baselines found.

MATCHES is dictionaries.py's output, or join.sql's as CSV; CALLS is associate-call's of the same calls.
Both have a say on contacts and leads by address and on accounts and companies by domain. Prints how
many participants were compared; names the first that differs.
"""
import csv
import json
import sys

BY = {("contact-email", "Contact"): "contact", ("lead-email", "Lead"): "lead",
      ("contact-domain", "Account"): "account", ("lead-domain", "VirtualLead"): "company-of"}


def of_call(call):
    """Each (participant, what): the Id that associate-call gave."""
    found = {}
    for entry in call["associations"]:
        for match in entry.get("matches", ()):
            what = BY.get((match["by"], entry["object"]))
            if what:
                given = match["record"] if what == "company-of" else entry["id"]
                found[match["participant"], what] = given
            if match["by"] in ("contact-email", "lead-conversion") and entry["object"] == "Account":
                found.setdefault((match["participant"], "account"), entry["id"])
    return found


def of_dictionaries(line):
    call = json.loads(line)
    return {(m["participant"], what): m[what] for m in call["matches"] for what in set(m) - {"participant"}}


def of_join(path):
    """The same for each call, of rows."""
    calls = {}
    with open(path, encoding="utf-8", newline="") as file:
        for call, email, *ids in csv.reader(file):
            found = calls.setdefault(call, {})
            for what, key in zip(("contact", "lead", "account", "company-of"), ids):
                if key:
                    found[email, what] = key
    return calls


def by_phone(call):
    """Who was found by number: the baselines know nothing of that."""
    return {m["participant"] for e in call["associations"] for m in e.get("matches", ())
            if m["by"].endswith("-phone")}


def main():
    matches, associated = sys.argv[1:]
    joined = of_join(matches) if matches.endswith(".csv") else None
    people = 0
    with open(associated, encoding="utf-8") as ours, open(matches, encoding="utf-8") as theirs:
        for line in ours:
            call = json.loads(line)
            other = joined.get(call["id"], {}) if joined is not None else of_dictionaries(next(theirs))
            apart = by_phone(call)
            got = {k: v for k, v in of_call(call).items() if k[0] not in apart}
            wanted = {k: v for k, v in other.items() if k[0] not in apart}
            if got != wanted:
                sys.exit(f"{call['id']}: associate-call {sorted(got.items() - wanted.items())}, "
                         f"{matches} {sorted(wanted.items() - got.items())}")
            people += len(call["participants"])
    print(people)


if __name__ == "__main__":
    main()
