"""Requests of several requests: composite, batch, graph."""
import re

import values
from errors import ApiError, BodyError
from http_types import Response, json_response
from log import describe
from records import mark_rolled_back

MAX_SUBREQUESTS = 25
MAX_QUERIES = 5
MAX_GRAPH_NODES = 500
MAX_GRAPHS = 75
REFERENCE = re.compile(r"@\{(\w+)((?:\.\w+|\[\d+\])*)\}")
REFERENCE_ID = re.compile(r"[A-Za-z0-9]\w*$", re.A)
BARRED_HEADERS = ("accept", "authorization", "content-type")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
HALTED = "The transaction was rolled back since another operation in the same transaction failed."


class Undo(Exception):
    """Rolls back what allOrNone must not leave."""


def bad_request(message, code="INVALID_INPUT"):
    return ApiError(400, code, message)


class CompositeResources:
    def __init__(self, database, dispatch):
        self.database = database
        self.dispatch = dispatch  # of the router: a Request to its Response

    # Composite

    def composite(self, request):
        body = request.object()
        parts = body.get("compositeRequest")
        check_parts(parts)
        if len(parts) > MAX_SUBREQUESTS:
            raise bad_request("Limit of 25 reached for composite subrequests", "LIMIT_EXCEEDED")
        if sum(map(is_query_or_collection, parts)) > MAX_QUERIES:
            raise bad_request("Limit of 5 reached for query and sObject Collections subrequests",
                              "LIMIT_EXCEEDED")
        results = self.series(request, parts, body.get("allOrNone") is True, is_allowed)
        return Response(200, composite_text(results))

    def series(self, request, parts, all_or_none, allowed):
        """The answers by referenceId, in order."""
        results = {}
        writes = request.entry.setdefault("writes", [])
        start = len(writes)
        try:
            with self.database.transaction():
                for part in parts:
                    results[part["referenceId"]] = self.part(request, part, results, allowed)
                failed = any(r.status >= 400 or r.rows_failed for r in results.values())
                if all_or_none and failed:
                    raise Undo
        except Undo:
            mark_rolled_back(writes, start)
            results = {part["referenceId"]: halted(part, results[part["referenceId"]])
                       for part in parts}
        return results

    def part(self, request, part, results, allowed):
        entry = {"method": part["method"], "path": part["url"]}
        try:
            target = substitute(part["url"], results)
            body = substitute(part.get("body"), results)
            headers = part.get("httpHeaders") or {}
            inner = request.under(part["method"], target, headers, body, entry)
            entry.update(describe(inner))
            if not inner.base or not allowed(inner):
                raise bad_request(f"The requested resource is not supported: {target}")
            response = self.dispatch(inner)
        except ApiError as error:
            response = json_response(error.status, error.body())
        entry["status"] = response.status
        self.log_part(request, entry, part["referenceId"])
        return response

    @staticmethod
    def log_part(request, entry, reference):
        request.entry.setdefault("writes", []).extend(entry.pop("writes", []))
        entry["referenceId"] = reference
        request.entry.setdefault("subrequests", []).append(entry)

    # Batch

    def batch(self, request):
        body = request.object()
        parts = body.get("batchRequests")
        if not isinstance(parts, list) or not all(isinstance(p, dict) for p in parts):
            raise BodyError("batchRequests is no array of requests at [line:1, column:1]")
        if len(parts) > MAX_SUBREQUESTS:
            raise bad_request("Limit of 25 reached for batch subrequests", "LIMIT_EXCEEDED")
        results, failed = [], False
        for part in parts:
            if failed and body.get("haltOnError") is True:
                response = json_response(412, bad_request(
                    "Batch processing has been halted", "BATCH_PROCESSING_HALTED").body())
            else:
                response = self.batch_part(request, part)
            failed = failed or response.status >= 400
            results.append(f'{{"statusCode":{response.status},"result":{response.body or "null"}}}')
        has_errors = "true" if failed else "false"
        text = f'{{"hasErrors":{has_errors},"results":[{",".join(results)}]}}'
        response = Response(200, text)
        response.calls = len(parts)
        return response

    def batch_part(self, request, part):
        url = str(part.get("url", "")).lstrip("/")
        if not url.startswith("services/data/"):
            url = "services/data/" + url
        entry = {}
        inner = request.under(part.get("method"), "/" + url, {}, part.get("richInput"), entry)
        entry.update(describe(inner))
        try:
            response = self.dispatch(inner)
        except ApiError as error:
            response = json_response(error.status, error.body())
        entry["status"] = response.status
        self.log_part(request, entry, None)
        return response

    # Graph

    def graph(self, request):
        graphs = request.object().get("graphs")
        if not isinstance(graphs, list) or not all(isinstance(g, dict) for g in graphs):
            raise BodyError("graphs is no array of graphs at [line:1, column:1]")
        if len(graphs) > MAX_GRAPHS:
            raise bad_request("Limit of 75 reached for graphs", "LIMIT_EXCEEDED")
        for graph in graphs:
            check_parts(graph.get("compositeRequest"))
        if sum(len(graph["compositeRequest"]) for graph in graphs) > MAX_GRAPH_NODES:
            raise bad_request("Limit of 500 reached for nodes", "LIMIT_EXCEEDED")
        texts = []
        for graph in graphs:
            results = self.series(request, graph["compositeRequest"], True, is_record)
            good = all(response.status < 400 for response in results.values())
            texts.append(f'{{"graphId":{values.write_json(graph.get("graphId"))},'
                         f'"graphResponse":{composite_text(results)},'
                         f'"isSuccessful":{"true" if good else "false"}}}')
        return Response(200, '{"graphs":[' + ",".join(texts) + "]}")


