"""The schema of this org: the table of objects.py, and what the options add to it or hide."""
import re
from dataclasses import dataclass

import objects
import picklists

NUMBERS = ("int", "double", "currency", "percent")
TEXTS = ("string", "textarea", "phone", "email", "url", "picklist", "multipicklist", "combobox",
         "id", "reference")
LENGTHS = {"string": 255, "textarea": 32000, "phone": 40, "email": 80, "url": 255, "picklist": 255,
           "multipicklist": 4099, "combobox": 255, "id": 18, "reference": 18}
PRECISIONS = {"int": (8, 0), "double": (18, 2), "currency": (18, 2), "percent": (16, 2)}
NAME_FIELDS = {"OpportunityStage": "MasterLabel", "Task": "Subject", "Event": "Subject"}
ADDRESS_PARTS = ["Street textarea(255)", "City string(40)", "State string(80)",
                 "PostalCode string(20)", "Country string(80)", "Latitude double(18,15)",
                 "Longitude double(18,15)", "GeocodeAccuracy picklist(40)"]
SYSTEM = {
    "full": "Id IsDeleted CreatedDate CreatedById LastModifiedDate LastModifiedById SystemModstamp",
    "kept": "Id CreatedDate CreatedById LastModifiedDate LastModifiedById SystemModstamp",
    "history": "Id IsDeleted CreatedDate CreatedById SystemModstamp",
    "field history": "Id IsDeleted CreatedDate CreatedById",
}
SYSTEM_FIELDS = {
    "Id": "Id id D", "IsDeleted": "IsDeleted boolean D label=Deleted",
    "CreatedDate": "CreatedDate datetime D", "SystemModstamp": "SystemModstamp datetime D",
    "CreatedById": "CreatedById reference D ref=User rel=CreatedBy",
    "LastModifiedDate": "LastModifiedDate datetime D",
    "LastModifiedById": "LastModifiedById reference D ref=User rel=LastModifiedBy",
}


class BadOption(Exception):
    """An option that does not fit the schema."""


@dataclass
class Field:
    name: str
    type: str
    label: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    createable: bool = False
    updateable: bool = False
    nillable: bool = False
    defaulted: bool = False
    refers_to: tuple = ()
    relation: str = None
    child: str = None
    cascade: bool = False
    id_lookup: bool = False
    external_id: bool = False
    unique: bool = False
    filterable: bool = True
    compound: str = None
    values: list = None
    restricted: bool = False
    default: str = None

    @property
    def custom(self):
        return self.name.endswith("__c")

    @property
    def number(self):
        return self.type in NUMBERS

    @property
    def polymorphic(self):
        return len(self.refers_to) > 1

    @property
    def required(self):
        return self.createable and not self.nillable and not self.defaulted


class SObject:
    def __init__(self, name, prefix, label, plural, allowed, fields):
        self.name = name
        self.prefix = prefix
        self.label = label
        self.plural = plural
        self.allowed = set(allowed.split())
        self.fields = {}
        self.columns = {}  # hidden fields too: nobody may see them, but they are stored
        self._by_lower = {}
        self._blank = None
        for field in fields:
            self.add(field)

    def add(self, field):
        self._blank = None
        self.fields[field.name] = self.columns[field.name] = field
        self._by_lower[field.name.lower()] = field

    def hide(self, name):
        field = self.field(name)
        if not field:
            raise BadOption(f"{self.name} has no field {name}")
        del self.fields[field.name], self._by_lower[field.name.lower()]

    def field(self, name):
        return self._by_lower.get(name.lower())

    def has(self, name):
        return name in self.fields

    def relation(self, name):
        """The reference field that a relationship path goes through."""
        for field in self.fields.values():
            if field.relation and field.relation.lower() == name.lower():
                return field
        return None

    def blank(self):
        """A new row before anything is set: booleans false, picklists at their defaults."""
        if self._blank is None:
            self._blank = {name: 0 if field.type == "boolean" else field.default
                           for name, field in self.columns.items() if field.type != "address"}
        return dict(self._blank)

    @property
    def name_field(self):
        name = NAME_FIELDS.get(self.name, "Name")
        return name if name in self.fields else None


