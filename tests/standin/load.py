"""Records as they are given, stamps and Ids included: --load, POST /standin/records, a new org."""
import re
import sys

import picklists
import values
from derive import derive
from schema import read_field

REFUSED = (ValueError, KeyError, TypeError, AttributeError)
NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$")
SEEDED = "2020-01-01T00:00:00.000+0000"
GUESSES = {bool: "boolean", values.Number: "double", str: "string"}


class Loader:
    def __init__(self, database, clock, user_id):
        self.database = database
        self.schema = database.schema
        self.clock = clock
        self.user_id = user_id
        self.ignored = set()

    def load(self, lines, source):
        """Takes all lines or, if one is wrong, none. ValueError says which."""
        count = 0
        with self.database.transaction():
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                try:
                    self.put(values.read_json(line))
                except REFUSED as error:
                    raise ValueError(f"{source}:{number}: {error}") from error
                count += 1
        return count

    def put(self, record):
        name = (record.get("attributes") or {}).get("type")
        sobject = self.schema.tables.get(name)
        if not sobject:
            raise ValueError(f"no object {name} (attributes.type)")
        row = self.row(sobject, record)
        if "Id" not in row:
            row["Id"] = self.database.next_id(sobject)
        before = self.database.get(sobject.name, row["Id"])
        given = set(row)
        if before is None:
            self.database.insert(sobject.name, self.complete(sobject, row, given))
        else:
            stamp = {} if "SystemModstamp" in row else {"SystemModstamp": self.clock.stamp()}
            if "SystemModstamp" not in sobject.columns:
                stamp = {}
            merged = derive(self.database, sobject.name, {**before, **row}, given, before)
            changes = {k: v for k, v in merged.items() if v != before[k]} | stamp
            self.database.update(sobject.name, row["Id"], changes)
        if "IsDeleted" in given:
            self.log_deletion(sobject.name, row)
        return row["Id"]

    def log_deletion(self, name, row):
        """What /deleted tells; it knows a loaded record's deletion by its stamp."""
        if row["IsDeleted"]:
            self.database.execute("INSERT OR IGNORE INTO standin_deleted VALUES (?, ?, ?)",
                                  (name, row["Id"], row.get("SystemModstamp") or
                                   self.clock.stamp()))
        else:
            self.database.execute("DELETE FROM standin_deleted WHERE object = ? AND id = ?",
                                  (name, row["Id"]))

    def row(self, sobject, record):
        row = {}
        for name, value in record.items():
            field = sobject.columns.get(name)
            if field is None and name.endswith("__c") and type(value) in GUESSES:
                field = self.grow(sobject, name, GUESSES[type(value)])
            if field is None or field.type == "address":
                if name != "attributes":
                    self.ignored.add(f"{sobject.name}.{name}")
                continue
            row[name] = blank(field) if value is None or value == "" else stored(field, value)
        return row

    def grow(self, sobject, name, kind):
        """A record that has a custom field says that the org has it."""
        sobject.add(read_field(sobject.name, f"{name} {kind} CUN"))
        self.database.add_missing_columns(sobject)
        return sobject.columns[name]

    def complete(self, sobject, row, given):
        stamp = row.get("SystemModstamp") or row.get("LastModifiedDate") or \
            row.get("CreatedDate") or self.clock.stamp()
        created = row.get("CreatedDate") or row.get("LastModifiedDate") or stamp
        row = sobject.blank() | row
        for name, default in (("SystemModstamp", stamp), ("CreatedDate", created),
                              ("LastModifiedDate", stamp), ("CreatedById", self.user_id),
                              ("LastModifiedById", self.user_id), ("OwnerId", self.user_id)):
            if name in row and row[name] is None:
                row[name] = default
        if sobject.name == "User" and "IsActive" not in given:
            row["IsActive"] = 1
        if row.get("IsDeleted") and sobject.name != "User":
            row["_with"] = row["Id"]
        return derive(self.database, sobject.name, row, given, now=row.get("LastModifiedDate"))


def blank(field):
    return 0 if field.type == "boolean" else None


def stored(field, value):
    """A JSON value as the database holds it; numbers keep the text that they came with."""
    if field.type == "anyType":
        return values.write_json(value)
    if field.type == "boolean":
        return {"true": 1, "false": 0}[values.write_json(value).strip('"').lower()]
    if field.number:
        if not NUMBER.match(str(value)):
            raise ValueError(f"{field.name} is no number: {values.write_json(value)}")
        return str(value)
    if not isinstance(value, str):
        raise ValueError(f"{field.name} is no text: {values.write_json(value)}")
    if field.type == "datetime":
        return values.read_datetime(value)
    if field.type == "date":
        return values.read_date(value[:10])
    if field.type in ("id", "reference"):
        record_id = values.read_id(value)
        if not record_id:
            raise ValueError(f"{field.name} is no id: {value}")
        return record_id
    return value.strip() or None


def found_org(database, loader, org_id, username, instance):
    """What a new org has: itself, an administrator and the opportunity stages."""
    user_id, profile_id = loader.user_id, values.make_id("00e", 1)
    put = seeder(loader)
    put("Profile", Id=profile_id, Name="System Administrator", UserType="Standard")
    put("Organization", Id=org_id, Name="Stand-in", InstanceName=instance,
        OrganizationType="Developer Edition", LanguageLocaleKey="en_US", IsSandbox=False,
        TimeZoneSidKey="GMT", DefaultLocaleSidKey="en_US")
    put("User", Id=user_id, Username=username, Email=username, FirstName="Integration",
        LastName="User", Alias="integ", IsActive=True, UserType="Standard", ProfileId=profile_id,
        TimeZoneSidKey="GMT", LocaleSidKey="en_US", LanguageLocaleKey="en_US",
        EmailEncodingKey="UTF-8", CommunityNickname="integration")
    for order, (name, probability, category, closed, won) in enumerate(picklists.STAGES, 1):
        put("OpportunityStage", Id=values.make_id("01J", order), MasterLabel=name, ApiName=name,
            IsActive=True, SortOrder=values.Number(order), IsClosed=bool(closed),
            IsWon=bool(won), DefaultProbability=values.Number(f"{probability}.0"),
            ForecastCategory=category, ForecastCategoryName=category)


def seeder(loader):
    def put(kind, **fields):
        stamps = {"CreatedDate": SEEDED, "LastModifiedDate": SEEDED, "SystemModstamp": SEEDED}
        if not loader.database.get(kind, fields["Id"]):
            loader.put({"attributes": {"type": kind}, **fields, **stamps})
    return put


def load_file(loader, path):
    with open(path, encoding="utf-8") as lines:
        loader.load(lines, path)
    for name in sorted(loader.ignored):
        print(f"standin: {path}: no field {name}, left out", file=sys.stderr)
    loader.ignored.clear()
