"""sObject Collections: up to 200 records a request, each with its own result; and trees."""
import rules
import soql_sql
import values
from errors import ApiError, BodyError, no_such_key, not_found
from http_types import Response, json_response
from records import mark_rolled_back
from sobjects import writer_of
from soql import Item, Path, Query

MAX_RECORDS = 200
MAX_READ = 2000
MAX_CHUNKS = 10


class Undo(Exception):
    """Rolls back what allOrNone must not leave."""


class CollectionResources:
    def __init__(self, database, records):
        self.database = database
        self.schema = database.schema
        self.records = records

    def create(self, request):
        rows = self.rows(request)
        writer = writer_of(request)
        return self.each(request, rows, lambda row: self.create_one(writer, row))

    def create_one(self, writer, row):
        sobject = self.sobject_of(row)
        if any(name.lower() == "id" for name in row):
            raise rules.row_error("INVALID_FIELD_FOR_INSERT_UPDATE",
                                  "cannot specify Id in an insert call", ["Id"])
        return success(self.records.create(writer, sobject, row))

    def update(self, request):
        rows = self.rows(request)
        writer = writer_of(request)
        seen = set()

        def update_one(row):
            sobject = self.sobject_of(row)
            record_id = self.id_of(sobject, row)
            if record_id in seen:
                raise rules.row_error("DUPLICATE_VALUE", f"duplicate id specified: {record_id}",
                                      ["Id"])
            seen.add(record_id)
            return success(self.records.update(writer, sobject, record_id, without(row, "id")))
        return self.each(request, rows, update_one)

    def upsert(self, request, type_name, field_name):
        sobject = self.schema.find(type_name)
        if not sobject:
            raise not_found()
        field = sobject.field(field_name)
        if not field or not (field.external_id or field.id_lookup):
            raise no_such_key(field_name)
        rows = self.rows(request)
        writer = writer_of(request)
        keys = [self.key_of(field, row) for row in rows]
        folded = [key.casefold() if key else None for key in keys]

        def upsert_one(row, key):
            if self.sobject_of(row) is not sobject:
                raise rules.row_error("INVALID_TYPE", "all records must be of the type in the URL")
            if field.name == "Id":
                return self.upsert_by_id(writer, sobject, row, key)
            if not key:
                raise rules.row_error("MISSING_ARGUMENT", f"{field.name} not specified")
            if folded.count(key.casefold()) > 1:
                raise rules.row_error("DUPLICATE_VALUE", f"Duplicate external id specified: {key}",
                                      [field.name])
            return self.upsert_one(writer, sobject, field, row, key)
        pairs = iter(keys)
        return self.each(request, rows, lambda row: upsert_one(row, next(pairs)))

    def upsert_one(self, writer, sobject, field, row, key):
        if any(name.lower() == "id" for name in row):
            raise rules.row_error("INVALID_FIELD", "cannot specify Id in an upsert by external id",
                                  ["Id"])
        alive = " AND IsDeleted = 0" if "IsDeleted" in sobject.columns else ""
        found = self.database.find(sobject.name, f'"{field.name}" = ?{alive}', (key,))
        if len(found) > 1:
            raise rules.row_error("DUPLICATE_EXTERNAL_ID", f"{field.name}: more than one record "
                                  f"found for external id field: {[r['Id'] for r in found]}")
        if found:
            body = without(row, field.name)
            return success(self.records.update(writer, sobject, found[0]["Id"], body), False)
        return success(self.records.create(writer, sobject, row), True)

    def upsert_by_id(self, writer, sobject, row, key):
        body = without(row, "id")
        if not key:
            return success(self.records.create(writer, sobject, body), True)
        record_id = self.id_of(sobject, row)
        return success(self.records.update(writer, sobject, record_id, body), False)

    def delete(self, request):
        ids = [part for part in request.query.get("ids", "").split(",") if part]
        check_count(ids)
        writer = writer_of(request)
        all_or_none = request.query.get("allOrNone", "").lower() == "true"

        def delete_one(text):
            record_id = values.read_id(text.strip())
            if not record_id:
                raise rules.row_error("MALFORMED_ID", f"malformed id {text}")
            sobject = self.schema.of_id(record_id)
            if not sobject:
                raise rules.row_error("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
            return success(self.records.delete(writer, sobject, record_id))
        return self.run(request.entry, ids, delete_one, all_or_none)

    def read(self, request, type_name):
        sobject = self.schema.find(type_name)
        if not sobject:
            raise not_found()
        if request.method == "GET":
            ids, names = (request.query.get(word, "").split(",") for word in ("ids", "fields"))
        else:
            body = request.object()
            ids, names = body.get("ids"), body.get("fields")
        if not isinstance(ids, list) or not isinstance(names, list) or not ids or not names:
            raise BodyError("ids and fields are both lists, and both needed at [line:1, column:1]")
        if not all(isinstance(each, str) for each in ids + names):
            raise BodyError("Cannot deserialize instance of string at [line:1, column:1]")
        if len(ids) > MAX_READ:
            raise ApiError(400, "EXCEEDED_ID_LIMIT", f"more than {MAX_READ} ids")
        found = self.found(request, sobject, [values.read_id(each) for each in ids], names)
        texts = [found.get(values.read_id(each), "null") for each in ids]
        return Response(200, "[" + ",".join(texts) + "]")

    def found(self, request, sobject, ids, names):
        """{id: its JSON}"""
        text = f"SELECT {','.join(names)} FROM {sobject.name}"
        items = [Item(Path(tuple(name.split(".")), text.index(name))) for name in names]
        environment = soql_sql.Environment(self.schema, request.base, None, False)
        plan = soql_sql.Select(environment, Query(text, items, sobject.name), sobject).plan()
        alive = " AND IsDeleted = 0" if "IsDeleted" in sobject.columns else ""
        rowids = {row["rowid"]: row["Id"] for record_id in set(ids) for row in
                  self.database.execute(f'SELECT rowid, Id FROM "{sobject.name}" WHERE '
                                        f"Id = ?{alive}", (record_id,))}
        return {rowids[row[0]]: row[1] for row in
                self.database.execute(plan.page(rowids), plan.parameters)}

    # The rows of a request

    def rows(self, request):
        rows = request.object().get("records")
        if not is_rows(rows):
            raise BodyError("records is no array of records at [line:1, column:1]")
        check_count(rows)
        types = [type_of(row) for row in rows]
        chunks = sum(1 for i, kind in enumerate(types) if i == 0 or kind != types[i - 1])
        if chunks > MAX_CHUNKS:
            raise ApiError(400, "LIMIT_EXCEEDED", "Cannot have more than 10 chunks in a single "
                           "operation. Please rearrange the data to reduce chunking.")
        return rows

    def sobject_of(self, row):
        name = type_of(row)
        if not isinstance(name, str):
            raise rules.row_error("INVALID_TYPE", "Must send a concrete entity type.")
        sobject = self.schema.find(name)
        if not sobject:
            raise rules.row_error("INVALID_TYPE", f"sObject type '{name}' is not supported.")
        return sobject

    @staticmethod
    def id_of(sobject, row):
        text = next((value for name, value in row.items() if name.lower() == "id"), None)
        if not text:
            raise rules.row_error("MISSING_ARGUMENT", "Id not specified in an update call", ["Id"])
        record_id = values.read_id(text)
        if not record_id or not record_id.startswith(sobject.prefix):
            raise rules.row_error("MALFORMED_ID", f"malformed id {text}", ["Id"])
        return record_id

    @staticmethod
    def key_of(field, row):
        value = next((v for name, v in row.items() if name.lower() == field.name.lower()), None)
        return str(value).strip() if value not in (None, "") else None

    def each(self, request, rows, act):
        return self.run(request.entry, rows, act, request.object().get("allOrNone") is True)

    def run(self, entry, rows, act, all_or_none):
        results = []
        writes = entry.setdefault("writes", [])
        start = len(writes)
        try:
            with self.database.transaction():
                for row in rows:
                    try:
                        results.append(act(row))
                    except BodyError:
                        raise
                    except ApiError as error:
                        results.append({"success": False, "errors": [error.row_error()]})
                failed = not all(result["success"] for result in results)
                if failed and all_or_none:
                    raise Undo
        except Undo:
            results = [rolled_back(result) for result in results]
            mark_rolled_back(writes, start)
        response = json_response(200, results)
        response.rows_failed = failed
        return response

    # Trees

    def tree(self, request, type_name):
        """Records with their children, all or none."""
        writer = writer_of(request)
        results, errors = [], []
        nodes = request.object().get("records")
        if not is_rows(nodes):
            raise BodyError("records is no array of records at [line:1, column:1]")
        check_count(nodes)
        try:
            with self.database.transaction():
                for node in nodes:
                    self.plant(writer, node, {}, results, errors)
                if errors:
                    raise Undo
        except Undo:
            return json_response(400, {"hasErrors": True, "results": errors})
        return json_response(201, {"hasErrors": False, "results": results})

    def plant(self, writer, node, parent, results, errors):
        attributes = node.get("attributes")
        reference = attributes.get("referenceId") if isinstance(attributes, dict) else None
        children = {name: value["records"] for name, value in node.items()
                    if isinstance(value, dict) and is_rows(value.get("records"))}
        try:
            sobject = self.sobject_of(node)
            body = {k: v for k, v in node.items() if k not in children} | parent
            record_id = self.records.create(writer, sobject, body)
        except ApiError as error:
            errors.append({"referenceId": reference, "errors": [error.row_error()]})
            return
        results.append({"referenceId": reference, "id": record_id})
        for relation, nodes in children.items():
            found = self.schema.child(sobject, relation)
            for each in nodes:
                self.plant(writer, each, {found[1].name: record_id} if found else {}, results,
                           errors)


def is_rows(value):
    return isinstance(value, list) and all(isinstance(row, dict) for row in value)


def type_of(row):
    attributes = row.get("attributes")
    return attributes.get("type") if isinstance(attributes, dict) else None


def success(record_id, created=None):
    result = {"id": record_id, "success": True, "errors": []}
    if created is not None:
        result["created"] = created
    return result


def rolled_back(result):
    if not result["success"]:
        return result
    error = {"statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK", "fields": [],
             "message": "Record rolled back because not all records were valid and the request was "
                        "using AllOrNone header"}
    return {"success": False, "errors": [error]}


def check_count(rows):
    if not rows:
        raise ApiError(400, "REQUIRED_FIELD_MISSING", "The request has no records")
    if len(rows) > MAX_RECORDS:
        raise ApiError(400, "EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than "
                       "200 records with this operation")


def without(row, name):
    return {key: value for key, value in row.items() if key.lower() != name.lower()}