class Schema:
    def __init__(self):
        self.objects = {}
        self.tables = {}  # objects that this org does not have, too
        self._by_lower = {}
        for name, prefix, label, plural, allowed, system, text in objects.OBJECTS:
            fields = list(read_fields(name, system, text))
            self.add(SObject(name, prefix, label, plural, allowed, fields))

    def add(self, sobject):
        self.objects[sobject.name] = self.tables[sobject.name] = sobject
        self._by_lower[sobject.name.lower()] = sobject

    def remove(self, name):
        sobject = self.expect(name)
        del self.objects[sobject.name], self._by_lower[sobject.name.lower()]

    def find(self, name):
        return self._by_lower.get(name.lower())

    def expect(self, name):
        sobject = self.find(name)
        if not sobject:
            raise BadOption(f"no object {name}")
        return sobject

    def of_id(self, record_id):
        for sobject in self.objects.values():
            if record_id.startswith(sobject.prefix):
                return sobject
        return None

    def children(self, sobject):
        """Fields of other objects that refer to this one, with their objects."""
        for child in self.objects.values():
            for field in child.fields.values():
                if sobject.name in field.refers_to:
                    yield child, field

    def child(self, sobject, relation):
        for child, field in self.children(sobject):
            if field.child and field.child.lower() == relation.lower():
                return child, field
        return None

    def field_at(self, path):
        """The field that an option names as OBJECT.FIELD."""
        name, _, field_name = path.partition(".")
        field = self.expect(name).field(field_name)
        if not field:
            raise BadOption(f"no field {path}")
        return field

    def add_custom(self, text):
        """OBJECT.FIELD__c:TYPE[(LENGTH)][:externalId][:unique][:required][:values=A|B]..."""
        path, *words = text.split(":")
        name, _, field_name = path.partition(".")
        if not field_name.endswith("__c"):
            raise BadOption(f"{text}: the name of a custom field ends in __c")
        sobject = self.expect(name)
        extras = {word.partition("=")[0]: word.partition("=")[2] for word in words[1:]}
        flags = "-" if "readonly" in extras else "CU" if "required" in extras else "CUN"
        field = read_field(sobject.name, f"{field_name} {words[0] if words else 'string'} {flags}")
        field.label = field_name[:-3].replace("_", " ")
        field.external_id = field.id_lookup = "externalId" in extras
        field.unique = "unique" in extras
        if "values" in extras:
            field.values = extras["values"].split("|")
        field.restricted = "restricted" in extras
        if "ref" in extras:
            field.refers_to = tuple(extras["ref"].split("|"))
            field.relation = field_name[:-1] + "r"
            field.child = extras.get("child")
        sobject.add(field)


def read_fields(name, system, text):
    for word in SYSTEM[system].split():
        yield read_field(name, SYSTEM_FIELDS[word])
    for line in text.strip().splitlines():
        if line.startswith("@address"):
            yield from address(name, line[len("@address"):].strip())
        else:
            yield read_field(name, line)
    if name in objects.HAVE_RECORD_TYPES:
        yield read_field(name, "RecordTypeId reference CUN ref=RecordType")


def address(name, prefix):
    compound = prefix + "Address"
    for part in ADDRESS_PARTS:
        field = read_field(name, f"{prefix}{part} CUN")
        field.compound = compound
        yield field
    field = read_field(name, f"{compound} address N")
    field.length = 0
    yield field


def read_field(object_name, line):
    name, type_text, flags, *extras = line.split()
    kind, sizes = re.match(r"(\w+)(?:\(([\d,]+)\))?$", type_text).groups()
    sizes = [int(size) for size in sizes.split(",")] if sizes else []
    extra = {word.partition("=")[0]: word.partition("=")[2] for word in extras}
    field = Field(name, kind, extra.get("label", spaced(name)).replace("_", " "))
    if kind in PRECISIONS:
        field.precision, field.scale = (sizes + [0])[:2] if sizes else PRECISIONS[kind]
    else:
        field.length = sizes[0] if sizes else LENGTHS.get(kind, 0)
    field.createable = "C" in flags
    field.updateable = "U" in flags
    field.nillable = "N" in flags
    path = f"{object_name}.{name}"
    field.default = picklists.DEFAULTS.get(path)
    field.defaulted = "D" in flags or kind == "boolean"
    field.values = picklists.VALUES.get(path)
    field.restricted = path in picklists.RESTRICTED
    if kind == "reference":
        field.refers_to = tuple(extra["ref"].split("|")) if "ref" in extra else ()
        field.relation = extra.get("rel", name[:-2] if field.refers_to else None)
        field.child = extra.get("child")
        field.cascade = "cascade" in extra
    field.id_lookup = "lookup" in extra or kind == "id"
    field.unique = "unique" in extra
    field.filterable = "nofilter" not in extra
    return field


def spaced(name):
    """AccountId is labelled Account ID."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.sub(r"\bId\b", "ID", words)
