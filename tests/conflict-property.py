#!/usr/bin/env python3
"""conflict-property.py RESOLVE [SEED [ROUNDS]]: what must hold of any plan, on random maps and pairs.

A pair's lines do not depend on its neighbours. A field in an op moves a value that the other side did not
have, and a field stands in one place only. What is spelled otherwise decides nothing otherwise. Once the
plan is done, a second one writes nothing; and then, after one more edit, only that field is written."""

import json
import random
import subprocess
import sys
import tempfile

# type, and groups of spellings of one value; what is between groups differs
TYPES = {
    "string": [["a", " a", "a  "], ["A"], ["á"], ["1"], ["1.0"], ["a\nb", "a\r\nb"], [None, "", "  "]],
    "double": [[1, 1.0, "1", "1.00", " 1 "], [10, "1e1", "10.0"], [0.1, "0.10"], [12345678901234567890, "12345678901234567890.0"], ["1e"], [None, ""]],
    "boolean": [[True, 1, "true", "TRUE", "1"], [False, 0, "false", None, ""]],
    "datetime": [["2026-11-20T15:00:00.000+0000", "2026-11-20T15:00:00Z", "2026-11-20T16:00:00+01:00", "2026-11-20T15:00:00.789Z"], ["2026-11-20T15:00:01Z"], [None, ""]],
    "date": [["2026-11-20", " 2026-11-20", "2026-11-20T00:00:00.000Z", "2026-11-20T00:00:00+0000"], ["2026-11-21"], [None, ""]],
    "multipicklist": [["a;b", "b;a", "b; a", "a;b;a"], ["a"], ["a;c"], [None, "", ";"]],
    "reference": [["005000000000001AAA", "005000000000001"], ["005000000000002AAA"], [None, ""]],
    "email": [["j@x.example", "J@X.example", " j@x.example"], ["k@x.example"], [None, ""]],
}
UNKNOWN = object()


def group_of(kind, value):
    """Which of its type's values it is; UNKNOWN if it is none."""
    if value is UNKNOWN:
        return UNKNOWN
    for number, group in enumerate(TYPES[kind]):
        if any(value == other and type(value) is type(other) for other in group):
            return number
    raise AssertionError(f"{value!r} is no {kind}")


def respell(rng, kind, value):
    return value if value is UNKNOWN else rng.choice(TYPES[kind][group_of(kind, value)])


