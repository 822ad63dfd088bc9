"""What the figures are taken on: made once for each size and kept for the next run."""
import hashlib
import subprocess
import sys
from pathlib import Path

from measure import Broken

HERE = Path(__file__).parent
MAKERS = ("values.py", "people.py", "records.py", "calls.py")


def version():
    """Data of other makers is other data."""
    text = b"".join((HERE / name).read_bytes() for name in MAKERS)
    return hashlib.sha256(text).hexdigest()[:8]


class Data:
    """The files of an org of that size."""

    def __init__(self, base, contacts, calls, activities=0):
        self.contacts, self.calls, self.activities = contacts, calls, activities
        self.folder = Path(base) / f"{contacts}-{activities}-{version()}"
        self.folder.mkdir(parents=True, exist_ok=True)

    def path(self, name):
        return self.folder / name

    def make(self, name, argv):
        """The file with what this writes; whole, or not there at all."""
        path = self.path(name)
        if not path.exists():
            print(f"making {path}", file=sys.stderr)
            part = path.with_suffix(".part")
            with open(part, "wb") as out:
                done = subprocess.run(argv, stdout=out, check=False)
            if done.returncode != 0:
                raise Broken(f"{argv[0]}: status {done.returncode}")
            part.rename(path)
        return path

    def python(self, name, script, *arguments):
        return self.make(name, [sys.executable, "-B", HERE / script, *map(str, arguments)])

    def records(self, change=None):
        more = [] if change is None else [change]
        name = "records.ndjson" if change is None else f"changed-{change}.ndjson"
        return self.python(name, "records.py", self.contacts, self.activities, *more)

    def call_lines(self, kind, n=None):
        n = self.calls if n is None else n
        return self.python(f"{kind}-{n}", "calls.py", kind, self.contacts, n)

    def head(self, path, n):
        """Its first lines."""
        return self.make(f"{path.name}-first-{n}", ["head", "-n", str(n), path])

    @property
    def store(self):
        return self.path("store.db")

    def remove_store(self):
        for end in ("", "-wal", "-shm"):
            Path(f"{self.store}{end}").unlink(missing_ok=True)
