"""Requests to their resources. Every request passes through Api.answer, every data request
through the gates first."""
import traceback
from functools import partial

import describe
import log
import replication
import sobjects
from collection_api import CollectionResources
from composite import CompositeResources
from errors import ApiError, method_not_allowed, not_found
from faults import Faults
from http_types import Response, json_response
from late import Late
from query import QueryService
from records import Records

OLDEST, NEWEST = 31, 67
SEASONS = ("Summer", "Winter", "Spring")  # of version 64 and on: Summer '25, Winter '26, Spring '26


class Api:
    def __init__(self, database, clock, oauth, options, control):
        self.database = database
        self.schema = database.schema
        self.clock = clock
        self.oauth = oauth
        self.control = control
        self.log = log.Log(options.log)
        self.used, self.allowance = options.used, options.limit
        self.started = clock.now()
        self.faults = Faults(self, options.fault)
        self.late = Late(database, clock, control.loader)
        self.records = Records(database, clock, options, self.faults.row)
        self.queries = QueryService(database, clock, options.page_size, self.faults.page_rows)
        self.rows = sobjects.SObjectResources(database, clock, self.records)
        self.collections = CollectionResources(database, self.records)
        self.composites = CompositeResources(database, self.dispatch)
        # each may refuse a request with an ApiError, or answer it with a Response
        self.gates = [self.oauth.authorize, self.check_allowance, self.check_content_type]

    def answer(self, request):
        if request.path.startswith("/standin/"):
            return self.guarded(self.control.handle, request)
        request.entry = log.describe(request)
        if request.base is None:
            response = self.faults.answer(request, partial(self.guarded, self.outside))
            calls = 0
        else:
            response = self.faults.answer(request, partial(self.guarded, self.data))
            calls = 1 if response.calls is None else response.calls
            self.count(response, calls)
        self.record(request, response, calls)
        return response

    def cut_off(self, request):
        """The end of a connection before the request's body is read, or None."""
        if not self.faults.faults or request.path.startswith("/standin/"):
            return None
        request.entry = log.describe(request)
        response = self.faults.cut_off(request)
        if response:
            self.record(request, response, 0)
        return response

    def count(self, response, calls):
        with self.database.lock:
            self.used += calls
            if response.from_org:
                response.headers.setdefault("Sforce-Limit-Info",
                                            f"api-usage={self.used}/{self.allowance}")

    def guarded(self, act, request):
        try:
            with self.database.lock:
                return act(request)
        except ApiError as error:
            response = json_response(error.status, error.body())
            response.calls = 0 if error.status == 401 or \
                error.code == "REQUEST_LIMIT_EXCEEDED" else None
            return response
        except Exception:
            traceback.print_exc()
            return json_response(500, ApiError(500, "UNKNOWN_EXCEPTION", "An unexpected error "
                                               "occurred. Please include this ErrorId if you "
                                               "contact support: 1-1 (1)").body())

    def record(self, request, response, calls):
        entry = {"time": self.clock.stamp(), **request.entry}
        for name in ("writes", "faults"):
            if not entry.get(name):
                entry.pop(name, None)
        entry["status"] = response.status
        entry["api_calls"] = calls
        self.log.add(entry)

    def outside(self, request):
        """What is not under a version: no call is counted."""
        if request.path.startswith("/services/oauth2/"):
            return self.oauth.handle(request)
        if request.path.startswith("/id/"):
            return self.oauth.identity(request)
        if request.path.rstrip("/") == "/services/data":
            return json_response(200, versions())
        raise not_found()

    def data(self, request):
        self.late.before_request()
        if not OLDEST <= request.version <= NEWEST:
            if 0 < request.version < OLDEST:
                raise ApiError(410, "UNSUPPORTED_API_VERSION", "This API version is retired")
            raise not_found()
        for gate in self.gates:
            response = gate(request)
            if isinstance(response, Response):
                return response
        return self.dispatch(request)

    @staticmethod
    def check_content_type(request):
        kind = request.header("Content-Type") or "application/json"
        if request.body and "json" not in kind.lower():
            raise ApiError(415, "UNSUPPORTED_MEDIA_TYPE", f"Content type not supported: {kind}")

    def check_allowance(self, request):
        if self.used >= self.allowance:
            raise ApiError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")

    # Resources

    def dispatch(self, request):
        self.faults.part(request)
        steps = request.steps
        name = steps[0] if steps else ""
        if name == "sobjects":
            return self.sobjects(request, steps[1:])
        handler = {"": self.resources, "query": self.query, "queryAll": self.query,
                   "composite": self.composite, "limits": self.limits}.get(name)
        if not handler:
            raise not_found()
        if steps and steps[-1] == "":
            steps = steps[:-1]
        return handler(request, steps)

    def resources(self, request, steps):
        names = ("composite", "limits", "query", "queryAll", "sobjects")
        urls = {name: f"{request.base}/{name}" for name in names}
        return json_response(200, urls | {"identity": self.oauth.identity_url(request.user_id)})

    def limits(self, request, steps):
        left = max(0, self.allowance - self.used - 1)
        maxima = {"DailyBulkApiBatches": 15000, "DailyBulkV2QueryJobs": 10000,
                  "DailyBulkV2QueryFileStorageMB": 976562, "DataStorageMB": 1024,
                  "FileStorageMB": 1024, "HourlyTimeBasedWorkflow": 1000}
        limits = {name: {"Max": most, "Remaining": most} for name, most in maxima.items()}
        return json_response(200, {"DailyApiRequests": {"Max": self.allowance, "Remaining": left},
                                   **limits})

    def query(self, request, steps):
        if request.method not in ("GET", "HEAD"):
            raise method_not_allowed(request.method, "GET,HEAD")
        if len(steps) > 1:
            return Response(200, self.queries.next_page(request, steps[1]))
        return Response(200, self.queries.run(request, steps[0] == "queryAll"))

    def composite(self, request, steps):
        names = steps[1:]
        if not names or names[0] in ("batch", "graph"):
            if request.method != "POST":
                raise method_not_allowed(request.method, "POST")
            return {"batch": self.composites.batch, "graph": self.composites.graph}.get(
                names[0] if names else "", self.composites.composite)(request)
        if names[0] == "tree" and len(names) == 2 and request.method == "POST":
            return self.collections.tree(request, names[1])
        if names[0] != "sobjects":
            raise not_found()
        if len(names) == 1:
            act = {"POST": self.collections.create, "PATCH": self.collections.update,
                   "DELETE": self.collections.delete}.get(request.method)
            if not act:
                raise method_not_allowed(request.method, "DELETE,PATCH,POST")
            return act(request)
        if len(names) == 2 and request.method in ("GET", "POST"):
            return self.collections.read(request, names[1])
        if len(names) == 3 and request.method == "PATCH":
            return self.collections.upsert(request, names[1], names[2])
        raise method_not_allowed(request.method, "GET,PATCH,POST")

    def sobjects(self, request, steps):
        if not steps or steps == [""]:
            return json_response(200, describe.describe_global(self.schema, request.base))
        sobject = self.schema.find(steps[0])
        if not sobject:
            raise not_found()
        return self.sobject(request, sobject, steps[1:])

    def sobject(self, request, sobject, steps):
        if not steps or steps == [""]:
            if request.method == "POST":
                return self.rows.create(request, sobject)
            if request.method not in ("GET", "HEAD"):
                raise method_not_allowed(request.method, "HEAD,GET,POST")
            return json_response(200, describe.basic(self.database, sobject, request.base))
        key, rest = steps[0], steps[1:]
        if rest in ([], [""]) and key in ("describe", "updated", "deleted"):
            if request.method not in ("GET", "HEAD"):
                raise method_not_allowed(request.method, "HEAD,GET")
            return self.about(request, sobject, key)
        if not rest or rest == [""] and not sobject.field(key):
            return self.rows.row(request, sobject, key)
        if rest == [""]:
            raise method_not_allowed(request.method, "HEAD,GET,POST")
        return self.rows.by_external_id(request, sobject, key, "/".join(rest))

    def about(self, request, sobject, what):
        if what != "describe":
            act = replication.updated if what == "updated" else replication.deleted
            return act(self.database, self.clock, request, sobject, self.late.oldest())
        since = sobjects.header_time(request, "If-Modified-Since")
        headers = {"Last-Modified": self.started.strftime("%a, %d %b %Y %H:%M:%S GMT")}
        if since is not None and since >= self.started:
            return Response(304, None, headers)
        described = describe.describe_object(self.database, sobject, request.base)
        return json_response(200, described, headers)


def versions():
    return [{"label": f"{SEASONS[(n - 64) % 3]} '{25 + (n - 62) // 3:02d}",
             "url": f"/services/data/v{n}.0", "version": f"{n}.0"}
            for n in range(OLDEST, NEWEST + 1)]
