#!/usr/bin/env python3
"""The two-way sync whole, through the real tools, against the stand-in Salesforce and an app of made-up
tables: random edits on both sides while runs are killed, rows rejected, answers lost, and an importer
fails. When the edits stop, after as many runs as limit needs plus three, both sides agree by the map's
policy, links are one to one, nothing exists twice, nothing is lost, no field went back and forth, and a
further run writes nothing.
BUILD: where the tools are; SEEDS: "7", "1-50" (1-3); STEPS: runs with edits (8); RECORDS: of each side, to begin with (12); KEEP: a folder to work in.
"""

import json
import math
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get("BUILD", os.path.join(HERE, "..", "build"))
STEPS = int(os.environ.get("STEPS", "8"))
RECORDS = int(os.environ.get("RECORDS", "12"))
LIMIT = 5
START = "2026-11-20T08:00:00Z"
FIELDS = [  # Salesforce, local, its mapping
    ("LastName", "name", {}),
    ("Email", "email", {}),
    ("Phone", "phone", {"conflict": "local"}),
    ("Title", "title", {"conflict": "newest"}),
    ("MobilePhone", "mobile", {"conflict": "hold"}),
    ("FirstName", "first", {"clear": True}),
    ("Fax", "fax", {"direction": "pull"}),
    ("Description", "score", {"direction": "push", "enforce": True}),
    ("Num__c", "number", {"clear": True, "conflict": "local"}),
]
VALUES = {"number": [None, 1, "1.0", 2, 2.5, "2.50"], "email": None}
ID_PREFIX = {"Lead": "00Q", "Contact": "003"}


def mapped(salesforce):
    return {"local": salesforce, "limit": LIMIT,
            "create": {"local": True, "salesforce": {"require": ["LastName", "Email"]} if salesforce == "Lead" else False},
            "fields": [{"salesforce": s, "local": l, **more} for s, l, more in FIELDS]
            + ([{"salesforce": "Company", "local": "company"}] if salesforce == "Lead" else [])
            + [{"salesforce": "Ext__c", "value": "local_id"}, {"salesforce": "Synced__c", "value": "now"}]}


MAP = {"Lead": mapped("Lead"), "Contact": mapped("Contact")}


def blank(value):
    return value is None or str(value).strip() == ""


def normal(local, value):
    if blank(value):
        return None
    return float(value) if local == "number" else str(value).strip()


class Org:
    """The stand-in."""

    def __init__(self, folder):
        port = os.path.join(folder, "port")
        self.process = subprocess.Popen(
            [sys.executable, "-B", os.path.join(HERE, "standin"), "--port", "0", "--port-file", port, "--quiet", "--now", START]
            + [option for sobject in MAP for option in
               ("--custom", f"{sobject}.Ext__c:string(40):externalId:unique", "--custom", f"{sobject}.Synced__c:datetime",
                "--custom", f"{sobject}.Num__c:double")])
        while not os.path.exists(port) or not os.path.getsize(port):
            time.sleep(0.02)
            assert self.process.poll() is None, "the stand-in does not start"
        self.url = open(port, encoding="utf-8").read().strip()
        self.open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open

    def tell(self, what, body):
        """A POST to a control endpoint; False if the org refuses."""
        text = body if isinstance(body, str) else json.dumps(body)
        try:
            with self.open(f"{self.url}/standin/{what}", text.encode()) as answer:
                answer.read()
            return True
        except urllib.error.HTTPError:
            return False

    def dump(self, sobject=None):
        with self.open(f"{self.url}/standin/dump" + (f"?object={sobject}" if sobject else "")) as answer:
            return [json.loads(line) for line in answer.read().decode().splitlines()]

    def log(self):
        with self.open(f"{self.url}/standin/log") as answer:
            return json.load(answer)

    def clear_faults(self):
        self.open(urllib.request.Request(f"{self.url}/standin/faults", method="DELETE")).read()

    def close(self):
        self.process.kill()
        self.process.wait()