class World:
    def __init__(self, rng):
        self.rng = rng
        self.kinds, self.fields = {}, []
        for n in range(rng.randint(1, 12)):
            kind = rng.choice(list(TYPES))
            field = {"salesforce": f"F{n}__c", "local": f"l{n}", "clear": rng.random() < 0.3,
                     "direction": rng.choice(("two-way", "two-way", "pull", "push")),
                     "conflict": rng.choice(("salesforce", "local", "newest", "hold"))}
            if field["direction"] != "two-way":
                field["enforce"] = rng.random() < 0.5
            self.kinds[field["salesforce"]] = kind
            self.fields.append(field)
        self.map = {"Lead": {"match": ["link"], "limit": 10000, "fields": self.fields}}
        self.pairs = [self.pair(n) for n in range(rng.randint(1, 25))]

    def value(self, kind):
        return UNKNOWN if self.rng.random() < 0.08 else self.rng.choice(self.rng.choice(TYPES[kind]))

    def pair(self, number):
        rng = self.rng
        values = {}
        for name, kind in self.kinds.items():
            base = None if rng.random() < 0.3 else (self.value(kind), self.value(kind))
            if base and rng.random() < 0.7:
                base = (base[0], respell(rng, kind, base[0]))
            sides = [self.value(kind), self.value(kind)]
            for side in (0, 1):
                if base and rng.random() < 0.5:
                    sides[side] = respell(rng, kind, base[side])
            values[name] = {"base": None if base and UNKNOWN in base else base, "sides": sides}
        return {"id": f"00Q{number:012d}EAA", "local": str(number), "values": values,
                "modified": rng.sample(("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z"), 2), "linked": rng.random() < 0.8}

    def line(self, pair):
        salesforce = {"attributes": {"type": "Lead"}, "Id": pair["id"]}
        local, base = {}, {}
        for field in self.fields:
            name, values = field["salesforce"], pair["values"][field["salesforce"]]
            if values["sides"][0] is not UNKNOWN:
                salesforce[name] = values["sides"][0]
            if values["sides"][1] is not UNKNOWN:
                local[field["local"]] = values["sides"][1]
            if values["base"]:
                base[name] = dict(zip(("salesforce", "local"), values["base"]))
        return json.dumps({"kind": "pair", "object": "Lead", "paired_by": "link" if pair["linked"] else "email",
                           "salesforce": salesforce, "local": {"id": pair["local"], "fields": local}, "base": base,
                           "modified": dict(zip(("salesforce", "local"), pair["modified"]))})

    def plan(self, tool, pairs):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(self.map, file)
            file.flush()
            lines = [json.dumps({"kind": "map", "object": "Lead", "linked": 100000, "types": self.kinds})]
            lines += [self.line(pair) for pair in pairs]
            run = subprocess.run([tool, "--map", file.name, "--now", "2026-11-22T00:00:00Z"], check=True, text=True,
                                 capture_output=True, input="".join(line + "\n" for line in lines))
        plan = {pair["id"]: [] for pair in pairs}
        for text in run.stdout.splitlines()[1:]:
            plan[json.loads(text)["id"]].append(text)
        return plan

    def check(self, pair, lines):
        """What an op moves was not there yet, and nothing is in two places. By field: where it goes."""
        places = {}
        for text in lines:
            line = json.loads(text)
            if line["kind"] == "conflict":
                places.update({name: "held" for name in line["fields"]})
            elif line["op"] == "update":
                side = 1 if line["to"] == "salesforce" else 0
                assert list(line["fields"]) == list(line["was"]), text
                names = {f["salesforce" if side else "local"]: f["salesforce"] for f in self.fields}
                for name in map(names.get, line["fields"]):
                    sides = pair["values"][name]["sides"]
                    groups = [group_of(self.kinds[name], value) for value in sides]
                    assert name not in places and groups[0] != groups[1] and UNKNOWN not in groups, text
                    places[name] = line["to"]
        return places

    def apply(self, pair, lines):
        for text in lines:
            line = json.loads(text)
            if line["kind"] == "op":
                pair["linked"] = True
                for name, base in line.get("base", {}).items():
                    if any(name == f["salesforce"] and f["salesforce" if line["to"] == "salesforce" else "local"] in line.get("fields", {})
                           for f in self.fields):
                        sides = pair["values"][name]["sides"]
                        source = 1 if line["to"] == "salesforce" else 0
                        sides[1 - source] = sides[source]
                        pair["values"][name]["base"] = (sides[source], sides[source])
                    else:
                        pair["values"][name]["base"] = (base["salesforce"], base["local"])


def check_world(tool, rng):
    world = World(rng)
    plan = world.plan(tool, world.pairs)
    shuffled = rng.sample(world.pairs, rng.randint(1, len(world.pairs)))
    for number, lines in world.plan(tool, shuffled).items():
        assert lines == plan[number], "a neighbour has a say"
    places = {pair["id"]: world.check(pair, plan[pair["id"]]) for pair in world.pairs}
    for pair in world.pairs:
        for name, values in pair["values"].items():
            kind = world.kinds[name]
            values["sides"] = [respell(rng, kind, value) for value in values["sides"]]
            values["base"] = values["base"] and tuple(respell(rng, kind, value) for value in values["base"])
    plan = world.plan(tool, world.pairs)
    for pair in world.pairs:
        assert world.check(pair, plan[pair["id"]]) == places[pair["id"]], "a spelling has a say"
        world.apply(pair, plan[pair["id"]])
    again = world.plan(tool, world.pairs)
    for pair in world.pairs:
        held = {name for name, place in places[pair["id"]].items() if place == "held"}
        assert world.check(pair, again[pair["id"]]) == {name: "held" for name in held}, "a second run writes"
        assert not [text for text in again[pair["id"]] if '"kind":"op"' in text], "a second run settles"
    # one more edit
    edits = {}
    for pair in world.pairs:
        name = rng.choice(list(world.kinds))
        pair["values"][name]["sides"][rng.randint(0, 1)] = world.value(world.kinds[name])
        edits[pair["id"]] = name
    last = world.plan(tool, world.pairs)
    for pair in world.pairs:
        moved = {name for name, place in world.check(pair, last[pair["id"]]).items() if place != "held"}
        assert moved <= {edits[pair["id"]]}, "a field moves that nobody touched"


def main():
    tool = sys.argv[1]
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 60
    for n in range(seed, seed + rounds):
        try:
            check_world(tool, random.Random(n))
        except AssertionError:
            print(f"seed {n}")
            raise
    print(f"{rounds} worlds hold")


main()