# What may be in a series

def check_parts(parts):
    if not isinstance(parts, list) or not parts or not all(isinstance(p, dict) for p in parts):
        raise BodyError("compositeRequest is no array of subrequests at [line:1, column:1]")
    seen = set()
    for part in parts:
        reference = part.get("referenceId")
        if not isinstance(reference, str) or not REFERENCE_ID.match(reference):
            raise bad_request(f"Invalid reference Id: {reference}. It begins with a letter or a "
                              "number and has letters, numbers and underscores only")
        if reference in seen:
            raise bad_request(f"Duplicate reference Id: {reference}")
        seen.add(reference)
        if part.get("method") not in METHODS:
            raise bad_request(f"Invalid method: {part.get('method')}")
        if not isinstance(part.get("url"), str):
            raise bad_request(f"No url in subrequest {reference}")
        headers = part.get("httpHeaders") or {}
        if not isinstance(headers, dict) or not all(isinstance(v, str) for v in headers.values()):
            raise bad_request(f"The httpHeaders of subrequest {reference} are no object of text")
        for name in headers:
            if name.lower() in BARRED_HEADERS:
                raise bad_request(f"The header {name} is not allowed in a subrequest")


def tail_of(url):
    return re.sub(r"^/services/data/v\d+\.0/", "", url).split("?")[0].rstrip("/")


def is_query_or_collection(part):
    return re.match(r"query(All)?(/|$)|composite/sobjects(/|$)", tail_of(part["url"])) is not None


def is_allowed(request):
    return is_query_or_collection({"url": request.target}) or is_record(request)


def is_record(request):
    return bool(request.steps) and request.steps[0] == "sobjects"


# References

def substitute(value, results):
    """The value with each @{reference} in it replaced."""
    if isinstance(value, str) and not isinstance(value, values.Number):
        return REFERENCE.sub(lambda match: text_of(resolve(match, results)), value)
    if isinstance(value, dict):
        return {name: substitute(each, results) for name, each in value.items()}
    if isinstance(value, list):
        return [substitute(each, results) for each in value]
    return value


def text_of(value):
    return value if isinstance(value, str) else values.write_json(value)


def resolve(match, results):
    name, path = match.groups()
    response = results.get(name)
    value = values.read_json(response.body) if response and response.body and \
        response.status < 400 else None
    for key, index in re.findall(r"\.(\w+)|\[(\d+)\]", path):
        try:
            value = value[key] if key else value[int(index)]
        except (KeyError, IndexError, TypeError):
            value = None
    if value is None or isinstance(value, (dict, list)):
        raise bad_request(f"Invalid reference specified. No value for {name}{path} found in {name}",
                          "PROCESSING_HALTED")
    return value


# Answers

def composite_text(results):
    answers = ",".join(answer(name, response) for name, response in results.items())
    return f'{{"compositeResponse":[{answers}]}}'


def answer(reference, response):
    headers = {name: value for name, value in response.headers.items()
               if name in ("Location", "ETag", "Last-Modified")}
    return (f'{{"body":{response.body or "null"},"httpHeaders":{values.write_json(headers)},'
            f'"httpStatusCode":{response.status},"referenceId":"{reference}"}}')


def halted(part, response):
    """After a rollback: a collection's answer stays as it was, be its rows gone all the same."""
    if response.status >= 400 or is_query_or_collection(part):
        return response
    return json_response(400, bad_request(HALTED, "PROCESSING_HALTED").body())