class App:
    """The other system: tables of rows, an exporter, an importer."""

    def __init__(self, world):
        self.world, self.tables, self.next = world, {"Lead": {}, "Contact": {}}, 1

    def put(self, table, fields, salesforce_id=None):
        row_id = f"{table[0].lower()}{self.next}"
        self.next += 1
        self.tables[table][row_id] = {"salesforce_id": salesforce_id, "fields": fields, "deleted": False, "modified": self.world.stamp()}
        return row_id

    def edit(self, row, fields):
        row["fields"].update(fields)
        row["modified"] = self.world.stamp()

    def export(self):
        return "".join(json.dumps({"kind": "local", "object": table, "id": row_id, "modified": row["modified"],
                                   "salesforce_id": row["salesforce_id"], "fields": row["fields"], "deleted": row["deleted"]}) + "\n"
                       for table, rows in self.tables.items() for row_id, row in rows.items())

    def write(self, op):
        rows = self.tables[op["local_object"]]
        if op["op"] == "create":
            for row_id, row in rows.items():
                if row["salesforce_id"] == op["salesforce_id"]:
                    return {"ok": True, "local_id": row_id}
            return {"ok": True, "local_id": self.put(op["local_object"], op["fields"], op["salesforce_id"])}
        row = rows.get(op["local_id"])
        if row is None or row["deleted"]:
            return {"ok": False, "errors": [{"statusCode": "GONE", "message": "no such row", "fields": []}]}
        for name, value in op["fields"].items():
            now = normal(name, row["fields"].get(name))
            if now not in (normal(name, op["was"].get(name)), normal(name, value)):
                return {"ok": False, "errors": [{"statusCode": "CHANGED", "message": name, "fields": [name]}]}
        self.edit(row, op["fields"])
        return {"ok": True, "local_id": op["local_id"]}

    def import_ops(self, text, random_=None):
        """The ops' lines with results; some fail or are never told, if random_ is given."""
        out = []
        for line in text.splitlines():
            op = json.loads(line)
            if op["kind"] == "op" and "result" not in op:
                if random_ and random_.random() < 0.1:
                    op["result"] = {"ok": False, "errors": [{"statusCode": "NO_LUCK", "message": "not now", "fields": []}]}
                else:
                    op["result"] = self.write(op)
                    self.world.note("local", op)
                if random_ and random_.random() < 0.05:
                    return "".join(out)  # killed: done, and never told
            out.append(json.dumps(op) + "\n")
        return "".join(out)


