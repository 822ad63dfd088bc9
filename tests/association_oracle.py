"""Design 5 a second time, naive and slow: what associate-call must give, for association-property.py.

Written from the text of the rules alone. A Store takes the lines that store-apply takes (records, and
results of ops that created a Task) and holds merged records; associate() answers for one call or email
line, reading every record for every question.
"""

from datetime import datetime, timedelta, timezone

DAY = 86_400_000
STAMPS = {"OpportunityFieldHistory": "CreatedDate"}
PERSON_PHONES = {
    "Contact": ("Phone", "MobilePhone", "HomePhone", "OtherPhone"),
    "Lead": ("Phone", "MobilePhone"),
}
PREFIXES = {"001": "Account", "003": "Contact", "00Q": "Lead", "006": "Opportunity"}

# ---- values


def wide(text):
    """An Id of 15 characters as its 18; anything else as it is."""
    if not isinstance(text, str) or not text:
        return None
    if len(text) != 15:
        return text
    suffix = ""
    for part in (text[0:5], text[5:10], text[10:15]):
        bits = sum(1 << n for n, c in enumerate(part) if "A" <= c <= "Z")
        suffix += "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[bits]
    return text + suffix


def ms(text):
    """RFC 3339 (or Salesforce's +0000) -> milliseconds since 1970, None if it is none."""
    if not isinstance(text, str):
        return None
    text = text.strip().replace("Z", "+00:00").replace("z", "+00:00")
    if len(text) > 5 and text[-5] in "+-" and text[-3] != ":":
        text = text[:-2] + ":" + text[-2:]
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    if at.tzinfo is None:
        return None
    return (at - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(milliseconds=1)


def day(text):
    """A date -> its midnight UTC."""
    return ms(text + "T00:00:00Z") if isinstance(text, str) and len(text) == 10 else None


def written(at):
    """Whole seconds, UTC."""
    return (datetime(1970, 1, 1) + timedelta(seconds=at // 1000)).isoformat(timespec="seconds") + "Z"


def email(text):
    """Normal form, None if it is no address."""
    if not isinstance(text, str):
        return None
    text = text.strip()
    while True:
        if text.startswith("<") and text.endswith(">"):
            text = text[1:-1].strip()
        elif text[:7].lower() == "mailto:":
            text = text[7:].strip()
        else:
            break
    local, at, domain = text.partition("@")
    if not local or not domain or "@" in domain or not at:
        return None
    lower = "".join(c.lower() if c.isascii() else c for c in local)
    try:
        return lower + "@" + domain.encode("idna").decode().lower()
    except UnicodeError:
        return None


def domain_of(address):
    return address.partition("@")[2]


def phone(text):
    """The E.164 of a number in international form (the tests use no other)."""
    if not isinstance(text, str) or not text.strip():
        return None
    return "+" + "".join(c for c in text if c.isdigit())


# ---- the store


class Store:
    def __init__(self):
        self.records = {}  # type -> id -> fields; one that was never received is not there
        self.logged = {}  # Task Id -> (WhoId, WhatId) as log-activity wrote them

    def apply(self, line):
        if line.get("kind") == "op":
            result = line.get("result") or {}
            fields = line.get("fields") or {}
            if line.get("object") == "Task" and result.get("ok") and fields.get("CallObject"):
                self.logged[wide(result["id"])] = (wide(fields.get("WhoId")), wide(fields.get("WhatId")))
            return
        kind = line["attributes"]["type"]
        table = self.records.setdefault(kind, {})
        key = wide(line["Id"])
        held = table.get(key)
        if held is not None:
            stamp = STAMPS.get(kind, "SystemModstamp")
            new, old = ms(line.get(stamp)), ms(held.get(stamp))
            if new is None or (old is not None and new < old):
                return
        fields = {k: v for k, v in line.items() if k != "attributes"}
        table[key] = {**(held or {}), **fields, "Id": key}

    def all(self, kind):
        return self.records.get(kind, {}).values()

    def get(self, kind, key):
        return self.records.get(kind, {}).get(wide(key))

    def live(self, kind):
        return [r for r in self.all(kind) if r.get("IsDeleted") is not True]

    def deleted(self, kind, key):
        held = self.get(kind, key)
        return held is not None and held.get("IsDeleted") is True

    def named(self, kind, key):
        """The Id that another record names, unless it is of another type or of a deleted record."""
        key = wide(key)
        if not key or self.deleted(kind, key):
            return None
        return key

    def counts(self, task):
        """A Task that log-activity made counts for no rule, until somebody moves it."""
        logged = self.logged.get(task["Id"])
        return logged is None or logged != (wide(task.get("WhoId")), wide(task.get("WhatId")))


def blank(value):
    return None if isinstance(value, str) and not value.strip() else value


# ---- the list


class Associations:
    def __init__(self):
        self.entries = []

    def find(self, kind, key):
        for e in self.entries:
            if e["object"] == kind and e["id"] == key:
                return e
        return None

    def add(self, kind, key, reason=None, **more):
        entry = self.find(kind, key)
        if entry is None:
            entry = {"object": kind, "id": key, **{k: v for k, v in more.items() if v is not None}}
            self.entries.append(entry)
        if reason is not None:
            reason = {k: v for k, v in reason.items() if v is not None}
            if reason not in entry.setdefault("matches", []):
                entry["matches"].append(reason)
        return entry


class Call:
    """One line being answered."""

    def __init__(self, store, line, options):
        self.store, self.line, self.options = store, line, options
        self.is_email = line["kind"] == "email"
        self.start = ms(line.get("date" if self.is_email else "start"))
        self.organizer = None if self.is_email else email(line.get("organizer"))
        self.free = options.get("free_mail")
        self.list = Associations()
        self.unmatched = []
        self.primary = {}

    # -- who takes part

    def participants(self):
        if not self.is_email:
            rows = self.line.get("participants") or []
        else:
            sender = self.line.get("from")
            rows = [sender] if sender is not None else []
            rows += (self.line.get("to") or []) + (self.line.get("cc") or [])
        people = []
        for row in rows:
            addresses = []
            for text in [row.get("email")] + (row.get("other_emails") or []):
                address = email(text)
                if address and address not in addresses:
                    addresses.append(address)
            number = (row.get("phone") or "").strip() or None
            name = (row.get("name") or "").strip() or None
            label = addresses[0] if addresses else number or name
            people.append((label, addresses, number, row.get("internal") is True))
        return people

    def active_user(self, address):
        return any(
            email(u.get("Email")) == address and u.get("IsActive") is not False
            for u in self.store.all("User")
        )

    def internal_domains(self):
        given = self.options.get("internal_domains")
        if given is not None:
            return [d for d in given if d != "none"]
        if self.organizer and self.active_user(self.organizer):
            domain = domain_of(self.organizer)
            return [] if domain in self.free else [domain]
        return []

    def internal(self, addresses, flag):
        domains = self.internal_domains()
        return flag or any(self.active_user(a) or domain_of(a) in domains for a in addresses)

    # -- rules 1 to 5

    def chosen(self, records):
        """--duplicates among the records that have one email or phone."""
        policy = self.options.get("duplicates", "oldest-modified")
        records = sorted(records, key=lambda r: r["Id"])
        if policy == "all" or not records:
            return records
        if policy == "newest-created":
            dated = [(ms(r.get("CreatedDate")), r) for r in records]
            best = max((t for t, _ in dated if t is not None), default=None)
        else:
            dated = [(ms(r.get("LastModifiedDate")), r) for r in records]
            best = min((t for t, _ in dated if t is not None), default=None)
        return [next(r for t, r in dated if t == best)]

    def account(self, key, reason):
        key = self.store.named("Account", key)
        if key is None or (self.closed and not self.list.find("Account", key)):
            return key
        held = self.store.get("Account", key)
        return self.list.add("Account", key, reason, name=blank(held.get("Name")) if held else None)

    def people_by(self, label, how, has):
        """Rules 1 and 2, or 3: whether a contact came of it, whether an account or a lead did."""
        got_contact = got = False
        for c in self.chosen([c for c in self.store.live("Contact") if has("Contact", c)]):
            reason = {"participant": label, "by": f"contact-{how}", "record": c["Id"]}
            self.list.add("Contact", c["Id"], reason)
            got_contact = True
            got |= self.account(c.get("AccountId"), reason) is not None
        for lead in self.chosen([r for r in self.store.live("Lead") if has("Lead", r)]):
            self.list.add("Lead", lead["Id"], {"participant": label, "by": f"lead-{how}", "record": lead["Id"]})
            got = True
            if lead.get("IsConverted") is True:
                reason = {"participant": label, "by": "lead-conversion", "record": lead["Id"]}
                contact = self.store.named("Contact", lead.get("ConvertedContactId"))
                if contact:
                    self.list.add("Contact", contact, reason)
                    got_contact = True
                self.account(lead.get("ConvertedAccountId"), reason)
        return got_contact, got

    def by_contact_domain(self, label, domain, virtual):
        by_account = {}
        for c in self.store.live("Contact"):
            address = email(c.get("Email"))
            account = self.store.named("Account", c.get("AccountId"))
            if address and domain_of(address) == domain and account:
                by_account.setdefault(account, []).append(c["Id"])
        if not by_account:
            return False
        account = min(by_account, key=lambda a: (-len(by_account[a]), a))
        reason = {"participant": label, "by": "contact-domain", "record": min(by_account[account])}
        if len(by_account) > 1:
            reason["of"] = len(by_account)
        if virtual:
            self.list.add("VirtualContact", "virtual:" + label, reason, account=account)
        self.account(account, reason)
        return True

    def by_lead_domain(self, label, domain):
        leads = []
        for lead in self.store.live("Lead"):
            address = email(lead.get("Email"))
            # not "is not True": whether it is converted must be known
            if address and domain_of(address) == domain and lead.get("IsConverted") is False:
                created = ms(lead.get("CreatedDate"))
                leads.append((created is None, created or 0, lead["Id"], lead))
        if not leads:
            return False
        lead = min(leads)[3]
        reason = {"participant": label, "by": "lead-domain", "record": lead["Id"]}
        self.list.add("VirtualLead", "virtual:" + label, reason, company=blank(lead.get("Company")))
        return True

    def identify(self):
        self.by_email = set()  # participants with a real record by email, for --keep
        for label, addresses, number, flag in self.participants():
            if self.internal(addresses, flag):
                continue
            contact = anything = done = False
            for address in addresses:
                has = lambda _, r, address=address: email(r.get("Email")) == address
                new_contact, done = self.people_by(label, "email", has)
                contact |= new_contact
                anything |= new_contact or done
                if new_contact or done:
                    self.by_email.add(label)
                if done:
                    break
            if not done and number:
                has = lambda kind, r: any(phone(r.get(f)) == number for f in PERSON_PHONES[kind])
                new_contact, done = self.people_by(label, "phone", has)
                contact |= new_contact
                anything |= new_contact or done
            if not done:
                for address in addresses:
                    domain = domain_of(address)
                    if domain in self.free:
                        continue
                    if self.by_contact_domain(label, domain, not contact) or (
                        not contact and self.by_lead_domain(label, domain)
                    ):
                        anything = True
                        break
            if not anything:
                if not addresses and not number:
                    why = "no email or phone"
                elif addresses and all(domain_of(a) in self.free for a in addresses):
                    why = "free-mail domain"
                else:
                    why = "no record"
                self.unmatched.append({**({"participant": label} if label else {}), "reason": why})

    # -- opportunities

    def live_opportunities(self):
        return sorted(self.store.live("Opportunity"), key=lambda o: o["Id"])

    def activities_of(self, opportunity):
        key, times = opportunity["Id"], []
        times += [ms(opportunity.get("CreatedDate")), ms(opportunity.get("LastModifiedDate"))]
        for kind in ("OpportunityHistory", "OpportunityFieldHistory"):
            times += [
                ms(h.get("CreatedDate")) for h in self.store.live(kind) if wide(h.get("OpportunityId")) == key
            ]
        for e in self.store.live("Event"):
            if wide(e.get("WhatId")) == key:
                times.append(ms(e.get("StartDateTime")))
        for t in self.store.live("Task"):
            if wide(t.get("WhatId")) == key and self.store.counts(t):
                times.append(day(t.get("ActivityDate")))
        return [t for t in times if t is not None]

    def closest_activity(self, account):
        """(rank, opportunity, activity) of the account's best open opportunity, or None."""
        found = []
        for o in self.live_opportunities():
            if wide(o.get("AccountId")) == account and o.get("IsClosed") is False:
                found += [((abs(t - self.start), -t, o["Id"]), o, t) for t in self.activities_of(o)]
        return min(found, key=lambda f: f[0], default=None)

    def owner_is_organizer(self, owner):
        user = self.store.get("User", owner)
        return bool(self.organizer and user and email(user.get("Email")) == self.organizer)

    def window(self, o):
        t, d = self.start, self.start // DAY * DAY
        created, close, closed = ms(o.get("CreatedDate")), day(o.get("CloseDate")), o.get("IsClosed")
        if created is not None and created <= t:
            if closed is False or (close is not None and close >= d):
                return 0
        if created is not None and t < created <= t + 30 * DAY:
            return 1
        if closed is True and close is not None:
            if d - 30 * DAY <= close < d:
                return 2
            if close >= d:
                return 3
            if d - 90 * DAY <= close < d:
                return 4
        return None

    def priority(self, candidates, owned):
        """(opportunity, window name) or None."""
        ranked = []
        for o in candidates:
            if owned and not self.owner_is_organizer(o.get("OwnerId")):
                continue
            window = self.window(o)
            if window is None:
                continue
            created = ms(o.get("CreatedDate"))
            distance = (1, 0) if created is None else (0, abs(created - self.start))
            ranked.append(((window, distance, o["Id"]), o, window))
        if not ranked:
            return None
        _, o, window = min(ranked, key=lambda r: r[0])
        names = ("open", "created-after", "closed-before-30", "closed-after", "closed-before-90")
        return o, names[window]

    def with_roles(self, contacts):
        named = {
            wide(r.get("OpportunityId"))
            for r in self.store.live("OpportunityContactRole")
            if wide(r.get("ContactId")) in contacts
        }
        return [
            o for o in self.live_opportunities() if o["Id"] in named or wide(o.get("ContactId")) in contacts
        ]

    def of_accounts(self, accounts):
        return [o for o in self.live_opportunities() if wide(o.get("AccountId")) in accounts]

    def opportunity_account(self, o):
        return self.store.named("Account", o.get("AccountId")) if o else None

    # -- --activities

    def own_activity(self):
        def names_something(a):
            return self.what(a) != (None, None) or self.who(a) != (None, None)

        tasks = [
            t
            for t in self.store.live("Task")
            if blank(t.get("CallObject")) == self.line["id"] and self.store.counts(t) and names_something(t)
        ]
        if tasks:
            return min(tasks, key=lambda t: t["Id"])
        window = self.options.get("activity_window_ms", 300_000)
        near = []
        for e in self.store.live("Event"):
            at = ms(e.get("StartDateTime"))
            if at is not None and abs(at - self.start) <= window and names_something(e):
                near.append((abs(at - self.start), e["Id"], e))
        matched = [n for n in near if self.of_participant(*self.who(n[2]))]
        owned = [n for n in near if self.owner_is_organizer(n[2].get("OwnerId"))]
        return min(matched or owned, default=(0, 0, None))[2]

    def of_participant(self, kind, key):
        entry = key and self.list.find(kind, key)
        return bool(entry) and any("participant" in m for m in entry.get("matches", []))

    def matched(self, kind, key):
        entry = self.list.find(kind, key)
        return entry is not None and any(m["by"] != "manual" for m in entry.get("matches", []))

    def what(self, activity):
        key = wide(activity.get("WhatId"))
        kind = PREFIXES.get((key or "")[:3])
        if kind == "Account" and self.store.named(kind, key):
            return kind, key
        # an opportunity that the store does not hold is never associated: as good as none
        if kind == "Opportunity" and self.store.named(kind, key) and self.store.get(kind, key):
            return kind, key
        return None, None

    def who(self, activity):
        key = wide(activity.get("WhoId"))
        kind = PREFIXES.get((key or "")[:3])
        if kind in ("Contact", "Lead") and self.store.named(kind, key):
            return kind, key
        return None, None

    def by_activity(self):
        """What the activity puts in front; True if opportunities are then chosen as without one."""
        activity = self.own_activity()
        self.activity_account = None
        self.activity_choice = None
        if activity is None:
            return True
        reason = {"by": "activity", "record": activity["Id"]}
        participants = self.list
        if not self.closed:
            self.list = self.front
        (what_kind, what), (who_kind, who) = self.what(activity), self.who(activity)
        done = True
        if what_kind == "Opportunity":
            o = self.store.get("Opportunity", what)
            self.activity_choice = (o, None)
            self.activity_account = self.opportunity_account(o)
            self.account(self.activity_account, reason)
        elif what_kind == "Account":
            self.activity_account = what
            self.account(what, reason)
            self.activity_choice = self.priority(self.of_accounts({what}), False)
        elif who_kind == "Contact":
            self.person(who_kind, who, reason)
            self.activity_choice = self.priority(self.with_roles({who}), False)
            if self.activity_choice:
                account = self.opportunity_account(self.activity_choice[0])
            else:
                account = self.store.named("Account", (self.store.get("Contact", who) or {}).get("AccountId"))
            self.activity_account = account
            self.account(account, reason)
        else:
            self.person(who_kind, who, reason)
            done = False
        self.list = participants
        return not done

    # -- the whole

    def manual_records(self):
        found = []
        for item in self.line.get("manual") or []:
            kind, key = item.get("object"), wide(item.get("id"))
            if kind in ("Account", "Contact", "Lead", "Opportunity") and key and not self.store.deleted(kind, key):
                if (kind, key) not in found:
                    found.append((kind, key))
        return found

    def winner(self, kind, key):
        """Where merges have led, from one deleted record to the next."""
        for _ in range(30):
            held = self.store.get(kind, key)
            if not held or held.get("IsDeleted") is not True or not wide(held.get("MasterRecordId")):
                break
            key = wide(held["MasterRecordId"])
        return key

    def kept_entry(self, old):
        """An entry that the line had, as --keep and --fill go on with it."""
        entry = {k: old[k] for k in ("object", "id", "name", "account", "company", "matches") if old.get(k)}
        kind = entry["object"]
        if kind.startswith("Virtual"):
            account = entry.pop("account", None)
            account = account and self.store.named("Account", self.winner("Account", wide(account)))
            if account:
                entry["account"] = account
            return entry
        entry["id"] = self.winner(kind, wide(entry["id"]))
        entry.pop("name", None)
        held = self.store.get(kind, entry["id"])
        if kind == "Account" and held and blank(held.get("Name")):
            entry["name"] = held["Name"].strip()
        if self.store.deleted(kind, entry["id"]):
            entry["deleted"] = True
        return entry

    def keep(self, old):
        for was in old:
            if was.get("object") == "Opportunity":
                continue
            entry = self.kept_entry(was)
            if self.list.find(entry["object"], entry["id"]):
                continue
            if entry["object"].startswith("Virtual") and entry["id"].partition(":")[2] in self.by_email:
                continue
            entry["kept"] = True
            self.list.entries.append(entry)

    def fill(self, old):
        """The people and accounts as they are: only opportunities are chosen."""
        for was in old:
            if was.get("object") == "Opportunity":
                continue
            entry = self.kept_entry(was)
            found = self.list.find(entry["object"], entry["id"])
            if found is None:
                if was.get("kept"):
                    entry["kept"] = True
                self.list.entries.append(entry)

    def answer(self):
        mode = self.options.get("mode")
        old = [dict(e) for e in self.line.get("associations") or [] if isinstance(e, dict)]
        people = [e for e in old if e.get("object") in ("Account", "Contact", "Lead")]
        self.closed = mode == "fill" and bool(people)
        manual = self.manual_records()
        manual_opportunities = [key for kind, key in manual if kind == "Opportunity"]
        manual_accounts = [key for kind, key in manual if kind == "Account"]
        self.front = Associations()

        if self.closed:
            self.fill(old)
            self.unmatched = self.line.get("unmatched") or []
        else:
            self.identify()
            identified, self.list = self.list, self.front
            for kind, key in manual:
                if kind == "Account":
                    self.account(key, {"by": "manual"})
                elif kind != "Opportunity":
                    self.list.add(kind, key, {"by": "manual"})
            self.list = identified
        as_usual, self.activity_account, self.activity_choice = True, None, None
        if self.options.get("activities") and not manual_opportunities and not manual_accounts:
            as_usual = self.by_activity()
        if not self.closed:
            self.list = self.front
            for e in identified.entries:
                kept = {k: v for k, v in e.items() if k != "matches"}
                entry = self.list.add(kept.pop("object"), kept.pop("id"), **kept)
                for m in e.get("matches", []):
                    if m not in entry.setdefault("matches", []):
                        entry["matches"].append(m)
        if mode == "keep":
            self.keep(old)

        accounts = [e["id"] for e in self.list.entries if e["object"] == "Account" and not e.get("deleted")]
        chosen = []
        if manual_opportunities:
            for key in manual_opportunities:
                o = self.store.get("Opportunity", key)
                account = self.opportunity_account(o)
                self.by_opportunity(account, key)
                chosen.append({"object": "Opportunity", "id": key, "account": account, "by": "manual"})
            self.primary = {"account": chosen[0]["account"], "opportunity": chosen[0]["id"]}
        elif not as_usual:
            if self.activity_choice:
                o, window = self.activity_choice
                chosen.append(self.entry(o, "activity", window=window))
                self.primary = {"account": chosen[0]["account"], "opportunity": o["Id"]}
        elif self.options.get("opportunity", "closest-activity") == "priority":
            owned = bool(self.options.get("owned_by_organizer"))
            if manual_accounts:
                choice = self.priority(self.of_accounts({manual_accounts[0]}), owned)
            else:
                contacts = {
                    e["id"] for e in self.list.entries if self.matched("Contact", e["id"]) and not e.get("deleted")
                }
                choice = self.priority(self.with_roles(contacts), owned)
                choice = choice or self.priority(self.of_accounts(set(accounts)), owned)
            if choice:
                o, window = choice
                chosen.append(self.entry(o, "priority", window=window))
                self.by_opportunity(chosen[0]["account"], o["Id"])
                self.primary = {"account": chosen[0]["account"], "opportunity": o["Id"]}
        else:
            best = None
            for account in accounts:
                found = self.closest_activity(account)
                if found:
                    rank, o, t = found
                    chosen.append(self.entry(o, "closest-activity", activity=written(t)))
                    counts = not manual_accounts or account == manual_accounts[0]
                    if counts and (best is None or rank < best[0]):
                        best = rank, account, o["Id"]
            if best:
                self.primary = {"account": best[1], "opportunity": best[2]}
        if not self.primary.get("opportunity"):
            self.primary = {"account": self.primary_account(manual_accounts)}
        entries = [e for e in self.list.entries if e["object"] != "Opportunity"]
        return {
            "associations": entries + [{k: v for k, v in e.items() if v is not None} for e in chosen],
            "primary": {k: v for k, v in self.primary.items() if v},
            "unmatched": self.unmatched,
        }

    def entry(self, o, by, **more):
        return {"object": "Opportunity", "id": o["Id"], "account": self.opportunity_account(o), "by": by, **more}

    def by_opportunity(self, account, key):
        entry = account and self.list.find("Account", account)
        if entry and not self.closed and entry.pop("kept", False):  # today's rules do give it
            entry["matches"] = []
        self.account(account, {"by": "opportunity", "record": key})

    def person(self, kind, key, reason):
        if not self.closed or self.list.find(kind, key):
            self.list.add(kind, key, reason)

    def primary_account(self, manual_accounts):
        if manual_accounts:
            return manual_accounts[0]
        if self.activity_account:
            return self.activity_account
        best, best_count = None, -1
        for e in self.list.entries:
            if e["object"] == "Account" and not e.get("deleted"):
                count = len({m["participant"] for m in e.get("matches", []) if "participant" in m})
                if count > best_count:
                    best, best_count = e["id"], count
        return best


def associate(store, line, options):
    return Call(store, line, options).answer()
