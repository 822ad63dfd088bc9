"""What a write may set: a body's members checked and turned into column values."""
import re

import values
from errors import ApiError, BodyError

EMAIL = re.compile(r"[^@\s,;<>()\[\]]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$")
TRUTH = {"true": 1, "1": 1, "false": 0, "0": 0}


def row_error(code, message, fields=()):
    return ApiError(404 if code == "ENTITY_IS_DELETED" else 400, code, message, list(fields))


def refuse_member(body, name):
    """What the URL says already may not be said again."""
    if isinstance(body, dict) and any(each.lower() == name.lower() for each in body):
        raise row_error("INVALID_FIELD", f"The {name} field should not be specified in the "
                        "sobject data.")


def prepare(database, sobject, body, before):
    """The columns that a body sets. `before` is the row as it is, None for a new one."""
    if not isinstance(body, dict):
        raise BodyError("Unexpected character: a record is an object at [line:1, column:1]")
    given, refused = {}, []
    for name, value in body.items():
        if name == "attributes":
            continue
        field = sobject.field(name)
        if field is None and isinstance(value, dict) and sobject.relation(name):
            reference = sobject.relation(name)
            given[reference.name] = by_external_id(database, reference, value)
            continue
        if field is None:
            raise ApiError(400, "INVALID_FIELD",
                           f"No such column '{name}' on sobject of type {sobject.name}")
        if not (field.createable if before is None else field.updateable):
            refused.append(field.name)
            continue
        given[field.name] = convert(field, value)
    if refused:
        raise row_error("INVALID_FIELD_FOR_INSERT_UPDATE",
                        f"Unable to create/update fields: {', '.join(refused)}. Please check the "
                        "security settings of this field and verify that it is read/write for "
                        "your profile or permission set.", refused)
    check_required(sobject, given, before)
    for name, value in given.items():
        if value is not None:
            check(database, sobject, sobject.columns[name], value, before)
    return given


def check_required(sobject, given, before):
    missing = []
    for field in sobject.fields.values():
        if field.nillable or field.type == "boolean":
            continue
        if before is None and field.required and given.get(field.name) is None:
            missing.append(field.name)
        elif before is not None and field.name in given and given[field.name] is None:
            missing.append(field.name)
    if missing:
        raise row_error("REQUIRED_FIELD_MISSING",
                        f"Required fields are missing: [{', '.join(missing)}]", missing)


# Types

def convert(field, value):
    if value is None:
        return 0 if field.type == "boolean" else None
    if isinstance(value, (dict, list)):
        kind = "START_OBJECT value {" if isinstance(value, dict) else "START_ARRAY value ["
        raise misfit(field, kind)
    if field.type == "boolean":
        if isinstance(value, bool):
            return int(value)
        return expect(TRUTH.get(str(value).lower()), field, value)
    if field.number:
        return convert_number(field, value)
    if isinstance(value, (bool, values.Number)):
        raise misfit(field, shown(value))
    text = value.strip()
    if text == "":
        return None
    try:
        if field.type == "date":
            return values.read_date(text[:10]) if "T" in text else values.read_date(text)
        if field.type == "datetime":
            if not re.search(r"(Z|[+-]\d\d:?\d\d)$", text):
                raise ValueError(text)
            return values.read_datetime(text)
    except ValueError:
        raise misfit(field, shown(value)) from None
    return text


def convert_number(field, value):
    text = str(value).strip()
    if isinstance(value, bool):
        raise misfit(field, shown(value))
    if text == "":
        return None
    try:
        if values.integer_digits(text) > max(field.precision - field.scale, 1):
            raise row_error("NUMBER_OUTSIDE_VALID_RANGE", f"{field.label}: value outside of valid "
                            f"range on numeric field: {text}", [field.name])
        if field.type == "int":
            number = values.number_text(text, integer=True)
            if float(number) != float(text):
                raise ValueError(text)
            return number
        return values.number_text(text, field.scale)
    except (ValueError, ArithmeticError):
        raise misfit(field, shown(value)) from None


