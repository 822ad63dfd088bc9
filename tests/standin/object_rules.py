"""Rules of single objects that Salesforce itself has, and those that options switch on."""
from rules import row_error
from values import Raw

DUPLICATE_MESSAGE = "Use one of these records?"


def check_object(database, name, row, given, before):
    rule = OBJECT_RULES.get(name)
    if rule:
        rule(database, row, given, before)


def lead(database, row, given, before):
    if before and before["IsConverted"]:
        raise row_error("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")


def activity(database, row, given, before):
    if (row.get("WhoId") or "").startswith("00Q") and row.get("WhatId"):
        raise row_error("FIELD_INTEGRITY_EXCEPTION", "Related To ID: a lead can't be combined with "
                        "another related record", ["WhatId"])
    who = row.get("WhoId") or ""
    if "WhoId" in given and who.startswith("00Q"):
        if (database.get("Lead", who) or {}).get("IsConverted"):
            raise row_error("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")


def event(database, row, given, before):
    activity(database, row, given, before)
    both = {"StartDateTime", "ActivityDateTime"} <= set(given)
    if both and given["StartDateTime"] != given["ActivityDateTime"]:
        raise row_error("FIELD_INTEGRITY_EXCEPTION", "Activity Date and Start Date must be the "
                        "same", ["StartDateTime"])
    if before is None and not row.get("IsAllDayEvent"):
        if not (row.get("StartDateTime") or row.get("ActivityDateTime")):
            raise row_error("REQUIRED_FIELD_MISSING",
                            "Required fields are missing: [ActivityDateTime]",
                            ["ActivityDateTime"])
        if not row.get("EndDateTime") and row.get("DurationInMinutes") is None:
            raise row_error("REQUIRED_FIELD_MISSING",
                            "Required fields are missing: [DurationInMinutes]",
                            ["DurationInMinutes"])
    if row.get("EndDateTime") and row.get("StartDateTime", "") > row["EndDateTime"]:
        raise row_error("FIELD_INTEGRITY_EXCEPTION", "Event duration can not be negative",
                        ["DurationInMinutes"])


def campaign_member(database, row, given, before):
    if before is not None:
        return
    if row.get("ContactId"):
        row["LeadId"] = None
    column = "ContactId" if row.get("ContactId") else "LeadId"
    if not row.get(column):
        raise row_error("FIELD_INTEGRITY_EXCEPTION", "A campaign member must have a lead or a "
                        "contact", ["LeadId", "ContactId"])
    if database.find("CampaignMember", f'CampaignId = ? AND "{column}" = ? AND IsDeleted = 0',
                     (row["CampaignId"], row[column])):
        raise row_error("DUPLICATE_VALUE", "Already a campaign member.")


OBJECT_RULES = {"Lead": lead, "Task": activity, "Event": event, "CampaignMember": campaign_member}


def check_validations(validations, name, row):
    """--validation OBJECT:FIELD:MESSAGE refuses a record in which the field is blank."""
    for sobject, field, message in validations:
        if sobject == name and row.get(field) is None:
            raise row_error("FIELD_CUSTOM_VALIDATION_EXCEPTION", message, [field])


def check_duplicates(database, name, row, base, before):
    """--duplicate-rule OBJECT: the same email, else the same name and company."""
    same, keys = "Email = ?", (row.get("Email"),)
    if not row.get("Email"):
        columns = [c for c in ("Name", "Company", "Website") if row.get(c)]
        same, keys = " AND ".join(f"{c} = ?" for c in columns), [row[c] for c in columns]
    own = before["Id"] if before else ""
    found = same and database.find(name, f"{same} AND IsDeleted = 0 AND Id != ?", (*keys, own))
    if not found:
        return
    error = row_error("DUPLICATES_DETECTED", DUPLICATE_MESSAGE)
    error.fields = None
    error.extra = {"duplicateResut": duplicate_result(name, found, base)}
    raise error


def duplicate_result(name, found, base):
    records = [{"additionalInformation": [], "fieldDiffs": [], "matchConfidence": Raw("100.0"),
                "record": {"attributes": {"type": name, "url": f"{base}/sobjects/{name}/{r['Id']}"},
                           "Id": r["Id"]}} for r in found]
    return {"allowSave": True, "duplicateRule": f"Standard_{name}_Duplicate_Rule",
            "duplicateRuleEntityType": name, "errorMessage": DUPLICATE_MESSAGE,
            "matchResults": [{"entityType": name, "errors": [],
                              "matchEngine": "FuzzyMatchEngine", "matchRecords": records,
                              "rule": f"Standard_{name}_Match_Rule_v1_0", "size": len(records),
                              "success": True}]}
