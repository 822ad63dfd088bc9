"""WHERE and HAVING to SQL. SOQL knows two truth values: what is compared with null is false."""
import values
from date_literals import day_range
from soql import Logic, Query

TYPE_NAMES = {"datetime": "dateTime", "int": "int", "double": "double", "currency": "double",
              "percent": "double", "date": "date", "boolean": "boolean"}
MIDNIGHT = "T00:00:00.000+0000"


class Conditions:
    """Compiles the conditions of one SELECT (see soql_sql.Select)."""

    def __init__(self, select):
        self.select = select

    def sql(self, node):
        if isinstance(node, Logic):
            parts = [self.sql(part) for part in node.parts]
            if node.operator == "NOT":
                return f"NOT coalesce({parts[0]}, 0)"
            return "(" + f" {node.operator} ".join(parts) + ")"
        return self.compare(node)

    def error(self, code, message, position):
        return self.select.names.error(code, message, position)

    def compare(self, node):
        column = self.select.value(node.left)
        if not column.field.filterable or column.field.type in ("address", "anyType"):
            raise self.error("INVALID_FIELD", f"field '{column.field.name}' can not be filtered in "
                             "a query call", node.position)
        if isinstance(node.right, Query):
            return self.semi_join(column, node)
        if node.operator in ("INCLUDES", "EXCLUDES"):
            return self.includes(column, node)
        if node.operator in ("IN", "NOT IN"):
            return self.in_list(column, node)
        return self.single(column, node.operator, node.right)

    def semi_join(self, column, node):
        inner = self.select.semi_join(node.right)
        negated = "NOT " if node.operator == "NOT IN" else ""
        return f"({column.sql} IS NOT NULL AND {column.sql} {negated}IN ({inner}))"

    def includes(self, column, node):
        """'A;B' asks for a value that has both A and B."""
        options = []
        for literal in node.right:
            wanted = [self.select.bind(f"%;{part.casefold()};%")
                      for part in str(literal.value).split(";")]
            padded = f"';' || sf_fold({column.sql}) || ';'"
            options.append("(" + " AND ".join(f"{padded} LIKE {w}" for w in wanted) + ")")
        found = f"coalesce({' OR '.join(options)}, 0)"
        return f"NOT {found}" if node.operator == "EXCLUDES" else found

    def in_list(self, column, node):
        negated = node.operator == "NOT IN"
        if any(literal.kind == "range" for literal in node.right):
            any_of = " OR ".join(self.single(column, "=", each) for each in node.right)
            return f"{'NOT ' if negated else ''}coalesce({any_of}, 0)"
        stored = [self.stored(column, literal) for literal in node.right]
        texts = [value for value in stored if value is not None]
        folded = any(is_foreign(column, value) for value in texts)
        left = self.left(column, folded)
        marks = ", ".join(self.select.bind(fold(value) if folded else value) for value in texts)
        inside = f"{left} IN ({marks})"
        if negated:
            found = f"({column.sql} IS NULL OR NOT {inside})"
            return f"({column.sql} IS NOT NULL AND {found})" if None in stored else found
        return f"({inside} OR {column.sql} IS NULL)" if None in stored else inside

    def single(self, column, operator, literal):
        if literal.kind == "range":
            return self.in_range(column, operator, literal)
        value = self.stored(column, literal)
        if value is None and column.field.type != "boolean":
            if operator == "=":
                return f"{column.sql} IS NULL"
            if operator == "!=":
                return f"{column.sql} IS NOT NULL"
            if literal.kind != "string":
                return "0"
            value = ""
        folded = is_foreign(column, value) or operator == "LIKE" and not str(value).isascii()
        left = self.left(column, folded)
        if column.field.type == "boolean":
            left, value = f"coalesce({left}, 0)", value or 0
        mark = self.select.bind(fold(value) if folded else value)
        if operator == "LIKE":
            return f"{left} LIKE {mark} ESCAPE '\\'"
        return f"{left} {'IS NOT' if operator == '!=' else operator} {mark}"

    def left(self, column, folded):
        if folded:
            return f"sf_fold({column.sql})"
        if column.field.number:
            return f"CAST({column.sql} AS REAL)"
        if column.plain or not is_text(column):
            return column.sql
        return f"{column.sql} COLLATE NOCASE"

    def in_range(self, column, operator, literal):
        name, count = literal.value
        days = day_range(name, count, self.select.today)
        if not days or column.field.type not in ("date", "datetime"):
            raise self.bad_type(column, literal)
        night = MIDNIGHT if column.field.type == "datetime" else ""
        first, after = (self.select.bind(day.isoformat() + night) for day in days)
        sql = column.sql
        return {"=": f"({sql} >= {first} AND {sql} < {after})",
                "!=": f"({sql} IS NULL OR {sql} < {first} OR {sql} >= {after})",
                "<": f"{sql} < {first}", "<=": f"{sql} < {after}",
                ">": f"{sql} >= {after}", ">=": f"{sql} >= {first}"}.get(operator, "0")

    # Literals

    def stored(self, column, literal):
        """The literal as the database holds such a value; None is null."""
        kind = column.field.type
        if literal.kind == "null":
            return None
        if kind in ("id", "reference"):
            return self.stored_id(column, literal)
        if kind == "boolean" and literal.kind == "boolean":
            return int(literal.value)
        if column.field.number and literal.kind == "number":
            return float(literal.value)
        if kind == "date" and literal.kind == "date":
            return self.checked(values.read_date, literal)
        if kind == "datetime" and literal.kind == "datetime":
            return self.checked(exact_datetime, literal)
        if kind not in TYPE_NAMES and literal.kind == "string":
            return literal.value.strip() or None
        raise self.bad_type(column, literal)

    def checked(self, read, literal):
        try:
            return read(literal.value)
        except ValueError:
            raise self.error("MALFORMED_QUERY", f"Invalid datetime: {literal.value}",
                             literal.position) from None

    def stored_id(self, column, literal):
        if literal.kind != "string":
            raise self.bad_type(column, literal)
        if literal.value == "":
            return None
        record_id = values.read_id(literal.value)
        if not record_id:
            raise self.error("INVALID_QUERY_FILTER_OPERATOR",
                             f"invalid ID field: {literal.value}", literal.position)
        return record_id

    def bad_type(self, column, literal):
        wanted = TYPE_NAMES.get(column.field.type)
        how = "should not be enclosed in quotes" if wanted else "should be enclosed in quotes"
        return self.error("INVALID_FIELD", f"value of filter criterion for field "
                          f"'{column.field.name}' must be of type {wanted or 'string'} and {how}",
                          literal.position)


def exact_datetime(text):
    return values.datetime_text(values.read_instant(text), exact=True)


def is_text(column):
    return column.field.type not in (*TYPE_NAMES, "id", "reference")


def is_foreign(column, value):
    """SQLite's NOCASE and LIKE fold ASCII only; other letters go through sf_fold."""
    return is_text(column) and isinstance(value, str) and not value.isascii()


def fold(value):
    return value.casefold() if isinstance(value, str) else value


