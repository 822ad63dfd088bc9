"""The rows that Salesforce writes by itself when an opportunity changes."""
import values

SNAPSHOT = ("Amount", "Probability", "StageName", "CloseDate")
DATA_TYPES = {"currency": "Currency", "percent": "Percent", "double": "Double", "int": "Integer",
              "date": "DateOnly", "datetime": "DateTime", "boolean": "Boolean",
              "picklist": "DynamicEnum", "reference": "EntityId"}


def record(records, writer, before, row):
    if before is None or any(before[name] != row[name] for name in SNAPSHOT):
        snapshot(records, writer, before, row)
    if before is None:
        field_row(records, writer, row, "created", None, None, None)
        return
    opportunity = records.schema.tables["Opportunity"]
    for name in records.tracked:
        if before[name] != row[name]:
            field = opportunity.columns[name]
            field_row(records, writer, row, name, DATA_TYPES.get(field.type, "Text"),
                      any_type(field, before[name]), any_type(field, row[name]))


def snapshot(records, writer, before, row):
    copied = (*SNAPSHOT, "ExpectedRevenue", "ForecastCategory")
    add(records, writer, "OpportunityHistory", {
        "OpportunityId": row["Id"], **{name: row[name] for name in copied},
        "PrevAmount": before and before["Amount"],
        "PrevCloseDate": before and before["CloseDate"]})


def field_row(records, writer, row, name, kind, old, new):
    add(records, writer, "OpportunityFieldHistory", {
        "OpportunityId": row["Id"], "Field": name, "DataType": kind or "Text",
        "OldValue": old, "NewValue": new})


def any_type(field, value):
    if value is None or field.number:
        return value
    return values.write_json(bool(value) if field.type == "boolean" else value)


def add(records, writer, name, row):
    sobject = records.schema.tables[name]
    row["Id"] = records.database.next_id(sobject)
    stamps = {"CreatedDate": records.clock.stamp(), "SystemModstamp": records.clock.stamp(),
              "CreatedById": writer.user_id, "IsDeleted": 0}
    row.update({column: value for column, value in stamps.items() if column in sobject.columns})
    records.database.insert(name, row)