def expect(converted, field, value):
    if converted is None:
        raise misfit(field, shown(value))
    return converted


def shown(value):
    if isinstance(value, bool):
        return f"VALUE_{str(value).upper()} value {str(value).lower()}"
    if isinstance(value, values.Number):
        kind = "INT" if re.fullmatch(r"-?\d+", value) else "FLOAT"
        return f"VALUE_NUMBER_{kind} value {value}"
    return f"VALUE_STRING value {value}"


def misfit(field, what):
    kind = field.type if field.type in ("boolean", "int", "date", "datetime") else \
        "double" if field.number else "string"
    return BodyError(f"Cannot deserialize instance of {kind} from {what} or request may be missing "
                     "a required field at [line:1, column:1]")


# Values

def check(database, sobject, field, value, before):
    if field.length and len(str(value)) > field.length and field.type != "reference":
        raise row_error("STRING_TOO_LONG", f"{field.label}: data value too large: {value} "
                        f"(max length={field.length})", [field.name])
    if field.type == "email" and not EMAIL.match(value):
        raise row_error("INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {value}",
                        [field.name])
    if field.restricted and value not in field.values:
        raise row_error("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                        f"{field.label}: bad value for restricted picklist field: {value}",
                        [field.name])
    if field.unique:
        check_unique(database, sobject, field, value, before)


def check_unique(database, sobject, field, value, before):
    alive = "AND IsDeleted = 0" if "IsDeleted" in sobject.columns else ""
    for other in database.find(sobject.name, f'"{field.name}" = ? {alive}', (value,)):
        if before is None or other["Id"] != before["Id"]:
            raise row_error("DUPLICATE_VALUE", f"duplicate value found: {field.name} duplicates "
                            f"value on record with id: {other['Id'][:15]}")


def check_references(database, sobject, given, before):
    """Ids are widened here, and must name a living record of the right object."""
    for name in list(given):
        field = sobject.columns[name]
        if field.type != "reference" or given[name] is None:
            continue
        record_id = values.read_id(given[name])
        target = database.schema.of_id(record_id) if record_id else None
        if not target or field.refers_to and target.name not in field.refers_to:
            raise row_error("MALFORMED_ID",
                            f"{field.label}: id value of incorrect type: {given[name]}", [name])
        given[name] = record_id
        if before is None or before[name] != record_id:
            check_target(database, sobject, target, record_id)


def check_target(database, sobject, target, record_id):
    row = database.get(target.name, record_id)
    if not row:
        raise row_error("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    if row.get("IsDeleted"):
        raise row_error("ENTITY_IS_DELETED", "entity is deleted")
    if target.name == "User" and not row["IsActive"]:
        raise row_error("INACTIVE_OWNER_OR_USER", "operation performed with inactive user "
                        f"[{record_id[:15]}] as owner of {sobject.name.lower()}")
    if target.name == "RecordType" and row["SobjectType"] != sobject.name:
        raise row_error("INVALID_CROSS_REFERENCE_KEY", "Record Type ID: this ID value isn't valid "
                        f"for the user: {record_id[:15]}", ["RecordTypeId"])


def by_external_id(database, reference, members):
    """The record that {"Account": {"Ext__c": "17"}} means."""
    keys = {name: value for name, value in members.items() if name != "attributes"}
    for target in (database.schema.find(name) for name in reference.refers_to):
        for name, value in keys.items():
            field = target and target.field(name)
            if not field or not (field.external_id or field.id_lookup):
                continue
            alive = "AND IsDeleted = 0" if "IsDeleted" in target.columns else ""
            rows = database.find(target.name, f'"{field.name}" = ? {alive}', (str(value),))
            if len(rows) == 1:
                return rows[0]["Id"]
            raise row_error("INVALID_FIELD", f"Foreign key external ID: {str(value).lower()} not "
                            f"found for field {field.name} in entity {target.name}")
    raise row_error("INVALID_FIELD", f"No external ID field in the reference {reference.relation}")
