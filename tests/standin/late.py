"""Transactions that commit late: rows that have their stamps now and are seen only later."""
import threading
from datetime import timedelta

import values
from http_types import json_response

STAMPS = ("SystemModstamp", "LastModifiedDate")


class Transaction:
    def __init__(self, lines, ids, began, requests, until):
        self.lines = lines
        self.ids = ids
        self.began = began
        self.requests = requests  # data requests that do not see it yet, or None
        self.until = until        # when the clock shows this, or None

    def summary(self):
        until = self.until and values.datetime_text(self.until)
        return {"ids": self.ids, "began": values.datetime_text(self.began),
                "requests": self.requests, "until": until}


class Late:
    def __init__(self, database, clock, loader):
        self.database = database
        self.clock = clock
        self.loader = loader
        self.open = []
        self._lock = threading.Lock()

    # What the control endpoints do

    def begin(self, request):
        body = request.object()
        when = body.get("visible_after") or {}
        if not set(when) <= {"requests", "seconds"}:
            raise ValueError('visible_after is {"requests":N} or {"seconds":N}')
        now = self.clock.now()
        requests = int(when["requests"]) if "requests" in when else None
        until = now + timedelta(seconds=float(when["seconds"])) if "seconds" in when else None
        with self.database.lock:
            records = [self.stamped(record, now) for record in body["records"]]
        lines = [values.write_json(record) for record in records]
        transaction = Transaction(lines, [r["Id"] for r in records], now, requests, until)
        with self._lock:
            self.open.append(transaction)
        return json_response(200, {"ids": transaction.ids})

    def stamped(self, record, now):
        """With an Id and the stamps of now, unless it has its own."""
        sobject = self.database.schema.tables[record["attributes"]["type"]]
        record = {"Id": self.database.next_id(sobject), **record} if "Id" not in record \
            else dict(record)
        names = [name for name in STAMPS if name in sobject.columns] or ["CreatedDate"]
        for name in names:
            record.setdefault(name, values.datetime_text(now))
        record["Id"] = self.loader.row(sobject, record)["Id"]  # refuses what it could not load
        return record

    def show(self):
        with self._lock:
            return json_response(200, [each.summary() for each in self.open])

    def commit_all(self):
        self.commit(lambda each: True)

    # What requests do

    def before_request(self):
        """A data request is about to be carried out."""
        if not self.open:
            return
        self.commit_due()
        for each in self.open:
            if each.requests is not None:
                each.requests -= 1

    def commit_due(self):
        now = self.clock.now()
        self.commit(lambda each: each.requests == 0 or each.until is not None and now >= each.until)

    def commit(self, is_due):
        with self.database.lock:
            with self._lock:
                due = [each for each in self.open if is_due(each)]
                self.open = [each for each in self.open if each not in due]
            for each in due:
                self.loader.load(each.lines, "late")

    def oldest(self):
        """When the oldest open transaction began, or None: /updated vouches for no time after."""
        with self._lock:
            return min((each.began for each in self.open), default=None)
