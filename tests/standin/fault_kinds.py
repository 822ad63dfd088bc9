"""The faults that there are: where each comes in, what it takes, and what it does in a line."""
import fault_acts as acts

# of an option, what it may be
CHOICES = {"body": ("html", "json", "empty"), "as": ("garbage", "html", "empty"),
           "done": ("yes", "no"), "reset": ("yes", "no"), "head": ("yes", "no"),
           "token": ("ends", "stays"), "user": ("inactive", "unapproved")}
NUMBERS = ("ms", "pieces", "seconds", "status", "keep")


class Kind:
    """
    stage: connection (before the body is read), request (the whole of it), part (a request or
    subrequest by itself), subrequest, page, row. times: how often, unless one says; None: always.
    """

    def __init__(self, stage, about, on="data", times=1, act=None, **options):
        self.stage = stage
        self.about = about
        self.on = on
        self.times = "always" if times is None else times
        self.act = act  # on a request, see fault_acts.py
        self.options = {name.replace("_", "-"): value for name, value in options.items()}

    def check(self, fault):
        """ValueError unless its options can be read."""
        for name in self.options:
            if name in NUMBERS:
                float(fault[name])
            elif name == "rows":
                row_range(fault)
            elif name in CHOICES and fault[name] not in CHOICES[name]:
                raise ValueError(f"{name}={fault[name]}: one of {' '.join(CHOICES[name])}")


def row_range(fault):
    """rows=N or rows=FROM-TO"""
    least, _, most = fault["rows"].partition("-")
    least, most = int(least), int(most or least)
    if not 1 <= least <= most:
        raise ValueError(f"rows={fault['rows']}: a count or FROM-TO, 1 at least")
    return least, most


def status(about):
    return Kind("request", about, act=acts.answer_status, body="html",
                code="", message="", retry_after="", done="no")


def refusal(about, status, code, message, times=1):
    return Kind("request", about, times=times, act=acts.refuse, status=status, code=code,
                message=message)


def error(stage, about, status, code, message, **more):
    return Kind(stage, about, status=status, code=code, message=message, **more)


TOTAL = ("403", "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
CONCURRENT = ("403", "REQUEST_LIMIT_EXCEEDED",
              "ConcurrentRequests (Concurrent API Requests) Limit exceeded.")
TIMEOUT = ("400", "QUERY_TIMEOUT", "Your query request was running for too long.")
LOCKED = ("400", "UNABLE_TO_LOCK_ROW",
          "unable to obtain exclusive access to this record or 1 records: {id}")

KINDS = {
    "expired": Kind("request", "the session that asks ends; token=stays: its token is refused "
                    "this once", act=acts.end_session, token="ends"),
    "revoked-session": Kind("request", "it ends, and its user's refresh tokens with it",
                            act=acts.end_session),
    "revoked-user": Kind("request", "no token is taken and none is given", "all", None,
                         act=acts.revoke_user, user="inactive"),
    "406": status("without a body"), "420": status("without a body"),
    "429": status("retry-after=SECONDS, or date:SECONDS from now, or any other text"),
    "500": status("in JSON, with an error id"), "502": status("in HTML; body=json|empty"),
    "503": status("likewise; done=yes: it was carried out all the same"),
    "504": status("likewise; with done=yes the gateway gave up too early"),
    "daily-limit": refusal("the day's API calls are used up", *TOTAL, times=None),
    "concurrent-limit": refusal("too many long calls at once", *CONCURRENT),
    "retired-version": refusal("a version that is retired", "410", "UNSUPPORTED_API_VERSION",
                                   "This API version is retired", times=None),
    "drop-before": Kind("connection", "dropped with only the head read: on= sees no subrequests",
                        act=acts.drop_unanswered, reset="no"),
    "drop-read": Kind("request", "dropped with the request read and not carried out",
                      act=acts.drop_unanswered, reset="no"),
    "drop-after": Kind("request", "carried out, its answer never sent", act=acts.drop_answer,
                       reset="no"),
    "drop-body": Kind("request", "dropped in the middle of the body", act=acts.drop_body,
                      keep="0.5", reset="no"),
    "cut-gzip": Kind("request", "a gzip stream that ends early, framed well; keep=-8: all but its "
                     "check sum", act=acts.cut_gzip, keep="0.5"),
    "cut-json": Kind("request", "JSON that ends early, framed well", act=acts.spoil_body,
                     keep="0.5"),
    "bad-json": Kind("request", "what is no JSON, said to be; as=html|empty",
                     act=acts.spoil_body, **{"as": "garbage"}),
    "content-type": Kind("request", "a wrong Content-Type", act=acts.spoil_body,
                         type=acts.HTML),
    "slow": Kind("request", "an answer that comes late; with pieces, that trickles in",
                 act=acts.delay, ms="1000", pieces="1"),
    "stall": Kind("request", "headers, keep= of the body, then silence; head=no: silence",
                  act=acts.stall, seconds="300", keep="0", head="yes"),
    "error": error("part", "any error of the API's, of a request or a subrequest", "400",
                   "UNKNOWN_EXCEPTION", "An unexpected error occurred."),
    "subrequest": error("subrequest", "one of a composite or batch fails, the others do not",
                        *TIMEOUT),
    "query-timeout": error("part", "a query by itself or in a composite", *TIMEOUT,
                           on="query+next"),
    "locator-expired": error("part", "a next page, and the locator is gone for good", "400",
                             "INVALID_QUERY_LOCATOR", "invalid query locator", on="next"),
    "short-page": Kind("page", "no more rows a page than this; FROM-TO: some number of them",
                       "query+next", None, rows="200"),
    "lock-row": error("row", "a row is locked; at, share and times count rows", *LOCKED,
                      op="create+update+delete"),
    "row-error": error("row", "any other error of a row's", "400",
                       "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
                       "ContactTrigger: execution of BeforeUpdate caused by: an error",
                       op="create+update+delete"),
}
for name in ("406", "420"):
    KINDS[name].options["body"] = "empty"
KINDS["500"].options["body"] = "json"

# what mix draws from unless of= says, and how: all that passes when one tries again
MIX = {"406": {}, "420": {}, "429": {}, "500": {}, "502": {}, "503": {}, "504": {},
       "concurrent-limit": {}, "drop-before": {}, "drop-read": {}, "drop-after": {},
       "drop-body": {}, "cut-gzip": {}, "cut-json": {}, "bad-json": {}, "slow": {"ms": "20"},
       "query-timeout": {}, "locator-expired": {}, "short-page": {"rows": "1-50"}, "lock-row": {}}
