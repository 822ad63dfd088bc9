"""
What tests do to the org behind the API's back, under /standin/; no token, never counted.

  GET  /standin/log          {"api_calls":N,"requests":[...]} since the start or the last reset
  POST /standin/log/reset
  POST /standin/records      NDJSON records, stored as they are, stamps and Ids too; a record whose
                             Id exists is changed in the members given
  POST /standin/delete       {"object":"Contact","id":"003..."} or "ids":[...], into the recycle bin
  POST /standin/undelete     the same back, with what was deleted along with it
  POST /standin/purge        the same for good, as from an emptied recycle bin
  POST /standin/merge        {"object":"Contact","winner":"003...","losers":["003..."]}
  POST /standin/convert      {"lead":"00Q...","account":"001...","contact":"003...",
                             "opportunity":"006..."}; what is left out is created, but no
                             opportunity is for "opportunity":null
  GET  /standin/dump         all records as NDJSON, deleted ones too; ?object=Contact only those
  POST /standin/clock        {"now":"2026-11-20T15:00:00Z"} stands still there, {"now":null} runs,
                             {"advance":SECONDS} (negative too)
  POST /standin/usage        {"used":N,"limit":N}: API calls counted so far, the daily allowance
  GET  /standin/faults       {"faults":[{"fault":"503:times=2","matched":N,"fired":N,"times":2}]}
  POST /standin/faults       {"faults":["503:times=2",{"name":"slow","ms":500}]}, or only one of
                             them, are added; "clear":true: the ones there were are gone
  DELETE /standin/faults     no more faults; the tokens of the options are good again
  POST /standin/late         {"records":[...],"visible_after":{"requests":N}} or {"seconds":N} of
                             the clock: records with stamps of now that nobody sees yet; without
                             visible_after, not until the next
  POST /standin/late/commit  all of them are seen now; GET /standin/late shows what is not yet
  POST /standin/sessions/end all sessions but the static token's expire; {"token":"..."} only that
"""
import merge
import soql_sql
import values
from errors import ApiError, not_found
from http_types import Response, json_response
from records import Writer


class Control:
    def __init__(self, database, clock, loader, oauth):
        self.database = database
        self.clock = clock
        self.loader = loader
        self.oauth = oauth
        self.api = None  # set once it exists
        self.actions = {
            ("GET", "log"): self.log, ("POST", "log/reset"): self.reset,
            ("POST", "records"): self.records, ("POST", "delete"): self.delete,
            ("POST", "undelete"): self.undelete, ("POST", "purge"): self.purge,
            ("POST", "merge"): self.merge, ("POST", "convert"): self.convert,
            ("GET", "dump"): self.dump, ("POST", "clock"): self.set_clock,
            ("POST", "usage"): self.usage, ("POST", "sessions/end"): self.end_sessions,
            ("GET", "faults"): lambda request: self.api.faults.show(),
            ("POST", "faults"): lambda request: self.api.faults.change(request),
            ("DELETE", "faults"): lambda request: self.api.faults.clear(),
            ("GET", "late"): lambda request: self.api.late.show(),
            ("POST", "late"): lambda request: self.api.late.begin(request),
            ("POST", "late/commit"): lambda request: self.api.late.commit_all(),
        }

    def handle(self, request):
        action = self.actions.get((request.method, request.path[len("/standin/"):]))
        if not action:
            raise not_found()
        try:
            return action(request) or json_response(200, {"ok": True})
        except (ValueError, KeyError, TypeError) as error:
            raise ApiError(400, "STANDIN", f"{type(error).__name__}: {error}") from error

    def writer(self):
        return Writer(self.oauth.user_id, "/services/data/v66.0", auto_assign="false",
                      allow_duplicates=True)

    def log(self, request):
        return json_response(200, self.api.log.summary())

    def reset(self, request):
        self.api.log.reset()

    def records(self, request):
        lines = request.body.decode("utf-8").split("\n")
        count = self.loader.load(lines, "body")
        ignored = sorted(self.loader.ignored)
        self.loader.ignored.clear()
        return json_response(200, {"records": count, "ignored": ignored})

    def chosen(self, request):
        body = request.object()
        sobject = self.database.schema.tables[body["object"]]
        for each in body.get("ids") or [body["id"]]:
            record_id = values.read_id(each)
            if not record_id:
                raise ValueError(f"no id: {each}")
            yield sobject, record_id

    def delete(self, request):
        for sobject, record_id in self.chosen(request):
            self.api.records.delete(self.writer(), sobject, record_id)

    def undelete(self, request):
        for _, record_id in self.chosen(request):
            self.api.records.undelete(self.writer(), record_id)

    def purge(self, request):
        for sobject, record_id in self.chosen(request):
            self.api.records.purge(sobject, record_id)

    def merge(self, request):
        body = request.object()
        merge.merge(self.api.records, self.writer(), body["object"], values.read_id(body["winner"]),
                    [values.read_id(each) for each in body["losers"]])

    def convert(self, request):
        body = {name: values.read_id(value) or value for name, value in request.object().items()}
        return json_response(200, merge.convert(self.api.records, self.writer(), body))

    def dump(self, request):
        self.api.late.commit_due()
        names = [request.query["object"]] if "object" in request.query \
            else sorted(self.database.schema.tables)
        lines = []
        for name in names:
            lines += self.dumped(self.database.schema.tables[name])
        return Response(200, "".join(line + "\n" for line in lines),
                        kind="application/x-ndjson;charset=UTF-8")

    def dumped(self, sobject):
        # the object is given apart: Group is a word of SOQL
        text = "SELECT FIELDS(ALL) FROM Account ORDER BY Id LIMIT 1"
        environment = soql_sql.Environment(self.database.schema, "/services/data/v66.0", None, True)
        select = soql_sql.Select(environment, soql_sql.soql.parse(text), sobject)
        plan = select.plan()
        plan.limit = None
        return (row[0] for row in self.database.execute(plan.rows(None), plan.parameters))

    def set_clock(self, request):
        body = request.object()
        if "now" in body:
            self.clock.stand_at(body["now"])
        if "advance" in body:
            self.clock.advance(float(body["advance"]))
        return json_response(200, {"now": self.clock.stamp()})

    def usage(self, request):
        body = request.object()
        self.api.used = int(body.get("used", self.api.used))
        self.api.allowance = int(body.get("limit", self.api.allowance))

    def end_sessions(self, request):
        token = request.object().get("token") if request.body else None
        if token:
            self.oauth.sessions.pop(token, None)
        else:
            self.oauth.end_sessions()
