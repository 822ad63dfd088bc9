"""The server's clock: the machine's, or one that stands where a test has put it."""
import threading
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import values


class Clock:
    def __init__(self, fixed=None):
        self._lock = threading.Lock()
        self._fixed = values.read_instant(fixed) if fixed else None
        self._ahead = timedelta(0)

    def now(self):
        with self._lock:
            base = self._fixed or datetime.now(timezone.utc)
            return (base + self._ahead).replace(microsecond=0)

    def stamp(self):
        return values.datetime_text(self.now())

    def http_date(self):
        return format_datetime(self.now(), usegmt=True)

    def stand_at(self, text):
        """Stop at an instant; None lets the machine's clock run again."""
        with self._lock:
            self._fixed = values.read_instant(text) if text else None
            self._ahead = timedelta(0)

    def advance(self, seconds):
        with self._lock:
            self._ahead += timedelta(seconds=seconds)