class World:
    def __init__(self, seed, folder):
        self.random, self.folder, self.seconds, self.count = random.Random(seed), folder, 0, 9000000
        self.org, self.app = Org(folder), App(self)
        self.written = []  # while nothing is edited: (side, record, field)
        self.late = set()
        self.held = self.refused = self.killed = 0
        self.env = dict(os.environ, SFPIPE_STORE=os.path.join(folder, "store.db"), SF_INSTANCE_URL=self.org.url,
                        SF_ACCESS_TOKEN="00Dxx0000000001!standin", PATH=BUILD + ":" + os.environ["PATH"], no_proxy="*")
        self.map = os.path.join(folder, "map.json")
        with open(self.map, "w", encoding="utf-8") as file:
            json.dump(MAP, file)

    # -- time, and what is written

    def stamp(self):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1795161600 + self.seconds))

    def tick(self):
        self.seconds += 7
        self.org.tell("clock", {"now": self.stamp()})

    def note(self, side, op):
        self.refused += not op.get("result", {}).get("ok")
        if op.get("result", {}).get("ok") and op["op"] != "none":
            record = op.get("id") if side == "salesforce" else op["result"].get("local_id")
            self.written += [(side, record, name) for name in op["fields"] if name != "Synced__c"]

    # -- values

    def value(self, local):
        r = self.random
        if local == "email":
            return f"p{r.randint(0, 25)}@x.example"
        if local == "name":
            return f"Name{r.randint(0, 9)}"
        if local == "number":
            return r.choice([None, 1, 2, 2.5, 10])
        if local == "company":
            return r.choice(["Acme", "Labs"])
        return r.choice([None, "", f"{local}{r.randint(0, 4)}", f"{local}{r.randint(0, 4)}", f" {local}{r.randint(0, 4)} "])

    def some(self, names):
        return {name: self.value(name) for name in self.random.sample(names, self.random.randint(1, 3))}

    def names(self, sobject):
        return [l for _, l, _ in FIELDS] + (["company"] if sobject == "Lead" else [])

    def as_salesforce(self, fields):
        api = {l: s for s, l, _ in FIELDS} | {"company": "Company"}
        return {api[name]: (None if blank(value) else value.strip() if isinstance(value, str) else value) for name, value in fields.items()}

    def whole(self, sobject):
        return {"name": self.value("name"), "email": self.value("email")} | self.some(self.names(sobject)) | (
            {"company": self.value("company")} if sobject == "Lead" else {})

    def records(self, sobject, deleted=False):
        return [r for r in self.org.dump(sobject) if bool(r["IsDeleted"]) == deleted and not r.get("IsConverted")]

    def rows(self, deleted=False):
        return [row for rows in self.app.tables.values() for row in rows.values() if row["deleted"] == deleted]

    # -- what may happen

    def put_record(self, sobject, fields, record_id=None, late=False):
        if not record_id:
            self.count += 1
            record_id = f"{ID_PREFIX[sobject]}xx{self.count:010d}"
        record = {"attributes": {"type": sobject}, "Id": record_id, **fields}
        if late:
            self.late.add(record_id)  # its row is locked until then
            self.org.tell("late", {"records": [record]})
        else:
            self.org.tell("records", json.dumps(record | {"SystemModstamp": self.stamp(), "LastModifiedDate": self.stamp()}) + "\n")

    def edit_org(self):
        r, sobject = self.random, self.random.choice(["Lead", "Lead", "Contact"])
        records, kind = [record for record in self.records(sobject) if record["Id"][:15] not in self.late], r.random()
        if not records or kind < 0.15:
            self.put_record(sobject, self.as_salesforce(self.whole(sobject)), late=r.random() < 0.2)
        elif kind < 0.7:
            self.put_record(sobject, self.as_salesforce(self.some(self.names(sobject))), r.choice(records)["Id"][:15], late=r.random() < 0.15)
        elif kind < 0.78:
            self.org.tell("delete", {"object": sobject, "id": r.choice(records)["Id"]})
        elif kind < 0.85:
            gone = [g for g in self.records(sobject, deleted=True) if not g.get("MasterRecordId")]
            if gone:
                self.org.tell("undelete", {"object": sobject, "id": r.choice(gone)["Id"]})
        elif kind < 0.93 and len(records) > 2:
            winner, loser = r.sample(records, 2)
            self.org.tell("merge", {"object": sobject, "winner": winner["Id"], "losers": [loser["Id"]]})
        elif sobject == "Lead":
            self.org.tell("convert", {"lead": r.choice(records)["Id"], "opportunity": None})

    def edit_app(self):
        r, rows, kind = self.random, self.rows(), self.random.random()
        if not rows or kind < 0.2:
            self.app.put("Lead", self.whole("Lead"))
        elif kind < 0.85:
            self.app.edit(r.choice(rows), self.some(self.names("Contact")))
        else:
            gone = self.rows(deleted=True)
            row = r.choice(gone) if gone and r.random() < 0.4 else r.choice(rows)
            row["deleted"] = not row["deleted"]
            row["modified"] = self.stamp()

    def disagree(self):
        """The same field is edited on both sides, and its policy is to hold."""
        for link in self.live_links()[:4]:
            self.tick()
            self.put_record(link["object"], {"MobilePhone": f"there{self.seconds}"}, link["salesforce_id"])
            self.app.edit(self.app.tables[link["local_object"]][link["local_id"]], {"mobile": f"here{self.seconds}"})

    def edit_planned(self, plan):
        """Behind the plan's back: what it is about to write is edited."""
        ops = [json.loads(line) for line in plan.splitlines() if '"op":"update"' in line and line.endswith("}")]
        for op in ops:
            if self.random.random() < 0.3:
                self.tick()
                names = [l for s, l, _ in FIELDS if s in op["fields"] or l in op["fields"]]
                if op["to"] == "salesforce" and names:
                    self.put_record(op["object"], self.as_salesforce({self.random.choice(names): self.fresh()}), op["id"])
                elif names:
                    self.app.edit(self.app.tables[op["local_object"]][op["local_id"]], {self.random.choice(names): self.fresh()})

    def fresh(self):
        """A value that no field had; it will do for each."""
        return str(1000 + self.seconds)

    def edits(self, most):
        for _ in range(self.random.randint(0, most)):
            self.tick()
            (self.edit_org if self.random.random() < 0.5 else self.edit_app)()

    def faults(self):
        r = self.random
        self.org.clear_faults()
        for fault in ("drop-after:on=collections,share=0.3,times=2", "503:share=0.2,times=2", "lock-row:share=0.1,times=2",
                      "row-error:share=0.1,times=2", "drop-read:on=collections,share=0.3,times=1"):
            if r.random() < 0.3:
                self.org.tell("faults", {"faults": [f"{fault},seed={r.randint(1, 999)}"]})

    # -- runs

    def run(self, command, text=None, kill=False):
        """A pipeline; its output. Killed at random if kill."""
        process = subprocess.Popen(["bash", "-c", command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=self.env, cwd=self.folder, start_new_session=True)
        if kill and self.random.random() < 0.15:
            time.sleep(self.random.random() * 0.06)
            if process.poll() is None:
                self.killed += 1
                os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate(text.encode() if text is not None else b"")
        if process.returncode not in (0, 65, 75, -9) and not kill:
            raise AssertionError(f"{command}: status {process.returncode}\n{err.decode()}")
        return out.decode()

    def commit_late(self):
        self.org.tell("late/commit", "")
        self.late.clear()

    def look(self, rough=False):
        """Both sides come into the store."""
        self.tick()
        self.run("store-apply", self.app.export(), kill=rough)
        if rough:
            self.edits(1)
        self.run("set -o pipefail; sf-pull --map map.json Lead Contact --retry-budget 5s | store-apply", kill=rough)

    def round(self, rough=False, options=""):
        self.look(rough)
        self.commit_late()  # what began before the pull is seen only now
        plan = self.run("set -o pipefail; store-query changes --consumer sync | pair-records --map map.json --rejects inline"
                        f" | resolve-conflicts --map map.json --max-share=100 --rejects inline --now {self.stamp()} {options}", kill=rough)
        if rough:
            self.edits(1)
            self.edit_planned(plan)
            self.commit_late()
        self.tick()
        before = {record["Id"]: record for record in self.org.dump()}
        pushed = self.run("set -o pipefail; sf-push --rejects inline --retry-budget 5s | tee pushed | store-apply; cat pushed", plan, kill=rough)
        for line in pushed.splitlines():
            if line.startswith('{"kind":"op","to":"salesforce"') and line.endswith("}"):
                self.check_push(before, json.loads(line))
        if rough:
            self.edits(1)
        ops = self.run("store-query ops --consumer app", kill=rough)
        self.tick()
        self.run("store-apply", self.app.import_ops(ops if ops.endswith("\n") or not ops else "", self.random if rough else None), kill=rough)

    def query(self, what):
        return [json.loads(line) for line in self.run(f"store-query {what}").splitlines()]

    # -- what must hold

    def check_push(self, before, op):
        """Nothing is written over that was not seen, and nothing that does not change."""
        self.note("salesforce", op)
        if op["op"] != "update" or not op.get("result", {}).get("ok"):
            return
        for name, value in op["fields"].items():
            local = next((l for s, l, _ in FIELDS if s == name), name)
            there, was, value = (normal(local, v) for v in (before[op["id"]].get(name), op["was"][name], value))
            assert value != was, f"{name} is written and does not change: {op}"
            assert name == "Synced__c" or there in (was, value), f"{name} was {there}, not what was seen: {op}"

    def touch_failed(self):
        """What failed for good waits for a person to mend it, and for a change: here they are."""
        failed = self.query("ops --failed")
        for op in failed:
            for error in op["result"]["errors"]:
                if error["statusCode"] == "DUPLICATE_VALUE":  # by a record whose link has ended
                    self.put_record(op["object"], {"Ext__c": None}, re.search("id: (\\w+)", error["message"])[1])
            row = self.app.tables.get(op.get("local_object"), {}).get(op.get("local_id"))
            record = next((r for r in self.org.dump(op["object"]) if r["Id"] == op.get("id")), None) if op.get("id") else None
            self.tick()
            if row and not row["deleted"]:
                self.app.edit(row, {"title": f"touched{self.seconds}"})
            elif record and not record["IsDeleted"]:
                self.put_record(op["object"], {"Title": f"touched{self.seconds}"}, record["Id"])
        return bool(failed)

    def live_links(self):
        return [link for link in self.query("links") if not link.get("ended")]

    def check_links(self, links):
        for side in (("object", "salesforce_id"), ("local_object", "local_id")):
            keys = [tuple(link[name] for name in side) for link in links]
            assert len(keys) == len(set(keys)), f"linked twice: {[k for k in keys if keys.count(k) > 1]}"

    def check_agree(self, links, held):
        records = {r["Id"]: r for r in self.org.dump() if r["attributes"]["type"] in MAP}
        for link in links:
            record, row = records[link["salesforce_id"]], self.app.tables[link["local_object"]][link["local_id"]]
            assert not record["IsDeleted"] and not row["deleted"], f"a link of what is gone: {link}"
            for salesforce, local, rules in FIELDS + ([("Company", "company", {})] if link["object"] == "Lead" else []):
                if local not in row["fields"]:
                    continue
                there, here = normal(local, record.get(salesforce)), normal(local, row["fields"][local])
                if there == here or (rules.get("direction") == "pull"):
                    continue
                if rules.get("conflict") == "hold" and salesforce in held.get(link["salesforce_id"], {}):
                    continue
                if rules.get("direction") == "push" and here is None:
                    continue
                raise AssertionError(f"{link}: {salesforce} is {there!r} there, {here!r} here")

    def check_whole(self, links):
        """Nothing is lost, nothing is there twice."""
        ended = self.query("links")
        known = {(l["object"], l["salesforce_id"]) for l in ended} | {(l["local_object"], l["local_id"], "local") for l in ended}
        for sobject in MAP:
            for record in self.records(sobject):
                assert (sobject, record["Id"]) in known, f"never linked: {sobject} {record['Id']} {record.get('Email')}"
        emails = {r["Email"] for r in self.records("Contact")}
        for row_id, row in self.app.tables["Lead"].items():
            if row["deleted"] or row["salesforce_id"] or (row["fields"].get("email") or "").strip() in emails:
                continue
            assert ("Lead", row_id, "local") in known, f"never linked: local Lead {row_id} {row}"
        made = [r["Ext__c"] for sobject in MAP for r in self.records(sobject) if r.get("Ext__c")]
        assert len(made) == len(set(made)), f"created twice: {[m for m in made if made.count(m) > 1]}"
        for rows in self.app.tables.values():
            ids = [row["salesforce_id"] for row in rows.values() if row["salesforce_id"]]
            assert len(ids) == len(set(ids)), "created twice locally"

    def check_quiet(self):
        """A further run writes nothing anywhere."""
        self.org.tell("log/reset", "")
        before = self.app.export(), {r["Id"]: r["SystemModstamp"] for r in self.org.dump() if "SystemModstamp" in r}
        self.round()
        after = self.app.export(), {r["Id"]: r["SystemModstamp"] for r in self.org.dump() if "SystemModstamp" in r}
        assert before == after, "a further run writes"
        calls = self.org.log()["api_calls"]
        assert calls <= 2, f"a quiet run makes {calls} API calls"

    def settle(self):
        self.org.clear_faults()
        self.commit_late()
        self.round()
        self.round()
        for _ in range(5):
            if not self.touch_failed():
                break
            self.round()
            self.round()
        self.look()
        pending = len([c for c in self.query("changes --consumer sync") if c["kind"] == "change"])
        self.written = []
        for _ in range(math.ceil(pending / LIMIT) + 3):
            self.round()
        twice = {w for w in self.written if self.written.count(w) > 1}
        assert not twice, f"written more than once: {sorted(map(str, twice))}"

    def check_memory(self):
        """What is edited on one side alone goes to the other, whatever the conflict rule."""
        records, edited = {r["Id"]: r for r in self.org.dump()}, []
        for link in self.live_links():
            salesforce, local, _ = self.random.choice([f for f in FIELDS if "direction" not in f[2] and f[1] not in ("email", "mobile")])
            row = self.app.tables[link["local_object"]][link["local_id"]]
            if local not in row["fields"]:
                continue  # nothing was known of it
            self.tick()
            if self.random.random() < 0.5:
                self.put_record(link["object"], {salesforce: self.fresh()}, records[link["salesforce_id"]]["Id"])
            else:
                self.app.edit(row, {local: self.fresh()})
            edited.append((link, salesforce, local, row, self.fresh()))
        for _ in range(math.ceil(len(edited) / LIMIT) + 2):
            self.round()
        records = {r["Id"]: r for r in self.org.dump()}
        for link, salesforce, local, row, value in edited:
            there, here = records[link["salesforce_id"]][salesforce], row["fields"][local]
            assert normal(local, there) == normal(local, here) == normal(local, value), f"an edit is lost: {link} {salesforce}: {there!r}, {here!r}, {value}"

    def check(self):
        links = self.live_links()
        held = {}
        for conflict in self.query("conflicts"):
            held[conflict["id"]] = conflict["fields"]
        self.check_links(links)
        self.check_agree(links, held)
        self.check_whole(links)
        self.check_quiet()


def main(number):
    with tempfile.TemporaryDirectory() as folder:
        world = World(number, os.environ.get("KEEP", folder))
        try:
            for _ in range(RECORDS):
                world.edit_org()
                world.edit_app()
            for _ in range(STEPS):
                world.faults()
                world.edits(RECORDS)
                world.round(rough=True)
            world.disagree()
            world.settle()
            world.check()
            world.held = sum(len(conflict["fields"]) for conflict in world.query("conflicts"))
            world.check_memory()
            # what is held ends when a side is taken
            world.round(options="--take local")
            for _ in range(3 + len(world.query("conflicts")) // LIMIT):
                world.round(options="--take local")
            assert not world.query("conflicts"), "a conflict stays"
            world.check()
            print(f"{number}: {len(world.live_links())} of {len(world.query('links'))} links live, {world.held} fields were held,"
                  f" {world.refused} writes refused, {world.killed} runs killed")
        finally:
            world.org.close()


first, last = (os.environ.get("SEEDS", "1-3") + "-").split("-")[:2]
for number in range(int(first), int(last or first) + 1):
    try:
        main(number)
    except Exception:
        print(f"SEEDS={number}", file=sys.stderr)
        raise
