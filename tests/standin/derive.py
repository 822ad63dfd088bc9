"""
Fields that the server works out from others. Each function gets the row as it will be and the
names of what was just set, and changes the row; `before` is None for a new record.
"""
from decimal import Decimal

import picklists
import values


def derive(database, name, row, given, before=None, now=None):
    deriver = DERIVERS.get(name)
    if deriver:
        deriver(database, row, given, before, now)
    return row


def person(database, row, given, before, now):
    if {"FirstName", "LastName"} & given and "Name" not in given or not row.get("Name"):
        parts = (row.get("FirstName"), row.get("LastName"))
        row["Name"] = " ".join(part for part in parts if part) or row.get("Name")


def contact(database, row, given, before, now):
    person(database, row, given, before, now)
    row["IsEmailBounced"] = int(bool(row.get("EmailBouncedDate")))


def stage_of(database, name):
    stages = database.find("OpportunityStage", "ApiName = ? OR MasterLabel = ?", (name, name))
    return stages[0] if stages else None


def opportunity(database, row, given, before, now):
    stage = stage_of(database, row.get("StageName")) or {}
    if "StageName" in given:
        closed, won = stage.get("IsClosed") or 0, stage.get("IsWon") or 0
        row["IsClosed"] = row["IsClosed"] if "IsClosed" in given else closed
        row["IsWon"] = row["IsWon"] if "IsWon" in given else won
        if "Probability" not in given:
            row["Probability"] = stage.get("DefaultProbability")
        if "ForecastCategoryName" not in given:
            row["ForecastCategoryName"] = stage.get("ForecastCategoryName")
            row["ForecastCategory"] = stage.get("ForecastCategory")
        if before and before["StageName"] != row["StageName"]:
            row["LastStageChangeDate"] = now
    row["ExpectedRevenue"] = expected(row.get("Amount"), row.get("Probability"))
    if row.get("CloseDate"):
        month = int(row["CloseDate"][5:7])
        row["FiscalYear"] = row["CloseDate"][:4]
        row["FiscalQuarter"] = str((month + 2) // 3)


def expected(amount, probability):
    if amount is None or probability is None:
        return None
    return values.number_text(Decimal(amount) * Decimal(probability) / 100, 2)


def related_account(database, row):
    """The account of WhatId, else of the contact."""
    what, who = row.get("WhatId"), row.get("WhoId")
    if what and what.startswith("001"):
        return what
    for prefix, name in (("006", "Opportunity"), ("003", "Contact")):
        reference = what if prefix == "006" else who
        if reference and reference.startswith(prefix):
            record = database.get(name, reference)
            if record and record["AccountId"]:
                return record["AccountId"]
    return None


def task(database, row, given, before, now):
    if "IsClosed" not in given:
        row["IsClosed"] = int(row.get("Status") in picklists.CLOSED_TASK)
    if "IsHighPriority" not in given:
        row["IsHighPriority"] = int(row.get("Priority") == "High")
    if "AccountId" not in given and (before is None or {"WhoId", "WhatId"} & given):
        row["AccountId"] = related_account(database, row)
    if not row["IsClosed"]:
        row["CompletedDateTime"] = None
    elif not row.get("CompletedDateTime"):
        row["CompletedDateTime"] = now


def event(database, row, given, before, now):
    if "ActivityDateTime" in given and "StartDateTime" not in given:
        row["StartDateTime"] = row["ActivityDateTime"]
    start = row.get("StartDateTime")
    row["ActivityDateTime"] = start
    if start:
        row["ActivityDate"] = start[:10]
        span_of_event(row, start, given)
    row["EndDate"] = (row.get("EndDateTime") or row.get("ActivityDate") or "")[:10] or None
    if "AccountId" not in given and (before is None or {"WhoId", "WhatId"} & given):
        row["AccountId"] = related_account(database, row)


def span_of_event(row, start, given):
    begin = values.read_instant(start)
    if row.get("EndDateTime") and ("EndDateTime" in given or "DurationInMinutes" not in given):
        end = values.read_instant(row["EndDateTime"])
        row["DurationInMinutes"] = str(int((end - begin).total_seconds() // 60))
    elif row.get("DurationInMinutes"):
        end = begin.timestamp() + 60 * int(Decimal(row["DurationInMinutes"]))
        row["EndDateTime"] = values.datetime_text(type(begin).fromtimestamp(end, begin.tzinfo))


def campaign_member(database, row, given, before, now):
    who = row.get("ContactId") or row.get("LeadId")
    name = "Contact" if row.get("ContactId") else "Lead"
    row["LeadOrContactId"], row["Type"] = who, name
    row["HasResponded"] = int(row.get("Status") == "Responded")
    if row["HasResponded"] and not row.get("FirstRespondedDate") and now:
        row["FirstRespondedDate"] = now[:10]
    record = database.get(name, who) if who else None
    if record:
        for field in ("Name", "FirstName", "LastName", "Email"):
            row[field] = record[field]
        row["LeadOrContactOwnerId"] = record["OwnerId"]
        row["CompanyOrAccount"] = record.get("Company")


DERIVERS = {"Contact": contact, "Lead": person, "User": person, "Opportunity": opportunity,
            "Task": task, "Event": event, "CampaignMember": campaign_member}
