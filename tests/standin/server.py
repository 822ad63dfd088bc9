"""HTTP/1.1 on loopback: bodies in and out, gzip, the bounds on URIs and headers."""
import gzip
import ipaddress
import socketserver
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from errors import ApiError
from http_types import Request, Response, json_response
from wire import SOUND

MAX_URI = 16384
MAX_BODY = 50 * 1024 * 1024
CHUNKED_FROM = 32 * 1024
GZIP_FROM = 256


def check_loopback(host):
    try:
        if ipaddress.ip_address(host).is_loopback:
            return
    except ValueError:
        pass
    raise ValueError(f"{host} is no loopback address")


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host, port, api, quiet):
        check_loopback(host)
        self.api = api
        self.quiet = quiet
        super().__init__((host, port), Handler)
        self.base_url = f"http://{host}:{self.server_port}"

    def server_bind(self):
        # HTTPServer's own looks the host's name up, which can take seconds
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    def handle_error(self, request, client_address):
        """A client that went away is no error of ours."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def handle_method(self):
        request = Request(self.command, self.path, dict(self.headers.items()))
        refusal = self.server.api.cut_off(request) or self.oversize()
        try:
            body = b"" if refusal else self.read_body()
        except ApiError as error:
            refusal, self.close_connection = json_response(error.status, error.body()), True
        if refusal:
            self.close_connection = True
            self.respond(refusal)
            return
        request.body = body
        self.respond(self.server.api.answer(request))

    do_GET = do_HEAD = do_POST = do_PATCH = do_PUT = do_DELETE = handle_method

    def oversize(self):
        if self.path.startswith("/standin/"):
            return None
        if len(self.path) > MAX_URI:
            return Response(414, "<h1>URI Too Long</h1>", kind="text/html;charset=UTF-8")
        headers = sum(len(name) + len(value) + 4 for name, value in self.headers.items())
        if len(self.path) + headers > MAX_URI:
            return Response(431, "<h1>Request Header Fields Too Large</h1>",
                            kind="text/html;charset=UTF-8")
        return None

    # Bodies

    def read_body(self):
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            body = b"".join(self.chunks())
        else:
            size = int(self.headers.get("Content-Length") or 0)
            self.check_size(size)
            body = self.rfile.read(size)
        encoding = self.headers.get("Content-Encoding", "").lower()
        try:
            if encoding == "gzip":
                body = gzip.decompress(body)
            elif encoding == "deflate":
                body = zlib.decompress(body)
        except (OSError, EOFError, zlib.error):
            raise ApiError(400, "JSON_PARSER_ERROR", f"the body is no {encoding}") from None
        self.check_size(len(body))
        return body

    def chunks(self):
        total = 0
        while True:
            size = int(self.rfile.readline(64).split(b";")[0] or b"0", 16)
            total += size
            self.check_size(total)
            chunk = self.rfile.read(size)
            self.rfile.readline(8)
            if not size:
                return
            yield chunk

    def check_size(self, size):
        if size > MAX_BODY and not self.path.startswith("/standin/"):
            raise ApiError(413, "EXCEEDED_MAX_SIZE_REQUEST", "Maximum size of request reached. "
                           f"Maximum size of request supported is {MAX_BODY} bytes")

    def respond(self, response):
        wire = response.wire or SOUND
        body = None if response.body is None else response.body.encode("utf-8", "surrogatepass")
        headers = {"Date": self.server.api.clock.http_date(), **response.headers}
        if body is not None:
            headers["Content-Type"] = response.kind
        if body and len(body) >= GZIP_FROM and \
                "gzip" in self.headers.get("Accept-Encoding", "").lower():
            body = wire.encoded(gzip.compress(body, 1))
            headers["Content-Encoding"] = "gzip"
        chunked = body is not None and len(body) >= CHUNKED_FROM and \
            self.request_version != "HTTP/1.0"
        if chunked:
            headers["Transfer-Encoding"] = "chunked"
        elif response.status not in (204, 304):
            headers["Content-Length"] = str(len(body or b""))
        if self.close_connection:
            headers["Connection"] = "close"
        if not wire.begins(self):
            return
        self.send_response_only(response.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if body and self.command != "HEAD":
            wire.send(self, chunks(body) if chunked else [body])
        else:
            self.wfile.flush()

    def log_message(self, format, *args):
        if not self.server.quiet:
            super().log_message(format, *args)


def chunks(body):
    for start in range(0, len(body), CHUNKED_FROM):
        piece = body[start:start + CHUNKED_FROM]
        yield b"%x\r\n%b\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"
