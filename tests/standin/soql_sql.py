"""
A SOQL tree to SQL. SQLite writes the JSON of each row itself, as one text expression, so that
large pages are quick and numbers keep their digits.
"""
from dataclasses import dataclass, field

import soql
from errors import QueryError
from schema import NUMBERS, Field
from soql import Call, Compare, Path, Query
from soql_names import Column, Names, no_object, CUSTOM_HINT
from soql_where import Conditions

FIELDS_LIMIT = 200
OFFSET_LIMIT = 2000
TRANSPARENT = ("TOLABEL", "FORMAT", "CONVERTCURRENCY")
ADDRESS = ("city", "country", "geocodeAccuracy", "latitude", "longitude", "postalCode", "state",
           "street")
INTEGER = Field("count", "int", "count")


@dataclass
class Environment:
    """What all SELECTs of one request share."""
    schema: object
    base: str  # /services/data/v66.0
    today: object
    include_deleted: bool
    parameters: dict = field(default_factory=dict)
    selects: int = 0

    def bind(self, value):
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return ":" + name


@dataclass
class Plan:
    """The statement in pieces: pages take the rows by rowid, in the order of the whole."""
    kind: str  # rows, aggregate, count
    json: str
    tail: str  # FROM ... WHERE ... GROUP BY ...
    joins: str
    order: str
    source: str
    limit: int
    offset: int
    parameters: dict

    def rows(self, at_most):
        return f"SELECT {self.json} {self.tail}{self.order}{self.window(at_most)}"

    def rowids(self):
        return f"SELECT t0.rowid {self.tail}{self.order}{self.window(None)}"

    def page(self, rowids):
        chosen = ",".join(map(str, rowids))
        return f"SELECT t0.rowid, {self.json} {self.source} {self.joins} " \
               f"WHERE t0.rowid IN ({chosen})"

    def count(self):
        return f"SELECT count(*) FROM (SELECT 1 {self.tail}{self.window(None)})"

    def window(self, at_most):
        limits = [n for n in (self.limit, at_most) if n is not None]
        if self.offset is not None:
            limits.append(OFFSET_LIMIT)
        return f" LIMIT {min(limits) if limits else -1} OFFSET {self.offset or 0}"


def compile_query(text, environment):
    query = soql.parse(text)
    sobject = environment.schema.find(query.source)
    if not sobject:
        raise QueryError("INVALID_TYPE", no_object(query.source), text, query.source_position)
    return Select(environment, query, sobject).plan()


