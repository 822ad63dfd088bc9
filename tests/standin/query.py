"""The query resources: pages of rows, and locators for the rest."""
import itertools
import re
import threading
from array import array
from collections import OrderedDict

import soql_sql
import values
from errors import ApiError, QueryError

LOCATORS_KEPT = 1000


class Locator:
    """The rows of a query, fixed when it ran; a page shows them as they are when it is read."""

    def __init__(self, plan, rowids, user_id, size):
        self.plan = plan
        self.rowids = rowids
        self.user_id = user_id
        self.size = size


class QueryService:
    def __init__(self, database, clock, page_size, page_cut):
        self.database = database
        self.clock = clock
        self.page_size = page_size
        self.page_cut = page_cut  # of a request and the rows that a page would have: how many it has
        self.locators = OrderedDict()
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def run(self, request, include_deleted):
        text = request.query.get("q")
        if text is None:
            raise QueryError("MALFORMED_QUERY", "SOQL statements cannot be empty or null")
        environment = soql_sql.Environment(self.database.schema, request.base,
                                           self.clock.now().date(), include_deleted)
        plan = soql_sql.compile_query(text, environment)
        with self.database.lock:
            if plan.kind == "count":
                total = self.fetch(plan.count(), plan)[0][0]
                return page(total, [])
            if plan.kind == "aggregate":
                rows = self.fetch(plan.rows(None), plan)
                return page(len(rows), [row[0] for row in rows])
            return self.first_page(request, plan)

    def fetch(self, sql, plan):
        return self.database.execute(sql, plan.parameters).fetchall()

    def first_page(self, request, plan):
        full = self.size(request)
        rows = self.fetch(plan.rows(full + 1), plan)
        size = self.page_cut(request, min(full, len(rows)))
        if len(rows) <= size:
            return page(len(rows), [row[0] for row in rows])
        rowids = array("q", (row[0] for row in self.fetch(plan.rowids(), plan)))
        key = self.keep(Locator(plan, rowids, request.user_id, full))
        next_url = f"{request.base}/query/{key}-{size}"
        return page(len(rowids), [row[0] for row in rows[:size]], next_url)

    def size(self, request):
        match = re.search(r"batchSize\s*=\s*(\d+)", request.header("Sforce-Query-Options") or "")
        asked = min(max(int(match[1]), 200), 2000) if match else 2000
        return min(asked, self.page_size)

    def keep(self, locator):
        with self._lock:
            key = values.make_id("01g", next(self._numbers))
            self.locators[key] = locator
            while len(self.locators) > LOCATORS_KEPT:
                self.locators.popitem(last=False)
            return key

    def forget(self, name):
        key = name.partition("-")[0]
        self.locators.pop(values.read_id(key) or key, None)

    def next_page(self, request, name):
        key, _, offset = name.partition("-")
        locator = self.locators.get(values.read_id(key) or key)
        start = int(offset) if offset.isdigit() else -1
        if not locator or locator.user_id != request.user_id or \
                not 0 <= start < len(locator.rowids):
            raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        end = start + self.page_cut(request, min(locator.size, len(locator.rowids) - start))
        rowids = locator.rowids[start:end]
        found = dict(self.fetch(locator.plan.page(rowids), locator.plan))
        next_url = f"{request.base}/query/{key}-{end}" if end < len(locator.rowids) else None
        records = [found[rowid] for rowid in rowids if rowid in found]
        return page(len(locator.rowids), records, next_url)


def page(total, records, next_url=None):
    """The text of one page; the records are JSON already."""
    after = f',"nextRecordsUrl":"{next_url}"' if next_url else ""
    done = "false" if next_url else "true"
    return f'{{"totalSize":{total},"done":{done}{after},"records":[{",".join(records)}]}}'
