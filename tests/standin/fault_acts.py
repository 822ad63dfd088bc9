"""
What a fault does to a request as a whole. carry_out gives the answer that there would be; an act
returns another one, or that one spoiled; or gives the fault back if there is nothing to spoil.
"""
from datetime import timedelta
from email.utils import format_datetime

from errors import ApiError
from http_types import Response, json_response
from oauth import JWT_BEARER
from wire import Wire, cut

LONG_ENOUGH = 256  # characters of a body that a server compresses
HTML = "text/html;charset=UTF-8"
PAGE = ("<!DOCTYPE html>\n<html><head><title>{0}</title></head>\n<body><h1>{0}</h1>\n"
        "<p>We are down for maintenance. Thank you for your patience.</p></body></html>\n")
STATUSES = {
    406: ("Not Acceptable", "", ""),
    420: ("Enhance Your Calm", "", ""),
    429: ("Too Many Requests", "REQUEST_LIMIT_EXCEEDED", "You have sent too many requests."),
    500: ("Server Error", "UNKNOWN_EXCEPTION",
          "An unexpected error occurred. Please include this ErrorId if you contact support: "
          "1234567890-12345 (-1234567890)"),
    502: ("Bad Gateway", "SERVER_UNAVAILABLE", "Bad gateway"),
    503: ("Service Unavailable", "SERVER_UNAVAILABLE",
          "The server is unavailable. Try again later."),
    504: ("Gateway Timeout", "SERVER_UNAVAILABLE", "Gateway timeout"),
}


# Sessions and users

def end_session(fault, api, request, carry_out):
    token = bearer(request)
    if api.oauth.user_of(token) is None:
        fault.give_back(request)
    elif fault.name == "expired" and fault["token"] == "stays":
        return refusal(ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid"))
    else:
        user_id, _ = api.oauth.sessions.pop(token)
        if fault.name == "revoked-session":
            api.oauth.end_refreshing(user_id)
    return carry_out(request)  # which the ordinary check of sessions refuses


def bearer(request):
    return (request.header("Authorization") or "").partition(" ")[2].strip()


def revoke_user(fault, api, request, carry_out):
    path = request.path.rstrip("/")
    if request.base:
        return refusal(ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid"))
    if path.startswith("/id/") or path.endswith("/userinfo"):
        return Response(403, "Bad_OAuth_Token", kind="text/plain;charset=UTF-8")
    if not path.endswith("/token"):
        fault.give_back(request)
        return carry_out(request)
    grant = {**request.query, **request.form()}.get("grant_type")
    why = {JWT_BEARER: "user is inactive" if fault["user"] == "inactive"
           else "user hasn't approved this consumer",
           "refresh_token": "expired access/refresh token",
           "client_credentials": "no client credentials user enabled"}
    return json_response(400, {"error": "invalid_grant",
                               "error_description": why.get(grant, "authentication failure")})


# Refusals

def refuse(fault, api, request, carry_out):
    """By the API itself, once it knows who asks."""
    if api.oauth.user_of(bearer(request)) is None:
        fault.give_back(request)
        return carry_out(request)
    response = refusal(ApiError(int(fault["status"]), fault["code"], fault["message"]))
    if fault.name == "daily-limit":
        response.headers["Sforce-Limit-Info"] = f"api-usage={api.allowance}/{api.allowance}"
    return response


def refusal(error):
    response = json_response(error.status, error.body())
    response.calls = 0
    return response


def answer_status(fault, api, request, carry_out):
    status = int(fault.name)
    title, code, message = STATUSES[status]
    after = retry_after(fault, api.clock)
    headers = {"Retry-After": after} if after else {}
    if fault["body"] == "json":
        error = ApiError(status, fault["code"] or code, fault["message"] or message)
        response = json_response(status, error.body(), headers)
    else:
        text = "" if fault["body"] == "empty" else PAGE.format(title)
        response = Response(status, text, headers, HTML)
    # what the org itself answers is counted, what stands before it is not
    response.from_org = status == 500
    response.calls = None if response.from_org else 0
    if fault["done"] == "yes":
        response.calls = carry_out(request).calls
    return response


def retry_after(fault, clock):
    kind, colon, seconds = fault["retry-after"].partition(":")
    if kind == "date" and colon:
        return format_datetime(clock.now() + timedelta(seconds=float(seconds)), usegmt=True)
    return fault["retry-after"]


# Answers that get lost or spoiled

def drop_unanswered(fault, api, request, carry_out):
    response = Response(0)
    response.calls = 0
    return dropped(fault, response)


def drop_answer(fault, api, request, carry_out):
    return dropped(fault, carry_out(request))


def dropped(fault, response):
    wire(response).drop = True
    response.wire.reset = fault["reset"] == "yes"
    return response


def drop_body(fault, api, request, carry_out):
    response = carry_out(request)
    if response.body:
        wire(response).cut_body = fault["keep"]
        response.wire.reset = fault["reset"] == "yes"
    else:
        fault.give_back(request)
    return response


def cut_gzip(fault, api, request, carry_out):
    response = carry_out(request)
    accepted = (request.header("Accept-Encoding") or "").lower()
    if "gzip" in accepted and len(response.body or "") >= LONG_ENOUGH:
        wire(response).cut_gzip = fault["keep"]
    else:
        fault.give_back(request)
    return response


def spoil_body(fault, api, request, carry_out):
    response = carry_out(request)
    if not response.body:
        fault.give_back(request)
    elif fault.name == "cut-json":
        response.body = cut(response.body, fault["keep"])
    elif fault.name == "content-type":
        response.kind = fault["type"]
    else:
        half = len(response.body) // 2
        response.body = {"html": PAGE.format(STATUSES[503][0]), "empty": "",
                         "garbage": response.body[:half] + "\x01}" + response.body[half:],
                         }[fault["as"]]
    return response


def delay(fault, api, request, carry_out):
    response = carry_out(request)
    wire(response).delay = float(fault["ms"]) / 1000
    response.wire.pieces = int(fault["pieces"])
    return response


def stall(fault, api, request, carry_out):
    response = carry_out(request)
    wire(response).stall = float(fault["seconds"])
    if fault["head"] == "yes" and response.body:
        response.wire.cut_body = fault["keep"]
    else:
        response.wire.drop = True
    return response


def wire(response):
    response.wire = response.wire or Wire()
    return response.wire
