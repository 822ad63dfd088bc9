#!/usr/bin/env python3
"""conflict-table.py RESOLVE TABLE: the table of outcomes through resolve-conflicts, in one process.

A lead for each row and for each answer to which record is newer, with a field for each column. Then what
was decided is done, and a second run must find nothing more to do."""

import json
import subprocess
import sys
import tempfile

UNKNOWN = object()
GROUPS = [(direction, enforce, clear)
          for direction, enforce in (("two-way", False), ("pull", False), ("push", False), ("push", True), ("pull", True))
          for clear in (False, True)]
CONFLICTS = ("salesforce", "local", "newest", "newest", "hold")
BASES = {"equal": ("A", "A"), "other": ("A", "B"), "blank": (None, None)}


def fields():
    """The map's fields, by name; newest is one field, looked at by two columns."""
    for g, (direction, enforce, clear) in enumerate(GROUPS):
        for conflict in dict.fromkeys(CONFLICTS):
            field = {"salesforce": f"F{g}_{conflict}__c", "local": f"f{g}_{conflict}",
                     "direction": direction, "conflict": conflict, "clear": clear}
            if enforce:
                field["enforce"] = True
            yield field


def read_table(path):
    for line in open(path, encoding="utf-8"):
        if line.startswith("#"):
            continue
        base, salesforce, local, *groups = line.split()
        assert len(groups) == len(GROUPS) and all(len(group) == len(CONFLICTS) for group in groups), line
        yield (base, salesforce, local), groups


def values(base, salesforce, local):
    """Bases and values of a row."""
    bases = BASES.get(base)
    same = bases or ("A", "A")
    return (bases, {"same": same[0], "changed": "S", "cleared": None, "unknown": UNKNOWN}[salesforce],
            {"same": same[1], "changed": "L", "cleared": None, "unknown": UNKNOWN, "agrees": "S"}[local])


def expected(groups, newer):
    """By field: the outcome that the table says."""
    for g, group in enumerate(groups):
        for c, conflict in enumerate(CONFLICTS):
            if conflict == "newest" and (c == 3) != (newer == "local"):
                continue
            yield f"F{g}_{conflict}__c", group[c]


class Pair:
    """A lead on both sides, its fields all alike."""

    def __init__(self, number, row, groups, newer):
        self.row, self.newer, self.local_id = row, newer, str(number)
        self.id = f"00Q{number:012d}EAA"
        bases, salesforce, local = values(*row)
        self.expected = dict(expected(groups, newer))
        self.salesforce = {} if salesforce is UNKNOWN else {name: salesforce for name in self.expected}
        self.local = {} if local is UNKNOWN else {name: local for name in self.expected}
        self.base = {name: {"salesforce": bases[0], "local": bases[1]} for name in self.expected} if bases else {}

    def line(self):
        days = ("20", "19") if self.newer == "salesforce" else ("19", "20")
        return json.dumps({
            "kind": "pair", "object": "Lead", "local_object": "Lead", "paired_by": "link",
            "salesforce": {"attributes": {"type": "Lead"}, "Id": self.id, **self.salesforce},
            "local": {"id": self.local_id, "fields": {local_name(n): v for n, v in self.local.items()}},
            "base": self.base,
            "modified": {"salesforce": f"2026-11-{days[0]}T00:00:00Z", "local": f"2026-11-{days[1]}T00:00:00Z"}})

    def outcome(self, lines):
        """By field what the lines say of it; and what they say is done here."""
        found = {}
        for line in lines:
            if line["kind"] == "conflict":
                for name, sides in line["fields"].items():
                    found[name] = "H"
                    assert (sides["salesforce"], sides["local"]) == (self.salesforce[name], self.local[name])
                    assert ("base" in sides) == (name in self.base), (name, sides)
                continue
            moved = set()
            if line["op"] == "update":
                moved = self.write(line, found)
            for name, base in line.get("base", {}).items():
                if name not in moved:
                    assert (base["salesforce"], base["local"]) == (self.salesforce[name], self.local[name])
                    found[name] = "=" if base["salesforce"] == base["local"] else "~"
                self.base[name] = base
        return found

    def write(self, line, found):
        to_salesforce = line["to"] == "salesforce"
        source, target = (self.local, self.salesforce) if to_salesforce else (self.salesforce, self.local)
        moved = set()
        for name, value in line["fields"].items():
            name = name if to_salesforce else salesforce_name(name)
            moved.add(name)
            assert name not in found and value == source[name], (name, line)
            was = line["was"][name if to_salesforce else local_name(name)]
            assert was == target[name] != value, (name, line)
            assert line["base"][name] == {"salesforce": value, "local": value}, (name, line)
            why = line["why"][name]
            assert (why["salesforce"], why["local"]) == (self.salesforce[name], self.local[name])
            assert why.get("base") == self.base.get(name) and why["rule"]
            found[name] = "S" if to_salesforce else "L"
        assert set(line["why"]) == moved
        for name in moved:
            target[name] = source[name]
        return moved


def local_name(name):
    return name[:-3].lower()


def salesforce_name(name):
    return "F" + name[1:] + "__c"


def resolve(tool, path, pairs):
    lines = subprocess.run([tool, "--map", path, "--max-share=100"], check=True, text=True, capture_output=True,
                           input='{"kind":"map","object":"Lead","linked":1000}\n' + "".join(p.line() + "\n" for p in pairs))
    by_pair = {pair.id: [] for pair in pairs}
    for text in lines.stdout.splitlines():
        line = json.loads(text)
        if line["kind"] != "map":
            assert "result" not in line or line["op"] == "none", text
            by_pair[line["id"]].append(line)
    return by_pair


def main():
    tool, table = sys.argv[1:]
    pairs = [Pair(2 * n + (newer == "local"), row, groups, newer)
             for n, (row, groups) in enumerate(read_table(table)) for newer in ("salesforce", "local")]
    assert len(pairs) == 2 * 4 * 17, "rows are missing"
    wrong = count = 0
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"Lead": {"limit": 1000, "match": ["link"], "fields": list(fields())}}, file)
        file.flush()
        lines = resolve(tool, file.name, pairs)
        for pair in pairs:
            found = pair.outcome(lines[pair.id])
            for name, outcome in pair.expected.items():
                count += 1
                if found.get(name, ".") != outcome:
                    wrong += 1
                    print(*pair.row, name, f"{pair.newer} newer: {found.get(name, '.')}, the table says {outcome}")
        again = resolve(tool, file.name, pairs)
        for pair in pairs:
            held = {name for name, outcome in pair.expected.items() if outcome == "H"}
            found = pair.outcome(again[pair.id])
            if found != {name: "H" for name in held}:
                wrong += 1
                print(*pair.row, "a second run:", {n: o for n, o in found.items() if o != "H"})
    print(f"{count} outcomes, {wrong} wrong")
    sys.exit(wrong > 0)


main()