class Select:
    def __init__(self, environment, query, sobject):
        self.environment = environment
        self.query = query
        self.sobject = sobject
        self.today = environment.today
        self.names = Names(environment.schema, query, sobject, f"t{environment.selects}")
        environment.selects += 1
        self.conditions = Conditions(self)

    def bind(self, value):
        return self.environment.bind(value)

    def error(self, code, message, position=None):
        text = None if position is None else self.query.text
        return QueryError(code, message, text, position)

    # The whole

    def plan(self, extra=None):
        query = self.query
        if query.offset is not None and query.offset > OFFSET_LIMIT:
            raise self.error("NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000")
        kind = self.kind()
        if kind == "count":
            json = "''"
        elif kind == "aggregate":
            json = self.aggregate_json()
        else:
            json = self.row_json(self.tree())
        where = self.where(extra)
        group = self.grouping() if kind == "aggregate" else ""
        order = self.ordering()
        joins = " ".join(self.names.joins)
        source = f'FROM "{self.sobject.name}" {self.names.root.alias}'
        return Plan(kind, json, f"{source} {joins}{where}{group}", joins, order, source,
                    query.limit, query.offset, self.environment.parameters)

    def kind(self):
        items = self.query.select
        if len(items) == 1 and isinstance(items[0].what, Call) and items[0].what.name == "COUNT" \
                and not items[0].what.argument:
            return "count"
        grouped = self.query.group_by or any(is_aggregate(item.what) for item in items)
        return "aggregate" if grouped else "rows"

    def where(self, extra=None):
        parts = [extra] if extra else []
        if not self.environment.include_deleted:
            alias = self.names.root.alias
            parts += [f"{alias}.{flag} = 0" for flag in ("IsDeleted", "IsArchived")
                      if flag in self.sobject.columns]
        if self.query.where:
            parts.append(self.conditions.sql(self.query.where))
        return " WHERE " + " AND ".join(parts) if parts else ""

    def ordering(self):
        terms = []
        for what, descending, nulls_first in self.query.order_by:
            sql = self.sort_key(what)
            terms.append(sql + (" DESC" if descending else "")
                         + (" NULLS FIRST" if nulls_first and descending else "")
                         + (" NULLS LAST" if not nulls_first and not descending else ""))
        return " ORDER BY " + ", ".join(terms) if terms else ""

    def sort_key(self, what):
        alias = self.by_alias(what)
        column = self.value(alias or what)
        if not column.field.filterable or column.field.type in ("textarea", "address"):
            raise self.error("INVALID_FIELD", f"field '{column.field.name}' can not be sorted in a "
                             "query call", what.position)
        if column.field.number:
            return f"CAST({column.sql} AS REAL)"
        return column.sql if column.plain else f"{column.sql} COLLATE NOCASE"

    def by_alias(self, what):
        if isinstance(what, Path) and len(what.parts) == 1:
            for item in self.query.select:
                if item.alias and item.alias.lower() == what.parts[0].lower():
                    return item.what
        return None

    # Values

    def value(self, what):
        """The Column of a field or a function."""
        if isinstance(what, Path):
            return self.names.column(what)[0]
        if what.name in TRANSPARENT:
            return self.value(what.argument)
        if what.name in soql.DATE_PARTS:
            return self.date_part(what)
        if what.name in soql.AGGREGATES:
            return self.aggregate(what)
        raise self.error("MALFORMED_QUERY", f"unexpected function: '{what.name}'", what.position)

    def date_part(self, call):
        sql = self.value(call.argument).sql
        if call.name == "DAY_ONLY":
            return Column(f"substr({sql}, 1, 10)", Field("day", "date", "day"), plain=False)
        start, length = {"CALENDAR_YEAR": (1, 4), "CALENDAR_MONTH": (6, 2),
                         "DAY_IN_MONTH": (9, 2), "HOUR_IN_DAY": (12, 2)}[call.name]
        return Column(f"CAST(substr({sql}, {start}, {length}) AS INTEGER)", INTEGER, plain=False)

    def aggregate(self, call):
        if not call.argument:
            return Column("count(*)", INTEGER, plain=False)
        column = self.value(call.argument)
        kind, sql = column.field.type, column.sql
        if call.name == "COUNT":
            return Column(f"count({sql})", INTEGER, plain=False)
        if call.name == "COUNT_DISTINCT":
            return Column(f"count(DISTINCT {sql})", INTEGER, plain=False)
        if call.name in ("SUM", "AVG"):
            if kind not in NUMBERS:
                raise self.error("MALFORMED_QUERY", f"field {column.field.name} does not support "
                                 f"aggregate operator {call.name}", call.position)
            total = f"sf_{call.name.lower()}({sql})"
            if kind == "int" and call.name == "SUM":
                return Column(total, INTEGER, plain=False)
            return Column(f"sf_double({total})", Field("sum", "double", "sum"), plain=False)
        if kind == "int":
            return Column(f"{call.name}(CAST({sql} AS INTEGER))", column.field, plain=False)
        if kind in NUMBERS:
            return Column(f"sf_double({call.name}(CAST({sql} AS REAL)))", column.field, plain=False)
        return Column(f"{call.name}({sql})", column.field, plain=False)

    # Rows

    def tree(self):
        """What is selected, parents nested: {name: Column, subtree or Query}."""
        tree = {}
        for what, alias in self.selected():
            if isinstance(what, Query):
                child, reference = self.child(what)
                self.put(tree, (reference.child,), (what, child, reference), what.source_position)
                continue
            path = what.argument if isinstance(what, Call) and what.name in TRANSPARENT else what
            if not isinstance(path, Path):
                raise self.error("MALFORMED_QUERY", f"unexpected function: '{what.name}'",
                                 what.position)
            column, spelled = self.names.column(path)
            if alias and path is what:
                raise self.error("MALFORMED_QUERY", "only aggregate expressions use field aliasing",
                                 path.position)
            self.put(tree, (alias,) if alias else spelled, column, path.position)
        return tree

    def put(self, tree, spelled, leaf, position):
        for step in spelled[:-1]:
            tree = tree.setdefault(step, {})
        if spelled[-1] in tree:
            raise self.error("INVALID_FIELD", f"duplicate field selected: {'.'.join(spelled)}",
                             position)
        tree[spelled[-1]] = leaf

    def selected(self):
        for item in self.query.select:
            if isinstance(item.what, Call) and item.what.name == "FIELDS":
                yield from ((path, None) for path in self.all_fields(item.what))
            else:
                yield item.what, item.alias

    def all_fields(self, call):
        which = call.argument.parts[0].upper() if isinstance(call.argument, Path) else ""
        if which not in ("ALL", "STANDARD", "CUSTOM"):
            raise self.error("MALFORMED_QUERY", "The SOQL FIELDS function must have an argument of "
                             "ALL, STANDARD or CUSTOM", call.position)
        if which != "STANDARD" and not self.bounded():
            raise self.error("MALFORMED_QUERY", "The SOQL FIELDS function must have a LIMIT of at "
                             "most 200")
        for each in self.sobject.fields.values():
            if which == "ALL" or each.custom == (which == "CUSTOM"):
                yield Path((each.name,), call.position)

    def bounded(self):
        where = self.query.where
        by_id = isinstance(where, Compare) and where.operator in ("IN", "=") and \
            isinstance(where.left, Path) and where.left.parts[-1].lower() == "id" and \
            not isinstance(where.right, Query)
        few = by_id and (where.operator == "=" or len(where.right) <= FIELDS_LIMIT)
        return few or self.query.limit is not None and self.query.limit <= FIELDS_LIMIT

    def row_json(self, tree, spelled=()):
        table = self.names.table(spelled)
        url = f"{self.environment.base}/sobjects/"
        pieces = [f"""'{{"attributes":{{"type":"' || {self.type_name(table)} || '","url":"{url}' """
                  f"""|| {table.type_sql} || '/' || {table.id_sql} || '"}}'"""]
        for name, leaf in tree.items():
            if isinstance(leaf, dict):
                inner = self.row_json(leaf, spelled + (name,))
                empty = self.names.table(spelled + (name,)).id_sql
                value = f"CASE WHEN {empty} IS NULL THEN 'null' ELSE {inner} END"
            elif isinstance(leaf, tuple):
                value = self.children_json(*leaf)
            else:
                value = json_sql(leaf)
            pieces.append(f"""',"{name}":' || {value}""")
        return concatenated(pieces + ["'}'"])

    @staticmethod
    def type_name(table):
        return "'Name'" if table.type == "Name" else table.type_sql

    def child(self, query):
        found = self.environment.schema.child(self.sobject, query.source)
        if not found:
            hint = CUSTOM_HINT.format(what="relationship", c="r",
                                      custom="custom relationship name")
            raise self.error("INVALID_TYPE", f"Didn't understand relationship '{query.source}' in "
                             f"FROM part of query call. {hint}", query.source_position)
        return found

    def children_json(self, query, child, reference):
        select = Select(self.environment, query, child)
        own = f'{select.names.root.alias}."{reference.name}" = {self.names.root.id_sql}'
        # a LIMIT keeps SQLite from dropping the inner ORDER BY
        rows = select.plan(own)
        inner = f"SELECT {rows.json} AS j {rows.tail}{rows.order}{rows.window(None)}"
        return f"""(SELECT CASE count(*) WHEN 0 THEN 'null' ELSE '{{"totalSize":' || count(*) """ \
               f"""|| ',"done":true,"records":[' || group_concat(j, ',') || ']}}' END """ \
               f"FROM ({inner}))"

    def semi_join(self, query):
        sobject = self.environment.schema.find(query.source)
        if not sobject:
            raise self.error("INVALID_TYPE", no_object(query.source), query.source_position)
        select = Select(self.environment, query, sobject)
        column = select.value(query.select[0].what)
        if len(query.select) > 1 or column.field.type not in ("id", "reference"):
            raise self.error("MALFORMED_QUERY", "The inner select of a semi-join selects one id "
                             "or reference field", query.source_position)
        plan = select.plan()
        return f"SELECT {column.sql} {plan.tail}{' AND' if ' WHERE ' in plan.tail else ' WHERE'} " \
               f"{column.sql} IS NOT NULL{plan.order}{plan.window(None)}"

    # Aggregates

    def aggregate_json(self):
        groups = [self.value(what).sql for what in self.query.group_by]
        pieces = ["""'{"attributes":{"type":"AggregateResult"}'"""]
        unnamed = 0
        for item in self.query.select:
            if isinstance(item.what, Query):
                raise self.error("MALFORMED_QUERY", "Grouped query cannot have a subquery")
            column = self.value(item.what)
            if not is_aggregate(item.what) and column.sql not in groups:
                raise self.error("MALFORMED_QUERY", "Field must be grouped or aggregated: "
                                 f"{column.field.name}", item.what.position)
            label = item.alias
            if not label and isinstance(item.what, Path):
                label = self.names.column(item.what)[1][-1]
            elif not label:
                label, unnamed = f"expr{unnamed}", unnamed + 1
            pieces.append(f"""',"{label}":' || {json_sql(column)}""")
        return concatenated(pieces + ["'}'"])

    def grouping(self):
        if not self.query.group_by:
            return ""
        sql = " GROUP BY " + ", ".join(self.value(what).sql for what in self.query.group_by)
        if self.query.having:
            sql += " HAVING " + self.conditions.sql(self.query.having)
        return sql


