"""Merging records and converting leads, which REST itself has no resource for."""
import picklists
from rules import row_error

MERGEABLE = ("Account", "Contact", "Lead")


def merge(records, writer, name, winner, losers):
    """The losers go to the recycle bin and name the winner, to which what referred to them now
    refers."""
    if name not in MERGEABLE:
        raise ValueError(f"{name} can not be merged")
    sobject = records.schema.tables[name]
    with records.database.transaction():
        row = records.living(sobject, winner)
        for loser in losers:
            lost = records.living(sobject, loser)
            reparent(records, writer, sobject, loser, winner)
            records.bury(writer, sobject, lost, loser, MasterRecordId=winner)
        records.database.update(name, winner, records.stamps(writer, row))


def reparent(records, writer, sobject, old, new):
    for child, field in list(records.schema.children(sobject)):
        if field.name == "MasterRecordId":
            continue
        for row in records.database.find(child.name, f'"{field.name}" = ?', (old,)):
            records.database.update(child.name, row["Id"],
                                    {field.name: new, **records.stamps(writer, row)})


def convert(records, writer, asked):
    """{"lead", "account", "contact", "opportunity"} to the ids that the lead became."""
    tables = records.schema.tables
    with records.database.transaction():
        lead = records.living(tables["Lead"], asked["lead"])
        if lead["IsConverted"]:
            raise row_error("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
        account = asked.get("account") or records.create(writer, tables["Account"],
                                                         account_of(lead))
        contact = asked.get("contact") or records.create(writer, tables["Contact"],
                                                         contact_of(lead, account))
        opportunity = asked.get("opportunity")
        if "opportunity" not in asked or opportunity is True:
            opportunity = records.create(writer, tables["Opportunity"],
                                         opportunity_of(records, lead, account, contact))
        changes = {"IsConverted": 1, "ConvertedDate": records.clock.stamp()[:10],
                   "ConvertedAccountId": account, "ConvertedContactId": contact,
                   "ConvertedOpportunityId": opportunity or None,
                   "Status": picklists.CONVERTED_LEAD}
        records.database.update("Lead", lead["Id"], {**changes, **records.stamps(writer, lead)})
    return {"lead": lead["Id"], "account": account, "contact": contact,
            "opportunity": opportunity or None}


def account_of(lead):
    return given({"Name": lead["Company"], "Phone": lead["Phone"], "Website": lead["Website"],
                  "Industry": lead["Industry"], "OwnerId": lead["OwnerId"]})


def contact_of(lead, account):
    copied = ("FirstName", "LastName", "Salutation", "Title", "Email", "Phone", "MobilePhone",
              "LeadSource", "OwnerId")
    return given({name: lead[name] for name in copied} | {"AccountId": account})


def opportunity_of(records, lead, account, contact):
    month = int(records.clock.stamp()[5:7])
    quarter_end = ("03-31", "06-30", "09-30", "12-31")[(month - 1) // 3]
    return given({"Name": f"{lead['Company']}-"[:120], "AccountId": account, "ContactId": contact,
                  "StageName": picklists.STAGE_NAMES[0], "OwnerId": lead["OwnerId"],
                  "CloseDate": f"{records.clock.stamp()[:4]}-{quarter_end}",
                  "LeadSource": lead["LeadSource"]})


def given(body):
    return {name: value for name, value in body.items() if value is not None}
