"""affected-calls: from one change to the calls that it affects, alone and in its whole pipeline."""
import json
from datetime import datetime, timedelta
from pathlib import Path

import table
from measure import Figures, expect, n_lines, run
from store_work import ask
from values import ids

MANY = 10000  # calls of one domain
DOMAIN = "many-calls.example"
ACCOUNTS = [ids("001")(n) for n in (900000000, 900000001)]
CONTACTS = [ids("003")(n) for n in (900000000, 900000001)]


class Batch:
    """A store of its own, with calls; it is kept for the next run."""

    def __init__(self, tools, data):
        self.tools, self.data = tools, data
        self.store = data.path(f"affected-{data.calls}.db")
        self.changes, self.named = data.path("changes"), data.path("named")

    def tool(self, name, *arguments):
        return [self.tools / name, "--store", self.store, *arguments]

    def apply(self, lines):
        run(self.tool("store-apply"), stdin=self.write("lines", lines))

    def fill(self):
        """Calls of the data, and many of one domain, whose account is that of one contact. All goes into an
        empty store at once, as indexes are then built behind it; before that, to associate the calls,
        the records alone."""
        if self.store.exists():
            return
        final, self.store = self.store, Path(f"{self.store}.part")
        many, calls = self.data.path("many"), self.data.path("associated")
        people = self.write("people", [record("Account", key, Name=f"Many {n}") for n, key in enumerate(ACCOUNTS)]
                            + [record("Contact", CONTACTS[0], AccountId=ACCOUNTS[0], Email=f"head@{DOMAIN}")])
        self.write("many", [call(n) for n in range(MANY)])
        self.load(self.data.records(), people)
        run(["sh", "-c", f"cat {self.data.call_lines('participants')} {many} | "
             + " ".join(map(str, self.tool("associate-call")))], stdout=calls)
        self.load(self.data.records(), people, calls)
        calls.unlink()
        self.store.rename(final)
        self.store = final

    def load(self, *files):
        """A new store of these."""
        self.store.unlink(missing_ok=True)
        run(["sh", "-c", f"cat {' '.join(map(str, files))} | " + " ".join(map(str, self.tool("store-apply")))])

    def write(self, name, lines):
        path = self.data.path(name)
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        return path

    def settle(self):
        seq = ask(self.store, "SELECT max(seq) FROM change")
        self.apply([{"kind": "checkpoint", "consumer": "calls", "of": "changes", "seq": seq}])

    def stamp(self, kind, key):
        at = ask(self.store, f"SELECT max(system_modstamp) FROM {kind.lower()} WHERE id = '{key}'")
        at = datetime.fromisoformat((at or "2027-01-01T00:00:00Z").replace("Z", ""))
        return (at + timedelta(seconds=1)).isoformat(timespec="seconds") + "Z"

    def change(self, kind, key, **fields):
        """The change, and affected-calls over what the consumer hears of it."""
        self.apply([record(kind, key, self.stamp(kind, key), **fields)])
        run(self.tool("store-query", "changes", "--consumer", "calls"), stdout=self.changes)
        alone = run(self.tool("affected-calls"), stdin=self.changes, stdout=self.named)
        whole = " | ".join(" ".join(map(str, self.tool(*stage))) for stage in (
            ("store-query", "changes", "--consumer", "calls"), ("affected-calls",),
            ("associate-call", "--keep"), ("store-apply",)))
        return n_lines(self.named) - 1, alone, run(["sh", "-c", whole])


def record(kind, key, stamp="2027-01-01T00:00:00Z", **fields):
    return {"attributes": {"type": kind}, "Id": key, **fields, "IsDeleted": False, "SystemModstamp": stamp}


def call(n):
    return {"kind": "call", "id": f"many-{n}", "start": f"2026-{n % 12 + 1:02}-{n % 28 + 1:02}T15:00:00Z",
            "participants": [{"email": f"p{n % 50}@{DOMAIN}", "name": f"P {n}"}]}


def figures(what, taken, named=None):
    """Of runs (calls named, affected-calls, the pipeline)."""
    if named is not None:
        expect(f"{what}: calls named", {n for n, _, _ in taken}, {named})
    n = taken[-1][0]
    table.figures(f"{what}: affected-calls", n, Figures([alone for _, alone, _ in taken]))
    table.figures("  store-query | affected-calls | associate-call | store-apply", n,
                  Figures([whole for _, _, whole in taken]))


def work(tools, data, runs):
    table.section("affected-calls: lines are calls named")
    batch = Batch(tools, data)
    batch.fill()
    batch.settle()
    found = "SELECT record_id FROM association WHERE object = '{}' AND kind = 'call' LIMIT 1 OFFSET 20"
    contact = ask(batch.store, found.format("Contact"))
    deal = ask(batch.store, found.format("Opportunity"))
    old = ask(batch.store, f"SELECT email FROM contact WHERE id = '{contact}'")
    runs += runs % 2  # as it was behind them
    figures("one changed contact email", [batch.change("Contact", contact, Email=email)
                                          for _ in range(runs // 2) for email in (f"x.{old}", old)])
    closed = ask(batch.store, f"SELECT is_closed FROM opportunity WHERE id = '{deal}'")
    figures("one changed opportunity", [batch.change("Opportunity", deal, IsClosed=bool(value))
                                        for _ in range(runs // 2) for value in (1 - closed, closed)])
    figures(f"one domain with {MANY:,} calls, all named", [batch.change("Contact", CONTACTS[0], AccountId=account)
            for _ in range(runs // 2) for account in (ACCOUNTS[1], ACCOUNTS[0])], MANY)
    figures("the same domain, none named", [batch.change("Contact", CONTACTS[1], Email=email, AccountId=ACCOUNTS[0])
            for _ in range(runs // 2) for email in (f"other@{DOMAIN}", None)], 0)
