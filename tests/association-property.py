#!/usr/bin/env python3
"""Small made-up CRMs, full of collisions and ties, through the real store-apply and associate-call;
association_oracle.py says what must come out. BUILD: where the tools are; SEEDS: "7", "1-500" (1-20).
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta

from association_oracle import Store, associate, wide

BUILD = os.environ.get("BUILD", os.path.join(os.path.dirname(__file__), "..", "build"))
FREE = {"gmail.com", "yahoo.com"}
BASE = datetime(2026, 5, 15)
DAYS = (-121, -91, -90, -89, -45, -31, -30, -29, -8, -1, 0, 0, 0, 1, 2, 15, 29, 30, 31, 60)
MINUTES = (0, 0, 0, 1, 15 * 60, 15 * 60, 15 * 60 + 5, 15 * 60 - 5, 15 * 60 + 6, 24 * 60 - 1)
LOCALS = ("jane", "bob", "eve", "raj")
DOMAINS = ("acme.com", "acme.com", "globex.io", "b\u00fccher.de", "gmail.com", "us.example")
PHONES = tuple(f"+1415555010{n}" for n in range(4))
MODES = (None, None, "keep", "fill")


class Crm:
    def __init__(self, seed):
        self.r = random.Random(seed)
        r = self.r
        self.locals = r.sample(LOCALS, r.randint(1, len(LOCALS)))
        self.domains = r.sample(DOMAINS, r.randint(1, len(DOMAINS)))
        self.ids = {}
        self.unknown = {k: [self.new_id(p) for _ in range(2)] for k, p in PREFIX.items()}
        self.lines = []
        self.users()
        self.accounts()
        self.contacts()
        self.leads()
        self.opportunities()
        self.calls = [self.call(n) for n in range(14)]
        self.around_opportunities()
        self.stale_copies()
        if r.random() < 0.5:
            r.shuffle(self.lines)

    # -- values

    def chance(self, p):
        return self.r.random() < p

    def new_id(self, prefix):
        return prefix + "".join(self.r.choice("aA0bB1") for _ in range(12))

    def id(self, kind):
        key = self.new_id(PREFIX[kind])
        self.ids.setdefault(kind, []).append(key)
        return key

    def ref(self, kind, none=0.2):
        if self.chance(none):
            return None
        pool = self.ids.get(kind) or self.unknown[kind]
        key = self.r.choice(self.unknown[kind] if self.chance(0.08) else pool)
        return wide(key) if self.chance(0.4) else key

    def at(self, call=False):
        r = self.r
        at = BASE + timedelta(days=r.choice((-1, 0, 0, 0, 1)) if call else r.choice(DAYS), minutes=r.choice(MINUTES))
        if self.chance(0.1):
            at += timedelta(seconds=r.choice((1, 59, -1)))
        if self.chance(0.06):
            at += timedelta(milliseconds=r.choice((1, 500, 999)))
        return at

    def time(self, at=None, call=False):
        at = at or self.at(call)
        milliseconds = f".{at.microsecond // 1000:03}"
        form = self.r.choice("sszo")
        if form == "s":
            return at.strftime("%Y-%m-%dT%H:%M:%S") + milliseconds + "+0000"
        if milliseconds == ".000":
            milliseconds = ""
        if form == "z":
            return at.strftime("%Y-%m-%dT%H:%M:%S") + milliseconds + "Z"
        return (at + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%S") + milliseconds + "+02:00"

    def day(self):
        return (BASE + timedelta(days=self.r.choice(DAYS))).strftime("%Y-%m-%d")

    def address(self):
        text = f"{self.r.choice(self.locals)}@{self.r.choice(self.domains)}"
        form = self.r.random()
        if form < 0.1:
            return text.upper() if text.isascii() else text
        if form < 0.15:
            return f" <mailto:{text}>"
        if form < 0.18:
            return self.r.choice(("", "nobody", "a@b@c.com", "@acme.com"))
        return text

    def phone(self):
        text = self.r.choice(PHONES)
        return f"+1 (415) 555-{text[-4:]}" if self.chance(0.3) else text

    def record(self, kind, required=(), **fields):
        """Some fields null, some not there at all."""
        line = {"attributes": {"type": kind}, "Id": self.id(kind)}
        if kind not in ("User", "OpportunityHistory", "OpportunityFieldHistory"):
            fields.setdefault("IsDeleted", self.chance(0.12))
        for name, value in fields.items():
            if name in required or not self.chance(0.05):
                line[name] = None if name not in required + ("IsDeleted",) and self.chance(0.05) else value
        if kind not in ("OpportunityHistory", "OpportunityFieldHistory"):
            line["SystemModstamp"] = self.time()
        if line.get("IsDeleted") and kind in ("Account", "Contact", "Lead") and self.chance(0.4):
            line["MasterRecordId"] = self.ref(kind)
        if self.chance(0.4):
            line["Id"] = wide(line["Id"])
        self.lines.append(line)
        return line

    # -- records

    def users(self):
        self.reps = []
        for address in ("ann@us.example", "ben@us.example", "cat@partner.example", "dan@gmail.com", "jane@acme.com"):
            if self.chance(0.7) or address.startswith("ann"):
                self.record("User", Email=address, IsActive=not self.chance(0.2))
                self.reps.append(address)

    def accounts(self):
        for n in range(self.r.randint(1, 5)):
            self.record("Account", Name=f"Account {n}", LastModifiedDate=self.time(), CreatedDate=self.time())

    def contacts(self):
        for _ in range(self.r.randint(1, 9)):
            self.record(
                "Contact",
                AccountId=self.ref("Account"),
                Email=self.address() if self.chance(0.85) else None,
                CreatedDate=self.time(),
                LastModifiedDate=self.time(),
                **{f: self.phone() for f in ("Phone", "MobilePhone", "HomePhone", "OtherPhone") if self.chance(0.15)},
            )

    def leads(self):
        for n in range(self.r.randint(1, 8)):
            converted = self.chance(0.4)
            self.record(
                "Lead",
                Company=f"Co {n}",
                Email=self.address() if self.chance(0.85) else None,
                IsConverted=converted,
                ConvertedAccountId=self.ref("Account") if converted else None,
                ConvertedContactId=self.ref("Contact") if converted else None,
                CreatedDate=self.time(),
                LastModifiedDate=self.time(),
                **{f: self.phone() for f in ("Phone", "MobilePhone") if self.chance(0.2)},
            )

    def opportunities(self):
        for _ in range(self.r.randint(0, 10)):
            self.record(
                "Opportunity",
                AccountId=self.ref("Account", 0.1),
                ContactId=self.ref("Contact", 0.7),
                OwnerId=self.ref("User", 0.1),
                IsClosed=self.chance(0.5),
                CloseDate=self.day(),
                CreatedDate=self.time(),
                LastModifiedDate=self.time(),
            )

    def around_opportunities(self):
        r = self.r
        for _ in range(r.randint(0, 8)):
            self.record("OpportunityContactRole", OpportunityId=self.ref("Opportunity", 0), ContactId=self.ref("Contact", 0))
        for kind in ("OpportunityHistory", "OpportunityFieldHistory"):
            for _ in range(r.randint(0, 4)):
                more = {"IsDeleted": True} if self.chance(0.1) else {}
                self.record(kind, OpportunityId=self.ref("Opportunity", 0), CreatedDate=self.time(), **more)
        for _ in range(r.randint(0, 6)):
            self.record(
                "Event",
                StartDateTime=self.time(call=self.chance(0.8)),
                WhatId=self.what(),
                WhoId=self.who(),
                OwnerId=self.ref("User"),
            )
        for _ in range(r.randint(0, 6)):
            task = self.record(
                "Task",
                required=("WhatId", "WhoId"),
                ActivityDate=self.day(),
                WhatId=self.what(),
                WhoId=self.who(),
                CallObject=r.choice(self.calls)["id"] if self.chance(0.6) else None,
            )
            if self.chance(0.3):
                self.log(task)

    def log(self, task):
        """log-activity made this Task; somebody may have moved it."""
        fields = {"CallObject": task.get("CallObject") or "c1", "WhoId": task["WhoId"], "WhatId": task["WhatId"]}
        if self.chance(0.3):
            fields[self.r.choice(("WhoId", "WhatId"))] = self.r.choice((None, self.ids["Account"][0]))
        self.lines.append(
            {
                "kind": "op",
                "to": "salesforce",
                "op": "create",
                "object": "Task",
                "local_object": "call",
                "local_id": fields["CallObject"],
                "fields": {k: v for k, v in fields.items() if v is not None},
                "result": {"ok": True, "id": wide(task["Id"]), "created": True},
            }
        )

    def what(self):
        kind = self.r.choice(("Account", "Opportunity", "Opportunity", None, None))
        return self.ref(kind, 0) if kind else self.r.choice((None, None, None, "500a00000000001"))

    def who(self):
        kind = self.r.choice(("Contact", "Contact", "Lead", None))
        return self.ref(kind, 0) if kind else None

    def stale_copies(self):
        """Some records come twice: the newer stamp decides, whatever the order."""
        for line in list(self.lines):
            if "SystemModstamp" not in line or not self.chance(0.15):
                continue
            others = [o for o in self.lines if o.get("attributes") == line["attributes"] and o is not line]
            if not others:
                continue
            copy = {**self.r.choice(others), "Id": line["Id"]}
            if line["attributes"]["type"] != "Task":
                copy = {k: v for k, v in copy.items() if not self.chance(0.3) or k in ("attributes", "Id")}
            copy["SystemModstamp"] = self.time(BASE + timedelta(days=self.r.choice((-400, 400)), seconds=self.r.randint(1, 99)))
            self.lines.append(copy)

    # -- calls

    def participant(self):
        person = {}
        if self.chance(0.85):
            person["email"] = self.address()
        if self.chance(0.3):
            person["phone"] = self.r.choice(PHONES)
        if self.chance(0.2):
            person["other_emails"] = [self.address() for _ in range(self.r.randint(1, 2))]
        if self.chance(0.4):
            person["name"] = self.r.choice(("Jane Roe", " ", "Bob"))
        if self.chance(0.15):
            person["internal"] = self.chance(0.4)
        return person

    def call(self, n):
        r = self.r
        start = self.time(call=True)
        if self.chance(0.25):
            people = [{k: v for k, v in self.participant().items() if k in ("email", "name")} for _ in range(4)]
            line = {"kind": "email", "id": f"<e{n}@x>", "date": start, "from": people[0], "to": people[1:3], "cc": people[3:]}
            if self.chance(0.3):
                line.pop(r.choice(("from", "to", "cc")))
            if self.chance(0.3):
                line["organizer"] = r.choice(self.reps)
        else:
            line = {"kind": "call", "id": f"c{n}", "start": start}
            line["participants"] = [self.participant() for _ in range(r.randint(0, 4))]
            if self.chance(0.8):
                line["organizer"] = r.choice(self.reps + ["nobody@us.example", "Ann@US.example"])
        if self.chance(0.2):
            manual = []
            for _ in range(r.randint(1, 3)):
                kind = r.choice(("Account", "Account", "Contact", "Lead", "Opportunity"))
                manual.append({"object": kind, "id": self.ref(kind, 0)})
            line["manual"] = manual
        return line

    def later(self):
        """What happens afterwards: deletions, merges, undeletions, moves."""
        lines = []
        for line in self.lines:
            if line.get("attributes", {}).get("type") not in ("Account", "Contact", "Lead") or not self.chance(0.3):
                continue
            kind = line["attributes"]["type"]
            new = {"attributes": {"type": kind}, "Id": line["Id"]}
            new["SystemModstamp"] = self.time(BASE + timedelta(days=800))
            what = self.r.random()
            if what < 0.6:
                new["IsDeleted"] = True
                new["MasterRecordId"] = self.ref(kind, 0.4)
            elif what < 0.8:
                new["IsDeleted"] = False
            else:
                new["Email"] = self.address()
            lines.append(new)
        return lines


PREFIX = {
    "User": "005",
    "Account": "001",
    "Contact": "003",
    "Lead": "00Q",
    "Opportunity": "006",
    "OpportunityContactRole": "00K",
    "OpportunityHistory": "008",
    "OpportunityFieldHistory": "017",
    "Event": "00U",
    "Task": "00T",
}


def run(tool, arguments, lines):
    text = "".join(json.dumps(line) + "\n" for line in lines)
    done = subprocess.run([os.path.join(BUILD, tool), *arguments], input=text, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{tool} {arguments}: status {done.returncode}\n{done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def run_warm(arguments, lines):
    """The lines twice, over a pipe with a pause between: the second time from keys in memory."""
    text = "".join(json.dumps(line) + "\n" for line in lines)
    tool = subprocess.Popen(
        [os.path.join(BUILD, "associate-call"), *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    tool.stdin.write(text)
    tool.stdin.flush()
    first = [tool.stdout.readline() for _ in lines]
    time.sleep(0.02)
    second = tool.communicate(text)[0].splitlines()
    if tool.returncode:
        sys.exit(f"associate-call {arguments}: status {tool.returncode}")
    return [json.loads(line) for line in first], [json.loads(line) for line in second]


def combination(r):
    options, flags = {"free_mail": FREE}, []
    options["duplicates"] = r.choice(("oldest-modified", "oldest-modified", "newest-created", "all"))
    options["opportunity"] = r.choice(("closest-activity", "priority", "priority"))
    flags += ["--duplicates", options["duplicates"], "--opportunity", options["opportunity"]]
    if r.random() < 0.3:
        options["owned_by_organizer"] = True
        flags.append("--owned-by-organizer")
    if r.random() < 0.5:
        options["activities"] = True
        flags.append("--activities")
        if r.random() < 0.3:
            options["activity_window_ms"] = r.choice((0, 60_000, 600_000))
            flags += ["--activity-window", f"{options['activity_window_ms'] // 1000}s"]
    domains = r.choice((None, None, None, ["none"], ["us.example"], ["us.example", "partner.example"], ["gmail.com"]))
    if domains:
        options["internal_domains"] = domains
        for domain in domains:
            flags += ["--internal-domain", domain]
    if r.random() < 0.2:
        options["free_mail"] = {"globex.io"}
    if r.random() < 0.3:
        flags += ["--jobs", "3"]
    return options, flags


def same(got, want):
    return all(got.get(k) == want[k] for k in ("associations", "primary", "unmatched"))


def compare(seed, step, flags, line, got, want):
    if same(got, want):
        return True
    print(f"seed {seed}, {step}, associate-call {' '.join(flags)}")
    print("line", json.dumps(line))
    for key in ("associations", "primary", "unmatched"):
        if got.get(key) != want[key]:
            print("want", key, json.dumps(want[key]))
            print("got ", key, json.dumps(got.get(key)))
    return False


def check(seed, folder):
    crm = Crm(seed)
    r = random.Random(seed * 7 + 1)
    store, path = Store(), os.path.join(folder, f"{seed}.db")
    for line in crm.lines:
        store.apply(line)
    run("store-apply", ["--store", path], crm.lines)
    failed = 0
    options, flags = combination(r)
    calls = crm.calls
    for step in range(6):
        if step == 3:
            more = crm.later()
            for line in more:
                store.apply(line)
            run("store-apply", ["--store", path], more)
        mode = r.choice(MODES)
        if options["free_mail"] != FREE:
            flags = flags + ["--free-mail", os.path.join(folder, "free.txt")]
        all_flags = ["--store", path, *flags] + ([f"--{mode}"] if mode else [])
        got, warm = run_warm(all_flags, calls)
        for line, answer, warm_answer in zip(calls, got, warm):
            want = associate(store, line, {**options, "mode": mode})
            failed += not compare(seed, f"step {step}", all_flags, line, answer, want)
            failed += not compare(seed, f"step {step}, warm", all_flags, line, warm_answer, want)
        if mode:
            for line, answer in zip(got, run("associate-call", all_flags, got)):
                if line != answer:
                    print(f"seed {seed}, step {step}: a second {' '.join(all_flags)} differs")
                    print("first ", json.dumps(line), "\nsecond", json.dumps(answer))
                    failed += 1
        if r.random() < 0.7:
            calls = got
        options, flags = combination(r)
    os.unlink(path)
    return 12 * len(calls), failed


def main():
    first, _, last = os.environ.get("SEEDS", "1-20").partition("-")
    total = bad = 0
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "free.txt"), "w") as f:
            f.write("globex.io\n")
        for seed in range(int(first), int(last or first) + 1):
            n, failed = check(seed, folder)
            total += n
            bad += failed
            if bad >= int(os.environ.get("SHOW", "10")):
                print("enough")
                break
    print(f"{total - bad} passed, {bad} failed")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
