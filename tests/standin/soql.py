"""SOQL text to a tree. What the names mean is soql_sql's business."""
import re
from dataclasses import dataclass, field

from errors import QueryError

TOKEN = re.compile(r"""
    (?P<space>\s+)
  | (?P<string>'(?:[^'\\]|\\.)*')
  | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
  | (?P<date>\d{4}-\d\d-\d\d(?![T\d]))
  | (?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w-]))
  | (?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
  | (?P<sign><=|>=|!=|<>|[=<>(),:])
""", re.X | re.S)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "'": "'", '"': '"', "\\": "\\"}
AGGREGATES = ("COUNT", "COUNT_DISTINCT", "MIN", "MAX", "SUM", "AVG")
DATE_PARTS = ("CALENDAR_YEAR", "CALENDAR_MONTH", "DAY_IN_MONTH", "DAY_ONLY", "HOUR_IN_DAY")
CLAUSES = {"FROM", "WHERE", "GROUP", "ORDER", "LIMIT", "OFFSET", "HAVING", "WITH", "FOR", "ALL",
           "USING", "AND", "OR", "NOT", "ASC", "DESC", "NULLS", "UPDATE"}
MAX_LENGTH = 100_000
MAX_DEPTH = 100


@dataclass
class Token:
    kind: str
    text: str
    position: int

    @property
    def word(self):
        return self.text.upper() if self.kind == "name" else None


@dataclass
class Path:
    """A field, by its relationship path: ("Account", "Name")."""
    parts: tuple
    position: int


@dataclass
class Call:
    """COUNT(), MAX(field), FIELDS(ALL), CALENDAR_YEAR(field), toLabel(field)."""
    name: str
    argument: object
    position: int


@dataclass
class Item:
    """One thing selected: a Path, a Call or a Query, and its alias."""
    what: object
    alias: str = None


@dataclass
class Literal:
    kind: str  # string, datetime, date, number, boolean, null, range (a date literal)
    value: object
    position: int


@dataclass
class Compare:
    left: object
    operator: str  # = != < > <= >= LIKE IN NOT IN INCLUDES EXCLUDES
    right: object  # a Literal, a list of them, or a Query
    position: int


@dataclass
class Logic:
    operator: str  # AND OR NOT
    parts: list


@dataclass
class Query:
    text: str
    select: list = field(default_factory=list)
    source: str = None
    source_position: int = 0
    alias: str = None
    where: object = None
    group_by: list = field(default_factory=list)
    having: object = None
    order_by: list = field(default_factory=list)  # (what, descending, nulls first)
    limit: int = None
    offset: int = None


def parse(text):
    if len(text) > MAX_LENGTH:
        raise QueryError("MALFORMED_QUERY", "SOQL statements can't be longer than "
                         f"{MAX_LENGTH} characters.")
    if not text.strip():
        raise QueryError("MALFORMED_QUERY", "SOQL statements cannot be empty or null")
    parser = Parser(text)
    query = parser.query()
    parser.expect_end()
    return query


