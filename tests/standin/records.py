"""Single records: created, updated, deleted, brought back; and what follows from each."""
import history
import rules
from derive import derive
from errors import ApiError
from object_rules import check_duplicates, check_object, check_validations


class Writer:
    """Who writes, and what the request's headers say about it."""

    def __init__(self, user_id, base, auto_assign="true", allow_duplicates=False, entry=None):
        self.user_id = user_id
        self.base = base
        self.auto_assign = auto_assign
        self.allow_duplicates = allow_duplicates
        self.entry = entry

    def note(self, op, sobject, record_id, fields=None, error=None):
        """For the request log: what was sent, and what came of it."""
        if self.entry is not None:
            sent = {k: v for k, v in (fields or {}).items() if k != "attributes"} \
                if isinstance(fields, dict) or fields is None else fields
            write = {"op": op, "object": sobject.name, "id": record_id, "fields": sent}
            if error is not None:
                write["error"] = error
            self.entry.setdefault("writes", []).append(write)


def mark_rolled_back(writes, start):
    for write in writes[start:]:
        write["rolled_back"] = True


class Records:
    def __init__(self, database, clock, options, before_write):
        self.database = database
        self.schema = database.schema
        self.clock = clock
        self.validations = options.validations
        self.duplicate_rules = options.duplicate_rules
        self.assignments = options.assignments
        self.tracked = options.tracked
        self.before_write = before_write  # may refuse a row that a request writes

    # The operations, logged whatever comes of them

    def create(self, writer, sobject, body):
        return self.logged("create", writer, sobject, None, body,
                           lambda: self._create(writer, sobject, body))

    def update(self, writer, sobject, record_id, body):
        return self.logged("update", writer, sobject, record_id, body,
                           lambda: self._update(writer, sobject, record_id, body))

    def delete(self, writer, sobject, record_id):
        return self.logged("delete", writer, sobject, record_id, None,
                           lambda: self._delete(writer, sobject, record_id))

    def logged(self, op, writer, sobject, record_id, body, act):
        try:
            if writer.entry is not None:
                self.before_write(op, sobject, record_id)
            with self.database.transaction():
                record_id = act()
        except ApiError as error:
            writer.note(op, sobject, record_id, body, error.code)
            raise
        writer.note(op, sobject, record_id, body)
        return record_id

    # Create and update

    def _create(self, writer, sobject, body):
        self.allow(sobject, "create", "POST")
        given = rules.prepare(self.database, sobject, body, None)
        rules.check_references(self.database, sobject, given, None)
        row = self.new_row(writer, sobject, given)
        self.check(writer, sobject, row, given, None)
        row = derive(self.database, sobject.name, row, set(given), now=self.clock.stamp())
        row["Id"] = self.database.next_id(sobject)
        self.database.insert(sobject.name, row)
        self.after_create(writer, sobject, row)
        return row["Id"]

    def new_row(self, writer, sobject, given):
        now = self.clock.stamp()
        row = sobject.blank()
        row.update({name: value for name, value in given.items()
                    if value is not None or not sobject.columns[name].default})
        stamps = {"CreatedDate": now, "LastModifiedDate": now, "SystemModstamp": now,
                  "CreatedById": writer.user_id, "LastModifiedById": writer.user_id}
        row.update({name: value for name, value in stamps.items() if name in row})
        assigned = self.assigned_owner(writer, sobject)
        if "OwnerId" in row:
            row["OwnerId"] = assigned or row["OwnerId"] or writer.user_id
        if sobject.name == "User" and "IsActive" not in given:
            row["IsActive"] = 1
        return row

    def assigned_owner(self, writer, sobject):
        return None if writer.auto_assign == "false" else self.assignments.get(sobject.name)

    def _update(self, writer, sobject, record_id, body):
        before = self.living(sobject, record_id)
        self.allow(sobject, "update", "PATCH")
        given = rules.prepare(self.database, sobject, body, before)
        rules.check_references(self.database, sobject, given, before)
        owner = self.assigned_owner(writer, sobject)
        if owner:
            given["OwnerId"] = owner
        row = {**before, **given}
        self.check(writer, sobject, row, given, before)
        self.write(writer, sobject, before, row, set(given))
        return record_id

    def write(self, writer, sobject, before, row, given):
        """Stores a changed row with new stamps, and what follows from the change."""
        now = self.clock.stamp()
        row = derive(self.database, sobject.name, row, given, before, now)
        changes = {name: value for name, value in row.items() if value != before[name]}
        self.database.update(sobject.name, row["Id"], {**changes, **self.stamps(writer, row)})
        if sobject.name == "Opportunity":
            history.record(self, writer, before, row)
        if sobject.name == "OpportunityContactRole" and "IsPrimary" in given:
            self.primary_role(writer, row)

    def stamps(self, writer, row):
        now = self.clock.stamp()
        stamps = {"SystemModstamp": now, "LastModifiedDate": now,
                  "LastModifiedById": writer.user_id}
        return {name: value for name, value in stamps.items() if name in row}

    def check(self, writer, sobject, row, given, before):
        check_object(self.database, sobject.name, row, given, before)
        check_validations(self.validations, sobject.name, row)
        if sobject.name in self.duplicate_rules and not writer.allow_duplicates:
            named = derive(self.database, sobject.name, dict(row), set(given), before)
            check_duplicates(self.database, sobject.name, named, writer.base, before)

    def after_create(self, writer, sobject, row):
        if sobject.name == "Opportunity":
            history.record(self, writer, None, row)
            if row["ContactId"]:
                role = self.schema.tables["OpportunityContactRole"]
                self._create(writer, role, {"OpportunityId": row["Id"], "IsPrimary": True,
                                            "ContactId": row["ContactId"]})
        if sobject.name == "OpportunityContactRole":
            self.primary_role(writer, row)

    def primary_role(self, writer, row):
        """One primary role an opportunity; the opportunity names its contact."""
        opportunity = row["OpportunityId"]
        if row["IsPrimary"]:
            for other in self.database.find(
                    "OpportunityContactRole",
                    "OpportunityId = ? AND IsPrimary = 1 AND Id != ?", (opportunity, row["Id"])):
                self.database.update("OpportunityContactRole", other["Id"],
                                     {"IsPrimary": 0, **self.stamps(writer, other)})
        before = self.database.get("Opportunity", opportunity)
        contact = row["ContactId"] if row["IsPrimary"] else None
        if before and before["ContactId"] != contact:
            self.database.update("Opportunity", opportunity,
                                 {"ContactId": contact, **self.stamps(writer, before)})

    def allow(self, sobject, what, method):
        if what not in sobject.allowed:
            raise ApiError(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY" if what != "delete"
                           else "INSUFFICIENT_ACCESS_OR_READONLY",
                           f"entity type {sobject.name} does not support {what}", [])

    def living(self, sobject, record_id):
        row = self.database.get(sobject.name, record_id)
        if not row:
            raise rules.row_error("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        if row.get("IsDeleted"):
            raise rules.row_error("ENTITY_IS_DELETED", "entity is deleted")
        return row

    # Delete and undelete

    def _delete(self, writer, sobject, record_id):
        row = self.living(sobject, record_id)
        self.allow(sobject, "delete", "DELETE")
        self.bury(writer, sobject, row, record_id)
        return record_id

    def bury(self, writer, sobject, row, root, **changes):
        """Into the recycle bin, with the children that the relationship takes along."""
        self.mark_deleted(sobject, row["Id"])
        if "IsDeleted" not in sobject.columns:
            self.database.remove(sobject.name, row["Id"])
            return
        if sobject.name == "OpportunityContactRole" and root == row["Id"]:
            # a role that was removed by itself is nowhere to be seen again
            self.database.remove(sobject.name, row["Id"])
            return
        self.database.update(sobject.name, row["Id"], {
            "IsDeleted": 1, "_with": root, **self.stamps(writer, row), **changes})
        for child, field in list(self.schema.children(sobject)):
            if field.cascade:
                for each in self.database.find(child.name, f'"{field.name}" = ? AND IsDeleted = 0',
                                               (row["Id"],)):
                    self.bury(writer, child, each, root)

    def mark_deleted(self, sobject, record_id):
        self.database.execute("INSERT OR REPLACE INTO standin_deleted VALUES (?, ?, ?)",
                              (sobject.name, record_id, self.clock.stamp()))

    def undelete(self, writer, record_id):
        with self.database.transaction():
            for sobject in self.schema.tables.values():
                if "IsDeleted" not in sobject.columns:
                    continue
                for row in self.database.find(sobject.name, "_with = ? AND IsDeleted = 1",
                                              (record_id,)):
                    changes = {"IsDeleted": 0, "_with": None, **self.stamps(writer, row)}
                    if row.get("MasterRecordId"):
                        changes["MasterRecordId"] = None
                    self.database.update(sobject.name, row["Id"], changes)
                    self.database.execute("DELETE FROM standin_deleted WHERE object = ? AND "
                                          "id = ?", (sobject.name, row["Id"]))

    def purge(self, sobject, record_id):
        """Gone for good, as from an emptied recycle bin."""
        with self.database.transaction():
            self.database.remove(sobject.name, record_id)
            self.mark_deleted(sobject, record_id)
