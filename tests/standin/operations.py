"""What a request does, in the words that a fault's filter takes: on=query+next, object=Contact."""
import re

from errors import ApiError
from http_types import Request

FROM = re.compile(r"\bFROM\s+(\w+)", re.I)
NAMES = {
    "all": "every request but those to /standin/",
    "data": "all under /services/data/vXX.0",
    "token": "/services/oauth2/token", "oauth": "it and the other OAuth and identity resources",
    "versions": "/services/data",
    "read": "data that writes nothing", "write": "data that writes",
    "query": "query and queryAll", "next": "a nextRecordsUrl", "describe": "", "limits": "",
    "replication": "updated, deleted", "row": "one record, read or written",
    "collections": "/composite/sobjects that write", "retrieve": "those that read",
    "tree": "", "composite": "", "batch": "", "graph": "",
}
ABOUT = re.compile(r"^(describe|updated|deleted)$")


def operations(request):
    """The names that fit this very request."""
    if request.base is None:
        path = request.path.rstrip("/")
        if path.startswith(("/services/oauth2", "/id/")):
            return {"all", "oauth", "token"} if path.endswith("/token") else {"all", "oauth"}
        return {"all", "versions"} if path == "/services/data" else {"all"}
    kind, writes = data_kind(request.method, request.steps)
    return {"all", "data", kind, "write" if writes else "read"}


def data_kind(method, steps):
    """Its name, and whether it writes by itself."""
    first, rest = (steps + [""])[0], steps[1:]
    if first in ("query", "queryAll"):
        return ("next" if rest and rest[0] else "query"), False
    if first == "composite":
        return composite_kind(method, rest)
    if first == "sobjects" and rest:
        if len(rest) > 1 and ABOUT.match(rest[1]):
            return ("describe" if rest[1] == "describe" else "replication"), False
        return "row", method not in ("GET", "HEAD")
    return (first if first in NAMES else "data"), False


def composite_kind(method, rest):
    if not rest or rest[0] in ("batch", "graph"):
        return (rest[0] if rest else "composite"), False
    if rest[0] == "sobjects" and (method == "GET" or method == "POST" and len(rest) == 2):
        return "retrieve", False
    return ("tree" if rest[0] == "tree" else "collections"), True


def all_operations(request):
    """Those of its subrequests too: what happens to the whole happens to all of them."""
    found = operations(request)
    for part in subrequests(request):
        found |= operations(part)
    if "write" in found:
        found.discard("read")
    return found


def subrequests(request):
    name = (request.steps + [""])[0] if request.base else ""
    if name != "composite" or len(request.steps) > 1 and request.steps[1] not in ("batch", "graph"):
        return
    try:
        body = request.object()
    except ApiError:
        return
    for holder in [body, *entries(body, "graphs")]:
        for part in entries(holder, "compositeRequest") + entries(holder, "batchRequests"):
            url = str(part.get("url"))
            if not url.lstrip("/").startswith("services/data/"):
                url = "services/data/" + url.lstrip("/")
            yield Request(str(part.get("method")), "/" + url.lstrip("/"), {},
                          parsed=part.get("body") or part.get("richInput") or {})


def entries(value, name):
    found = value.get(name) if isinstance(value, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def objects(request):
    """The names of the objects that this very request names, in lower case."""
    names = FROM.findall(request.query.get("q", ""))
    steps = request.steps if request.base else []
    if steps[:1] == ["sobjects"]:
        names += steps[1:2]
    if steps[:1] == ["composite"] and len(steps) > 1:
        names += steps[2:3]
        names += named_in_body(request)
    return {name.lower() for name in names}


def named_in_body(request):
    try:
        rows = entries(request.json(), "records")
    except ApiError:
        return []
    attributes = [row.get("attributes") for row in rows]
    return [str(each.get("type")) for each in attributes if isinstance(each, dict)]


def all_objects(request):
    return objects(request).union(*(objects(part) for part in subrequests(request)))
