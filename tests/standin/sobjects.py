"""The sobjects resources of single records: create, read, update, delete, upsert."""
import hashlib
import re
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from urllib.parse import quote

import rules
import soql_sql
import values
from errors import ApiError, method_not_allowed, no_such_key, not_found
from http_types import Response, json_response
from records import Writer
from soql import Path, Item, Query

FILE_NAME = re.compile(r"\.(com|inc|html?|js|css|png|gif|jpe?g|php|asp|jsp|txt|xml)$", re.I)


def writer_of(request):
    duplicates = request.header("Sforce-Duplicate-Rule-Header") or ""
    allow = re.search(r"allowSave\s*=\s*true", duplicates, re.I) is not None
    return Writer(request.user_id, request.base, (request.header("Sforce-Auto-Assign") or
                                                  "true").lower(), allow, request.entry)


class SObjectResources:
    def __init__(self, database, clock, records):
        self.database = database
        self.schema = database.schema
        self.clock = clock
        self.records = records

    def create(self, request, sobject):
        body = request.json()
        rules.refuse_member(body, "Id")
        record_id = self.records.create(writer_of(request), sobject, body)
        location = f"{request.base}/sobjects/{sobject.name}/{record_id}"
        return json_response(201, {"id": record_id, "success": True, "errors": []},
                             {"Location": location})

    def row(self, request, sobject, key):
        """/sobjects/X/ID"""
        act = {"GET": self.read, "HEAD": self.read, "PATCH": self.update,
               "DELETE": self.delete}.get(request.method)
        if not act or not key:
            raise method_not_allowed(request.method, "DELETE,GET,HEAD,PATCH" if key
                                     else "GET,HEAD,POST")
        record_id = values.read_id(key)
        if not record_id:
            looks_like_id = key.isalnum() and len(key) in (15, 18)
            raise ApiError(404 if request.method == "GET" else 400, "MALFORMED_ID",
                           f"malformed id {key}") if looks_like_id else no_such_key(key)
        return act(request, sobject, record_id)

    # Rows by Id

    def read(self, request, sobject, record_id):
        row = self.visible(sobject, record_id)
        tag = etag(row) if sobject.name == "Account" else None
        if self.unchanged(request, row, tag):
            return Response(304, None, {"ETag": tag} if tag else {})
        headers = {"ETag": tag} if tag else {}
        if row.get("LastModifiedDate"):
            headers["Last-Modified"] = http_date(row["LastModifiedDate"])
        return Response(200, self.record_json(request, sobject, record_id), headers)

    def record_json(self, request, sobject, record_id):
        """All fields, or those that ?fields= names."""
        asked = request.query.get("fields")
        names = asked.split(",") if asked else list(sobject.fields)
        text = f"SELECT {','.join(names)} FROM {sobject.name}"
        query = Query(text, [Item(Path(tuple(name.strip().split(".")), text.index(name)))
                             for name in names], sobject.name)
        environment = soql_sql.Environment(self.schema, request.base, None, True)
        select = soql_sql.Select(environment, query, sobject)
        rowid = self.database.execute(f'SELECT rowid FROM "{sobject.name}" WHERE Id = ?',
                                      (record_id,)).fetchone()[0]
        return self.database.execute(select.plan().page([rowid])).fetchone()[1]

    def update(self, request, sobject, record_id):
        body = request.json()
        rules.refuse_member(body, "Id")
        self.check_unmodified(request, self.visible(sobject, record_id), sobject)
        self.records.update(writer_of(request), sobject, record_id, body)
        return Response(204)

    def delete(self, request, sobject, record_id):
        self.visible(sobject, record_id)
        self.records.delete(writer_of(request), sobject, record_id)
        return Response(204)

    def visible(self, sobject, record_id):
        row = self.database.get(sobject.name, record_id)
        if not row or not record_id.startswith(sobject.prefix):
            raise not_found()
        if row.get("IsDeleted"):
            raise ApiError(404, "ENTITY_IS_DELETED", "entity is deleted", [])
        return row

    # Conditions

    def unchanged(self, request, row, tag):
        since = header_time(request, "If-Modified-Since")
        none_match = request.header("If-None-Match")
        if tag and none_match:
            return none_match in (tag, "*")
        return since is not None and "LastModifiedDate" in row and \
            values.read_instant(row["LastModifiedDate"]) <= since

    def check_unmodified(self, request, row, sobject):
        since = header_time(request, "If-Unmodified-Since")
        changed = since is not None and "LastModifiedDate" in row and \
            values.read_instant(row["LastModifiedDate"]) > since
        match = request.header("If-Match") if sobject.name == "Account" else None
        if changed or match not in (None, "*", etag(row)):
            raise ApiError(412, "MATCH_PRECONDITION_FAILED",
                           "The record has been changed since it was read")

    # Rows by external id

    def by_external_id(self, request, sobject, field_name, value):
        field = sobject.field(field_name)
        if not field or not (field.external_id or field.id_lookup):
            raise no_such_key(field_name)
        if not value:
            raise method_not_allowed(request.method, "GET,HEAD,POST")
        if FILE_NAME.search(value) and field.type != "email":
            raise not_found()
        if field.name == "Id":
            return self.row(request, sobject, value)
        rows = self.matches(sobject, field, value)
        if len(rows) > 1:
            return json_response(300, [f"{request.base}/sobjects/{sobject.name}/{row['Id']}"
                                       for row in rows])
        if request.method == "PATCH":
            return self.upsert(request, sobject, field, value, rows)
        if not rows:
            raise not_found()
        return self.row(request, sobject, rows[0]["Id"])

    def matches(self, sobject, field, value):
        alive = " AND IsDeleted = 0" if "IsDeleted" in sobject.columns else ""
        return self.database.find(sobject.name, f'"{field.name}" = ?{alive} ORDER BY Id', (value,))

    def upsert(self, request, sobject, field, value, rows):
        body = request.object()
        rules.refuse_member(body, field.name)
        rules.refuse_member(body, "Id")
        writer = writer_of(request)
        if rows:
            self.check_unmodified(request, rows[0], sobject)
            record_id = self.records.update(writer, sobject, rows[0]["Id"], body)
            if request.version < 46:
                return Response(204)
        elif request.query.get("updateOnly", "").lower() == "true":
            raise not_found()
        else:
            record_id = self.records.create(writer, sobject, {**body, field.name: value})
        result = {"id": record_id, "success": True, "errors": [], "created": not rows}
        location = f"{request.base}/sobjects/{sobject.name}/{quote(record_id)}"
        return json_response(200 if rows else 201, result, {} if rows else {"Location": location})


def header_time(request, name):
    text = request.header(name)
    if text is None:
        return None
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        raise ApiError(400, "INVALID_HEADER", f"{name}: no HTTP date: {text}") from None
    return when.replace(tzinfo=when.tzinfo or timezone.utc)


def http_date(stamp):
    when = values.read_instant(stamp)
    return datetime.strftime(when, "%a, %d %b %Y %H:%M:%S GMT")


def etag(row):
    digest = hashlib.sha1(f"{row['Id']}{row['SystemModstamp']}".encode()).hexdigest()
    return f'"{digest[:27]}=-gzip"'
