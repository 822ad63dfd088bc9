"""The request log: one line a request, for tests to count calls and see what was sent."""
import threading

import values

SHOWN_HEADERS = ("user-agent", "accept-encoding", "content-encoding", "if-", "sforce-")


class Log:
    def __init__(self, path=None):
        self._lock = threading.Lock()
        self._file = open(path, "a", encoding="utf-8") if path else None
        self.reset()

    def reset(self):
        with self._lock:
            self.requests = []
            self.api_calls = 0

    def add(self, entry):
        with self._lock:
            self.requests.append(entry)
            self.api_calls += entry["api_calls"]
            if self._file:
                self._file.write(values.write_json(entry) + "\n")
                self._file.flush()

    def summary(self):
        with self._lock:
            return {"api_calls": self.api_calls, "requests": list(self.requests)}


def describe(request):
    """A request as the log shows it; never its token."""
    entry = {"method": request.method, "path": request.path}
    query = {name: value for name, value in request.query.items() if "token" not in name}
    if query:
        entry["query"] = query
    headers = {name: value for name, value in request._headers.items()
               if name.startswith(SHOWN_HEADERS)}
    if headers:
        entry["headers"] = headers
    return entry
