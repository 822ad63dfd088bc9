"""A request and a response, of a connection or of a composite's subrequest."""
import re
from urllib.parse import unquote, unquote_plus, urlsplit

import values
from errors import BodyError

VERSION = re.compile(r"/services/data/v(\d+)\.0(?=/|$)")


class Request:
    def __init__(self, method, target, headers, body=None, parsed=None):
        self.method = method
        self.target = target
        parts = urlsplit(target)
        self.path = parts.path
        self.query = read_query(parts.query)
        self._headers = {name.lower(): value for name, value in headers.items()}
        self._body = body
        self._parsed = parsed
        match = VERSION.match(self.path)
        self.version = int(match[1]) if match else None
        self.base = match[0] if match else None
        # what follows /services/data/vXX.0/, in pieces
        rest = self.path[match.end():] if match else self.path
        self.steps = [unquote(step) for step in rest.split("/")[1:]]
        self.user_id = None
        self.outer = None  # of a subrequest
        self.entry = {}

    def header(self, name):
        return self._headers.get(name.lower())

    def json(self):
        if self._parsed is not None:
            return self._parsed
        try:
            return values.read_json((self._body or b"").decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise BodyError(f"Unexpected character or end of input: {error}") from None

    def object(self):
        body = self.json()
        if not isinstance(body, dict):
            raise BodyError("Cannot deserialize the body: an object is expected at "
                            "[line:1, column:1]")
        return body

    @property
    def body(self):
        return self._body or b""

    @body.setter
    def body(self, body):
        self._body = body

    def form(self):
        return read_query(self.body.decode("utf-8", "replace"))

    def under(self, method, target, headers, body, entry):
        """A subrequest, by the same user."""
        request = Request(method, target, headers, parsed=body if body is not None else {})
        request.user_id = self.user_id
        request.outer = self
        request.entry = entry
        return request


class Response:
    def __init__(self, status, body=None, headers=None, kind="application/json;charset=UTF-8"):
        self.status = status
        self.body = body  # text
        self.headers = headers or {}
        self.kind = kind
        self.calls = None  # what it counts against the daily allowance, if not 1
        self.from_org = True  # else it knows nothing of the org's limits
        self.wire = None  # what goes wrong with it on its way
        self.rows_failed = False  # a collection answers 200 all the same


def json_response(status, value, headers=None):
    return Response(status, values.write_json(value), headers)


def read_query(text):
    """The last of each name; a + is a space, as in a form."""
    pairs = (part.partition("=") for part in text.split("&") if part)
    return {unquote_plus(name): unquote_plus(value) for name, _, value in pairs}
