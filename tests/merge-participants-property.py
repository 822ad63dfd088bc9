#!/usr/bin/env python3
"""merge-participants-property.py TOOL: random calls through TOOL and through design 4, naively.

SEEDS=FIRST-LAST says which random sequences (1-20); each makes 200 calls. The first call that
differs is printed with both answers, and the status is 1.
"""
import json
import os
import random
import re
import subprocess
import sys
import unicodedata

CALLS = 200
INTERNAL = "us.example"

# What is written -> its normal form; None is no email, no number.
EMAILS = [
    lambda e: (e, e),
    lambda e: (e.upper(), e),
    lambda e: (f" <MAILTO:{e}> ", e),
    lambda e: (f"mailto:<{e}>", e),
    lambda e: (f"\t{e}\u00a0", e),
]
NO_EMAILS = ["", " ", "not an address", "@x.com", "a@", "a@b@c", "mailto:", "<>"]
ADDRESSES = ["ann@acme.com", "ann+x@acme.com", "bo@us.example", "bo@sub.us.example",
             "cy@xn--mnchen-3ya.de", "di@gmail.com"]
PHONES = {
    "+14155550001": "+14155550001", "(415) 555-0001": "+14155550001",
    "tel:+1-415-555-0001": "+14155550001", 14155550001: "+14155550001",
    "+1 415 555 0002 ext 7": "+14155550002", "+44 20 7946 0018": "+442079460018",
    "+1 415 ***": None, "anonymous": None, "+266696687": None, "": None, "12": None,
}
NAMES = ["Ann Roe", "ANN  ROE", "Änn Röe (Guest)", " ann roe ", "ann", "Ann", "Bo Straße", "BO STRASSE",
         "x", "+1 415 ***", "(Guest)", "", "李 明", "Łukasz Żak", "lukasz zak", "Ann Roe (a) (b)",
         "Di\u0301 Σοφός", "dí ΣΟΦΌΣ"]
TIMES = {
    "2026-05-04T15:00:00Z": 0, "2026-05-04T15:00:00.900Z": 900, "2026-05-04T08:00:01-07:00": 1000,
    "2026-05-04T15:10:00.000+0000": 600000, "2026-05-04t15:20:59.999z": 1259999,
    "2026-05-04T20:50:00+05:30": 1200000, "": None,
}


def fold(name):
    def plain(text):
        text = unicodedata.normalize("NFD", text)
        return "".join(c for c in text if not unicodedata.category(c).startswith("M"))
    text = " ".join(plain(plain(name or "").casefold()).split())
    text = re.sub(r" ?\([^()]*\)$", "", text)
    return text if any(unicodedata.category(c).startswith("L") for c in text) else None


def some_email(rng):
    address = rng.choice(ADDRESSES)
    if address.endswith("-3ya.de") and rng.random() < 0.5:
        return "cy@MÜNCHEN.de", address
    return rng.choice(EMAILS)(address)


def some_row(rng, invited):
    """A row as it is written, and what it says."""
    raw, row = {}, dict.fromkeys(("email", "name", "phone", "response", "joined", "left"))
    if rng.random() < 0.5:
        raw["email"], row["email"] = some_email(rng)
    elif rng.random() < 0.3:
        raw["email"] = rng.choice(NO_EMAILS + [None])
    if rng.random() < 0.7:
        raw["name"] = rng.choice(NAMES)
        row["name"] = raw["name"].strip() or None
    if rng.random() < 0.4:
        raw["phone"] = rng.choice(list(PHONES))
        row["phone"] = PHONES[raw["phone"]]
    if invited and rng.random() < 0.5:
        raw["response"] = row["response"] = rng.choice(["accepted", "declined"])
    if invited and rng.random() < 0.2:
        raw["type"] = rng.choice(["Room", "RESOURCE", "group", None])
    for member in () if invited else ("joined", "left"):
        if rng.random() < 0.6:
            raw[member] = rng.choice(list(TIMES))
            row[member] = TIMES[raw[member]]
    return raw, row


def differ(a, b):
    return a is not None and b is not None and a != b


def may_be(a, b):
    """Whether two with one phone can be one person."""
    return not differ(a["email"], b["email"]) and not differ(fold(a["name"]), fold(b["name"]))


def times(rows):
    joined = [r["joined"] for r in rows if r["joined"] is not None]
    left = [r["left"] for r in rows if r["left"] is not None]
    return min(joined, default=None), max(left, default=None)