def is_aggregate(what):
    return isinstance(what, Call) and what.name in soql.AGGREGATES


def json_sql(column):
    """The SQL that writes a column's value as JSON."""
    kind, sql = column.field.type, column.sql
    if kind == "boolean":
        return f"CASE WHEN {sql} THEN 'true' ELSE 'false' END"
    if kind in NUMBERS or kind == "anyType":
        return f"coalesce({sql}, 'null')"
    if kind == "address":
        return address_sql(sql)
    return f"json_quote({sql})"


def address_sql(compound):
    prefix = compound[:-len('Address"')]
    names = [f'{prefix}{part[0].upper()}{part[1:]}"' for part in ADDRESS]
    pieces = [f"""'{"{" if i == 0 else ","}"{part}":' || """
              + (f"coalesce({name}, 'null')" if part.endswith("tude") else f"json_quote({name})")
              for i, (part, name) in enumerate(zip(ADDRESS, names))]
    return f"CASE WHEN coalesce({', '.join(names)}) IS NULL THEN 'null' " \
           f"ELSE {concatenated(pieces + [chr(39) + '}' + chr(39)])} END"


def concatenated(pieces):
    """A balanced tree of ||, as SQLite bounds the depth of an expression."""
    if len(pieces) == 1:
        return pieces[0]
    half = len(pieces) // 2
    return f"({concatenated(pieces[:half])} || {concatenated(pieces[half:])})"
