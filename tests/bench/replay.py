"""replay.py RECORDS N PORT_FILE: a Salesforce that knows one thing: the first N contacts of the file,
in pages made and compressed before the first request, so that what is measured is the client."""
import gzip
import json
import re
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from records import PAGE

AFTER = re.compile(rb"Id%20%3E%20%27(\w{18})%27")


def composite(parts):
    text = ",".join(f'{{"body":{body},"httpHeaders":{{}},"httpStatusCode":200,"referenceId":"{name}"}}'
                    for name, body in parts)
    return gzip.compress(f'{{"compositeResponse":[{text}]}}'.encode(), 1)


def describe(record):
    fields = [{"name": name, "type": "string", "updateable": True, "createable": True}
              for name in json.loads(record) if name != "attributes"]
    edition = '{"totalSize":1,"done":true,"records":[{"attributes":{"type":"Organization"},' \
              '"OrganizationType":"Enterprise Edition"}]}'
    return composite([("Contact", json.dumps({"name": "Contact", "fields": fields})), ("edition", edition)])


def page(records):
    rows = ",".join(records)
    return composite([("Contact", f'{{"totalSize":{len(records)},"done":true,"records":[{rows}]}}')])


def contacts(path, n):
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith('{"attributes":{"type":"Contact"'):
                yield line.rstrip("\n")
                n -= 1
                if n == 0:
                    return


def prepare(path, n):
    """The describe, and each page by the Id that it follows; the first by None."""
    pages, rows, last, first = {}, [], None, None
    for record in contacts(path, n):
        first = first or describe(record)
        rows.append(record)
        if len(rows) == PAGE:
            pages[last] = page(rows)
            last, rows = json.loads(record)["Id"].encode(), []
    pages[last] = page(rows)
    return first, pages


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_POST(self):
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        after = AFTER.search(asked)
        first, pages = self.server.prepared
        body = first if b"/describe" in asked else pages[after and after[1]]
        self.send_response(200)
        self.send_header("Content-Type", "application/json;charset=UTF-8")
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Sforce-Limit-Info", "api-usage=1/1000000")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        pass


def main():
    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.prepared = prepare(sys.argv[1], int(sys.argv[2]))
    part = Path(sys.argv[3] + ".part")
    part.write_text(f"http://127.0.0.1:{server.server_port}", encoding="ascii")
    part.rename(sys.argv[3])
    server.serve_forever()


if __name__ == "__main__":
    main()
