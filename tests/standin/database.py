"""
The org's records in SQLite: a table an object, a column a field, values as values.py stores them.
One connection, used by whoever holds the lock.
"""
import sqlite3
import threading
from contextlib import contextmanager
from decimal import Decimal
from functools import lru_cache

import schema as schemas
import values

BINARY = ("id", "reference", "date", "datetime", "anyType", *schemas.NUMBERS)


class Database:
    def __init__(self, path, schema):
        self.schema = schema
        self.lock = threading.RLock()
        self.connection = sqlite3.connect(path or ":memory:", check_same_thread=False,
                                          isolation_level=None, cached_statements=512)
        self.connection.row_factory = sqlite3.Row
        self.execute("PRAGMA synchronous = OFF")
        self.execute("PRAGMA journal_mode = WAL")
        add_functions(self.connection)
        self._depth = 0
        self.create_tables()

    def execute(self, sql, parameters=()):
        return self.connection.execute(sql, parameters)

    # Tables

    def create_tables(self):
        for sobject in self.schema.tables.values():
            columns = [column_sql(field) for field in sobject.columns.values()
                       if field.name != "Id" and field.type != "address"]
            # _with: the record with which this one was deleted
            self.execute(f'CREATE TABLE IF NOT EXISTS "{sobject.name}" '
                         f'(Id TEXT PRIMARY KEY, _with TEXT, {", ".join(columns)})')
            self.add_missing_columns(sobject)
            self.create_indexes(sobject)
        self.execute("CREATE TABLE IF NOT EXISTS standin_sequence "
                     "(object TEXT PRIMARY KEY, last INTEGER)")
        self.execute("CREATE TABLE IF NOT EXISTS standin_deleted "
                     "(object TEXT, id TEXT, at TEXT, PRIMARY KEY (object, id))")

    def add_missing_columns(self, sobject):
        there = {row["name"] for row in self.execute(f'PRAGMA table_info("{sobject.name}")')}
        for field in sobject.columns.values():
            if field.name not in there and field.type != "address":
                self.execute(f'ALTER TABLE "{sobject.name}" ADD COLUMN {column_sql(field)}')

    def create_indexes(self, sobject):
        for stamp in ("SystemModstamp", "CreatedDate"):
            deleted = ["IsDeleted"] if "IsDeleted" in sobject.columns else []
            if stamp in sobject.columns:
                self.create_index(sobject, [stamp, "Id", *deleted])
        for field in sobject.columns.values():
            if field.child or field.cascade or field.unique or field.id_lookup and \
                    field.name != "Id":
                self.create_index(sobject, [field.name])

    def create_index(self, sobject, columns):
        self.execute(f'CREATE INDEX IF NOT EXISTS "{sobject.name}_{columns[0]}" '
                     f'ON "{sobject.name}" ({", ".join(columns)})')

    # Rows

    def get(self, name, record_id):
        row = self.execute(f'SELECT * FROM "{name}" WHERE Id = ?', (record_id,)).fetchone()
        return dict(row) if row else None

    def find(self, name, where, parameters=()):
        sql = f'SELECT * FROM "{name}" WHERE {where}'
        return [dict(row) for row in self.execute(sql, parameters)]

    def insert(self, name, row):
        self.execute(insert_sql(name, tuple(row)), tuple(row.values()))

    def update(self, name, record_id, changes):
        if changes:
            columns = ", ".join(f'"{column}" = ?' for column in changes)
            self.execute(f'UPDATE "{name}" SET {columns} WHERE Id = ?',
                         (*changes.values(), record_id))

    def remove(self, name, record_id):
        self.execute(f'DELETE FROM "{name}" WHERE Id = ?', (record_id,))

    def next_id(self, sobject):
        row = self.execute("SELECT last FROM standin_sequence WHERE object = ?",
                           (sobject.name,)).fetchone()
        number = row["last"] if row else 0
        while True:
            number += 1
            record_id = values.make_id(sobject.prefix, number)
            if not self.get(sobject.name, record_id):
                break
        self.execute("INSERT OR REPLACE INTO standin_sequence VALUES (?, ?)",
                     (sobject.name, number))
        return record_id

    # Transactions

    @contextmanager
    def transaction(self):
        """All or nothing; inside another one, a savepoint."""
        with self.lock:
            name = f"level{self._depth}"
            self.execute(f"SAVEPOINT {name}")
            self._depth += 1
            try:
                yield
            except BaseException:
                self.execute(f"ROLLBACK TO {name}")
                raise
            finally:
                self._depth -= 1
                self.execute(f"RELEASE {name}")


@lru_cache(maxsize=1024)
def insert_sql(name, columns):
    quoted = ", ".join(f'"{column}"' for column in columns)
    return f'INSERT INTO "{name}" ({quoted}) VALUES ({", ".join("?" * len(columns))})'


def column_sql(field):
    kind = "INTEGER" if field.type == "boolean" else "TEXT"
    collation = "" if field.type in BINARY + ("boolean",) else " COLLATE NOCASE"
    return f'"{field.name}" {kind}{collation}'


# What SQLite does not have itself

class Sum:
    def __init__(self):
        self.total, self.count = Decimal(0), 0

    def step(self, value):
        if value is not None:
            self.total += Decimal(value)
            self.count += 1

    def finalize(self):
        return str(self.total) if self.count else None


class Average(Sum):
    def finalize(self):
        return str(self.total / self.count) if self.count else None


def fold(text):
    return None if text is None else text.casefold()


def double_text(number):
    return None if number is None else values.number_text(number)


def add_functions(connection):
    connection.create_function("sf_fold", 1, fold, deterministic=True)
    connection.create_function("sf_double", 1, double_text, deterministic=True)
    connection.create_aggregate("sf_sum", 1, Sum)
    connection.create_aggregate("sf_avg", 1, Average)
