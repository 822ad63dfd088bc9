"""dictionaries.py STORE FREEMAIL < calls > calls: the rules that go by address and domain, as one would
write them down in plain Python: everybody into dictionaries, then line by line. No phones, nobody
internal, no opportunities, no explanations."""
import json
import sqlite3
import sys
from collections import Counter


def first_by_email(rows):
    found = {}
    for email, *person in rows:
        found.setdefault(email, person)
    return found


def load(path):
    store = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    oldest = "AND is_deleted = 0 ORDER BY last_modified_date_ms, id"
    contacts = first_by_email(store.execute(
        f"SELECT email, id, account_id FROM contact WHERE email IS NOT NULL {oldest}"))
    leads = first_by_email(store.execute(
        f"SELECT email, id, converted_account_id FROM lead WHERE email IS NOT NULL {oldest}"))
    accounts = {}
    for domain, account in store.execute("SELECT email_domain, account_id FROM contact "
            "WHERE email_domain IS NOT NULL AND account_id IS NOT NULL AND is_deleted = 0"):
        accounts.setdefault(domain, Counter())[account] += 1
    accounts = {d: min(c, key=lambda a, c=c: (-c[a], a)) for d, c in accounts.items()}
    companies = {}
    for domain, lead in store.execute("SELECT email_domain, id FROM lead WHERE email_domain IS NOT NULL "
            "AND is_deleted = 0 AND is_converted = 0 ORDER BY created_date_ms, id"):
        companies.setdefault(domain, lead)
    return contacts, leads, accounts, companies


def match(email, known, free):
    contacts, leads, accounts, companies = known
    contact, account = contacts.get(email, (None, None))
    lead, became = leads.get(email, (None, None))
    domain = email.partition("@")[2]
    found = {"participant": email}
    if contact:
        found["contact"] = contact
    if lead:
        found["lead"] = lead
    if not account and not lead and domain not in free:
        account = accounts.get(domain)
        if not account and not contact and domain in companies:
            found["company-of"] = companies[domain]
    if account or became:
        found["account"] = account or became
    return found


def main():
    known = load(sys.argv[1])
    with open(sys.argv[2], encoding="utf-8") as file:
        free = {line.partition("#")[0].strip() for line in file}
    for line in sys.stdin:
        call = json.loads(line)
        call["matches"] = [match(p["email"].strip().lower(), known, free)
                           for p in call["participants"] if p.get("email")]
        sys.stdout.write(json.dumps(call, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
