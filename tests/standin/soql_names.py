"""What the names of a query mean: relationship paths to joins and SQL expressions."""
from dataclasses import dataclass

from errors import QueryError
from schema import Field

CUSTOM_HINT = ("If you are attempting to use a custom {what}, be sure to append the '__{c}' after "
               "the {custom}. Please reference your WSDL or the describe call for the appropriate "
               "names.")
# The fields of the Name object, through which Who, What and a queue's or user's Owner are read.
NAME_OBJECT = ("Id", "Type", "Name", "FirstName", "LastName", "Email", "Phone", "Title", "Alias",
               "Username", "IsActive", "UserRoleId", "ProfileId", "RecordTypeId")
MAX_LEVELS = 5


@dataclass
class Column:
    """An expression and the field that says its type."""
    sql: str
    field: Field
    plain: bool = True  # a column as it stands, whose collation holds


class Table:
    """A joined table."""

    def __init__(self, sobject, alias):
        self.sobject = sobject
        self.alias = alias
        self.type = sobject.name

    @property
    def id_sql(self):
        return f"{self.alias}.Id"

    @property
    def type_sql(self):
        return f"'{self.sobject.name}'"

    def column(self, field):
        return Column(f'{self.alias}."{field.name}"', field)

    def field(self, name):
        return self.sobject.field(name)


class NameTable:
    """What a polymorphic reference leads to: one of several tables, seen as the Name object."""

    def __init__(self, reference, tables):
        self.reference = reference
        self.tables = tables
        self.type = "Name"

    @property
    def id_sql(self):
        return "coalesce(" + ", ".join([t.id_sql for t in self.tables] + ["NULL"]) + ")"

    @property
    def type_sql(self):
        cases = " ".join(f"WHEN {t.alias}.Id IS NOT NULL THEN {t.type_sql}" for t in self.tables)
        return f"CASE {cases} END"

    def field(self, name):
        known = {each.lower(): each for each in NAME_OBJECT}.get(name.lower())
        if known == "Type":
            return Field("Type", "picklist", "Type", length=40)
        return next((f for f in (t.field(known or "-") for t in self.tables) if f), None)

    def column(self, field):
        if field.name == "Type":
            return Column(self.type_sql, field, plain=False)
        of = [f'{t.alias}."{field.name}"' for t in self.tables if t.field(field.name)]
        return Column("coalesce(" + ", ".join(of + ["NULL"]) + ")", field, plain=False)


class Names:
    """The names of one SELECT: its object and what is joined to it."""

    def __init__(self, schema, query, sobject, alias):
        self.schema = schema
        self.query = query
        self.sobject = sobject
        self.root = Table(sobject, alias)
        self.joins = []
        self._tables = {(): self.root}

    def error(self, code, message, position):
        return QueryError(code, message, self.query.text, position)

    def parts(self, path):
        own = {self.sobject.name.lower(), (self.query.alias or "").lower()}
        first = path.parts[0].lower()
        if len(path.parts) > 1 and first in own and not self.sobject.relation(first):
            return path.parts[1:]
        return path.parts

    def column(self, path):
        """The Column that a path names, and the path as the schema spells it."""
        *steps, last = self.parts(path)
        if len(steps) > MAX_LEVELS:
            raise self.error("INVALID_FIELD", "relationship path has more than 5 levels",
                             path.position)
        table, spelled = self.root, ()
        for step in steps:
            table, spelled = self.step(table, spelled, step, path)
        field = table.field(last)
        if not field:
            raise self.error("INVALID_FIELD", no_column(last, table.type), path.position)
        return table.column(field), spelled + (field.name,)

    def table(self, spelled):
        return self._tables[spelled]

    def step(self, table, spelled, name, path):
        reference = isinstance(table, Table) and table.sobject.relation(name)
        if not reference:
            hint = CUSTOM_HINT.format(what="relationship", c="r",
                                      custom="custom relationship name")
            raise self.error("INVALID_FIELD", f"Didn't understand relationship '{name}' in field "
                             f"path. {hint}", path.position)
        spelled += (reference.relation,)
        if spelled not in self._tables:
            self._tables[spelled] = self.join(table, reference)
        return self._tables[spelled], spelled

    def join(self, table, reference):
        targets = [self.schema.objects[name] for name in reference.refers_to
                   if name in self.schema.objects]
        tables = []
        for target in targets:
            alias = f"{self.root.alias}_{len(self.joins)}"
            self.joins.append(f'LEFT JOIN "{target.name}" {alias} ON {alias}.Id = '
                              f'{table.alias}."{reference.name}"')
            tables.append(Table(target, alias))
        return tables[0] if len(tables) == 1 else NameTable(reference, tables)


def no_column(name, entity):
    hint = CUSTOM_HINT.format(what="field", c="c", custom="custom field name")
    return f"No such column '{name}' on entity '{entity}'. {hint}"


def no_object(name):
    hint = CUSTOM_HINT.format(what="object", c="c", custom="entity name")
    return f"sObject type '{name}' is not supported. {hint}"
