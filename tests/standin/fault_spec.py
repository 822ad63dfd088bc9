"""One fault: which requests it is for, when it fires, and how that is written."""
import random
import re
import threading

import operations
from fault_kinds import KINDS, MIX

WHERE = ("on", "method", "path", "object")
WHEN = ("at", "every", "times", "share", "seed")
RANDOM_TIMES = 10
# a comma belongs to a value unless a name follows it
COMMA = re.compile(r",(?=[a-z][a-z0-9-]*=)")


class Fault:
    def __init__(self, name, given):
        self.kind = KINDS.get(name)
        if not self.kind:
            raise ValueError(f"no fault {name}; there are: {' '.join([*KINDS, 'mix'])}")
        self.name = name
        unknown = set(given) - {*WHERE, *WHEN, *self.kind.options}
        if unknown:
            raise ValueError(f"{name} has no {', '.join(sorted(unknown))}; it has: "
                             f"{' '.join([*WHERE, *WHEN, *self.kind.options])}")
        self.given = given
        self.options = {**self.kind.options, **given}
        self.read_where(given)
        self.read_when(given)
        self.matched = self.fired = 0
        self._lock = threading.Lock()
        self.kind.check(self)

    def read_where(self, given):
        usual = "all" if "path" in given and self.kind.on == "data" else self.kind.on
        self.on = set(given.get("on", usual).split("+"))
        unknown = self.on - set(operations.NAMES)
        if unknown:
            raise ValueError(f"on={'+'.join(sorted(unknown))}: there are: "
                             + " ".join(operations.NAMES))
        self.methods = set(given["method"].upper().split("+")) if "method" in given else None
        self.path = re.compile(given["path"]) if "path" in given else None
        self.objects = set(given["object"].lower().split("+")) if "object" in given else None

    def read_when(self, given):
        self.at = int(given.get("at", 1))
        self.every = int(given.get("every", 1))
        self.share = float(given["share"]) if "share" in given else None
        often = self.share is not None or "every" in given
        times = given.get("times", RANDOM_TIMES if often else self.kind.times)
        self.times = None if times == "always" else int(times)
        if self.at < 1 or self.every < 1 or not 0 <= (self.share or 0) <= 1:
            raise ValueError("at and every are 1 or more, share is from 0 to 1")
        self.random = random.Random(f"{given.get('seed', 1)} {self.name}")

    def __getitem__(self, option):
        return self.options[option]

    def matches(self, request):
        if self.methods and request.method not in self.methods:
            return False
        if self.path and not self.path.search(request.target):
            return False
        whole = self.kind.stage in ("connection", "request")
        if self.objects and self.kind.stage != "row" and self.objects.isdisjoint(
                (operations.all_objects if whole else operations.objects)(request)):
            return False
        found = (operations.all_operations if whole else operations.operations)(request)
        return not self.on.isdisjoint(found)

    def due(self, request):
        """Whether it fires at this request, in whose log it then is; see give_back."""
        if not self.matches(request):
            return False
        self.matched += 1
        # drawn whether or not it is needed, so that a seed always gives the same ones
        drawn = self.share is None or self.random.random() < self.share
        if self.times is not None and self.fired >= self.times or not drawn:
            return False
        if self.matched < self.at or (self.matched - self.at) % self.every:
            return False
        self.add(1)
        for each in with_outer(request):
            noted = each.entry.setdefault("faults", {})
            noted[self.name] = noted.get(self.name, 0) + 1
        return True

    def add(self, count):
        with self._lock:
            self.fired += count

    def give_back(self, request):
        """It was due, but there was nothing that it could be done to."""
        self.add(-1)
        for each in with_outer(request):
            noted = each.entry["faults"]
            noted[self.name] -= 1
            each.entry["faults"] = {name: count for name, count in noted.items() if count}

    def summary(self):
        return {"fault": spec_text(self.name, self.given), "matched": self.matched,
                "fired": self.fired, "times": self.times}


def with_outer(request):
    """What the log notes of a subrequest it notes of the whole, too."""
    return [request, request.outer] if request.outer else [request]


def spec_text(name, given):
    return name + "".join((":" if i == 0 else ",") + f"{key}={value}"
                          for i, (key, value) in enumerate(given.items()))


def read_faults(text):
    """NAME[:KEY=VALUE,...] to the faults that it means, of which a mix has many."""
    name, _, rest = text.partition(":")
    given = {}
    for part in COMMA.split(rest) if rest else []:
        key, equals, value = part.partition("=")
        if not equals:
            raise ValueError(f"{text}: {part} is no KEY=VALUE")
        given[key] = value
    return make_faults(name, given)


def read_json_fault(value):
    """The same as text, or as an object with a name."""
    if isinstance(value, str):
        return read_faults(value)
    words = {True: "yes", False: "no"}
    given = {key: words[each] if isinstance(each, bool) else str(each)
             for key, each in value.items() if key != "name"}
    return make_faults(value["name"], given)


def make_faults(name, given):
    if name != "mix":
        return [Fault(name, given)]
    given = {"share": "0.3", "times": "30", **given}
    names = given.pop("of", "+".join(MIX)).split("+")
    # each has its part of the share and of the times, and draws of its own
    shared = {**given, "share": str(round(float(given["share"]) / len(names), 6)),
              "times": str(-(-int(given["times"]) // len(names)))}
    return [Fault(each, {**MIX.get(each, {}), **shared}) for each in names]