class Parser:
    def __init__(self, text):
        self.text = text
        self.tokens = list(tokens(text))
        self.at = 0
        self.depth = 0

    # Reading tokens

    @property
    def token(self):
        return self.tokens[self.at]

    def unexpected(self, token=None):
        token = token or self.token
        shown = token.text if token.kind != "end" else "<EOF>"
        return QueryError("MALFORMED_QUERY", f"unexpected token: '{shown}'", self.text,
                          token.position)

    def advance(self):
        token = self.token
        if token.kind != "end":
            self.at += 1
        return token

    def take(self, *words):
        """The words, if they come next."""
        for ahead, word in enumerate(words):
            token = self.tokens[min(self.at + ahead, len(self.tokens) - 1)]
            if token.word != word and token.text != word:
                return False
        self.at += len(words)
        return True

    def expect(self, word):
        if not self.take(word):
            raise self.unexpected()

    def expect_end(self):
        if self.token.kind != "end":
            raise self.unexpected()

    def name(self):
        if self.token.kind != "name" or self.token.word in CLAUSES:
            raise self.unexpected()
        return self.advance()

    def path(self):
        token = self.name()
        return Path(tuple(token.text.split(".")), token.position)

    def integer(self):
        if self.token.kind != "number" or not self.token.text.isdigit():
            raise self.unexpected()
        return int(self.advance().text)

    def deeper(self):
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.unexpected()

    # Clauses

    def query(self):
        self.deeper()
        query = Query(self.text)
        self.expect("SELECT")
        query.select.append(self.selected())
        while self.take(","):
            query.select.append(self.selected())
        self.expect("FROM")
        source = self.name()
        query.source, query.source_position = source.text, source.position
        self.take("AS")
        if self.token.kind == "name" and self.token.word not in CLAUSES:
            query.alias = self.advance().text
        if self.take("USING", "SCOPE"):
            self.name()
        if self.take("WHERE"):
            query.where = self.condition()
        if self.take("WITH"):
            self.name()
        self.rest(query)
        self.depth -= 1
        return query

    def rest(self, query):
        if self.take("GROUP", "BY"):
            query.group_by.append(self.operand())
            while self.take(","):
                query.group_by.append(self.operand())
            if self.take("HAVING"):
                query.having = self.condition()
        if self.take("ORDER", "BY"):
            query.order_by.append(self.ordering())
            while self.take(","):
                query.order_by.append(self.ordering())
        if self.take("LIMIT"):
            query.limit = self.integer()
        if self.take("OFFSET"):
            query.offset = self.integer()
        if self.take("FOR"):
            self.expect(self.token.word if self.token.word in ("VIEW", "REFERENCE") else "UPDATE")
        self.take("ALL", "ROWS")

    def selected(self):
        if self.take("("):
            query = self.query()
            self.expect(")")
            return Item(query)
        what = self.operand()
        alias = None
        if self.token.kind == "name" and self.token.word not in CLAUSES:
            alias = self.advance().text
        return Item(what, alias)

    def operand(self):
        """A field or a function of one."""
        path = self.path()
        if not self.take("("):
            return path
        if path.parts[0].upper() == "FIELDS":  # its ALL is no keyword
            argument = Path((self.advance().text,), path.position)
        else:
            argument = None if self.token.text == ")" else self.operand()
        self.expect(")")
        return Call(".".join(path.parts).upper(), argument, path.position)

    def ordering(self):
        what = self.operand()
        descending = not self.take("ASC") and self.take("DESC")
        nulls_first = True
        if self.take("NULLS"):
            nulls_first = self.take("FIRST")
            if not nulls_first:
                self.expect("LAST")
        return what, descending, nulls_first

    # Conditions

    def condition(self):
        self.deeper()
        parts = [self.negation()]
        operator = None
        # AND and OR may be mixed only with parentheses
        while self.token.word in ("AND", "OR"):
            if operator not in (None, self.token.word):
                raise self.unexpected()
            operator = self.advance().word
            parts.append(self.negation())
        self.depth -= 1
        return Logic(operator, parts) if operator else parts[0]

    def negation(self):
        if self.take("NOT"):
            return Logic("NOT", [self.negation_operand()])
        return self.negation_operand()

    def negation_operand(self):
        if self.take("("):
            condition = self.condition()
            self.expect(")")
            return condition
        return self.comparison()

    def comparison(self):
        left = self.operand()
        token = self.token
        if self.take("NOT", "IN"):
            return Compare(left, "NOT IN", self.members(), left.position)
        if self.take("IN"):
            return Compare(left, "IN", self.members(), left.position)
        if token.word in ("INCLUDES", "EXCLUDES"):
            self.advance()
            return Compare(left, token.word, self.members(), left.position)
        if token.word == "LIKE" or token.text in ("=", "!=", "<>", "<", ">", "<=", ">="):
            self.advance()
            operator = "!=" if token.text == "<>" else token.text.upper()
            return Compare(left, operator, self.literal(operator == "LIKE"), left.position)
        raise self.unexpected()

    def members(self):
        self.expect("(")
        if self.token.word == "SELECT":
            query = self.query()
            self.expect(")")
            return query
        values = [self.literal()]
        while self.take(","):
            values.append(self.literal())
        self.expect(")")
        return values

    def literal(self, pattern=False):
        token = self.advance()
        if token.kind == "string":
            return Literal("string", self.unescape(token, pattern), token.position)
        if token.kind in ("datetime", "date", "number"):
            return Literal(token.kind, token.text, token.position)
        if token.word in ("TRUE", "FALSE"):
            return Literal("boolean", token.word == "TRUE", token.position)
        if token.word == "NULL":
            return Literal("null", None, token.position)
        if token.kind == "name" and token.word not in CLAUSES:
            count = self.integer() if self.take(":") else None
            return Literal("range", (token.word, count), token.position)
        raise self.unexpected(token)

    def unescape(self, token, pattern):
        def replace(match):
            character = match.group(1)
            if len(character) == 5:
                return chr(int(character[1:], 16))
            if pattern and character in "%_":
                return "\\" + character
            if pattern and character == "\\":
                return "\\\\"
            if character in ESCAPES:
                return ESCAPES[character]
            raise QueryError("MALFORMED_QUERY", f"Invalid string literal {token.text}. Illegal "
                             f"character sequence '\\{character}' in string literal.")
        return re.sub(r"\\(u[0-9a-fA-F]{4}|.)", replace, token.text[1:-1], flags=re.S)


def tokens(text):
    position = 0
    while position < len(text):
        match = TOKEN.match(text, position)
        if not match:
            raise QueryError("MALFORMED_QUERY", f"line 1:{position} no viable alternative at "
                             f"character '{text[position]}'", text, position)
        if match.lastgroup != "space":
            yield Token(match.lastgroup, match.group(), position)
        position = match.end()
    yield Token("end", "", position)