def merge_pass(rows, same):
    merged = []
    for row in rows:
        into = next((m for m in merged if same(m, row)), None)
        if into is None:
            merged.append(dict(row))
            continue
        into["joined"], into["left"] = times([into, row])
        for member in ("email", "name", "phone", "response"):
            into[member] = into[member] or row[member]
    return merged


def one_row_each(rows):
    def only_name(row):
        return not row["email"] and not row["phone"] and fold(row["name"])
    rows = merge_pass(rows, lambda m, r: r["email"] and m["email"] == r["email"])
    rows = merge_pass(rows, lambda m, r: r["phone"] and m["phone"] == r["phone"] and may_be(m, r))
    return merge_pass(rows, lambda m, r: only_name(r) and only_name(m) == only_name(r))


def find_invitees(invitees, attendees):
    """For each attendee the invitee's index, or None."""
    found = [None] * len(attendees)

    def rest():
        return [(j, a) for j, a in enumerate(attendees) if found[j] is None]
    for j, a in rest():
        if a["email"]:
            found[j] = next((i for i, v in enumerate(invitees) if v["email"] == a["email"]), None)
    for j, a in rest():
        if a["phone"]:
            found[j] = next((i for i, v in enumerate(invitees)
                             if v["phone"] == a["phone"] and may_be(v, a)), None)
    for j, a in rest():
        name = fold(a["name"])
        if name and len(name.split()) >= 2:
            free = [i for i, v in enumerate(invitees) if i not in found and fold(v["name"]) == name]
            found[j] = free[0] if len(free) == 1 else None
    return found


def written(ms):
    seconds = ms // 1000
    return f"2026-05-04T15:{seconds // 60:02}:{seconds % 60:02}Z"


def participant(person, attendees, invited):
    out = {}
    for member in ("email", "name", "phone"):
        value = next((r[member] for r in [person] + attendees if r[member]), None)
        if value:
            out[member] = value
    emails = [a["email"] for a in attendees if a["email"]]
    others = [e for i, e in enumerate(emails) if e != out["email"] and e not in emails[:i]]
    if others:
        out["other_emails"] = others
    out["invited"], out["attended"] = invited, bool(attendees)
    if invited and person["response"]:
        out["response"] = person["response"]
    for member, ms in zip(("joined", "left"), times(attendees)):
        if ms is not None:
            out[member] = written(ms)
    mine = [out["email"]] if "email" in out else []
    out["internal"] = any(e.split("@")[1] == INTERNAL for e in mine + others)
    return out


def participants(invitees, attendees):
    invitees, attendees = one_row_each(invitees), one_row_each(attendees)
    found = find_invitees(invitees, attendees)
    out = [participant(v, [a for j, a in enumerate(attendees) if found[j] == i], True)
           for i, v in enumerate(invitees)]
    return out + [participant(a, [a], False) for j, a in enumerate(attendees) if found[j] is None]


def some_call(rng):
    invitees = [some_row(rng, True) for _ in range(rng.randrange(6))]
    attendees = [some_row(rng, False) for _ in range(rng.randrange(9))]
    line = {"kind": "call", "invitees": [raw for raw, _ in invitees],
            "attendees": [raw for raw, _ in attendees]}
    people = [row for raw, row in invitees
              if (raw.get("type") or "").lower() not in ("room", "resource")]
    return line, participants(people, [row for _, row in attendees])


def check(tool, seed):
    rng = random.Random(seed)
    calls = [some_call(rng) for _ in range(CALLS)]
    lines = "".join(json.dumps(line, ensure_ascii=rng.random() < 0.5) + "\n" for line, _ in calls)
    run = subprocess.run(tool + ["--internal-domain", INTERNAL, "--region", "US"], input=lines,
                         capture_output=True, text=True, check=False, encoding="utf-8")
    got = [json.loads(line) for line in run.stdout.splitlines()]
    if run.returncode or len(got) != CALLS:
        sys.exit(f"seed {seed}: status {run.returncode}, {len(got)} lines\n{run.stderr}")
    for (line, want), answer in zip(calls, got):
        # Members too must be in the order of design 4.
        if json.dumps(answer["participants"]) != json.dumps(want):
            sys.exit(f"seed {seed}: {json.dumps(line)}\n"
                     f"want {json.dumps(want)}\ngot  {json.dumps(answer['participants'])}")


def main():
    first, _, last = os.environ.get("SEEDS", "1-20").partition("-")
    seeds = range(int(first), int(last or first) + 1)
    for seed in seeds:
        check(sys.argv[1:], seed)
    print(f"{len(seeds) * CALLS} calls, all as by design 4")


if __name__ == "__main__":
    main()
