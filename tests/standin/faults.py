"""
Faults: what goes wrong between a client and Salesforce, on purpose and as often as one asks.

  --fault NAME[:KEY=VALUE[,KEY=VALUE...]]       repeatable; at run time over /standin/faults

  --fault drop-after:on=collections,at=2        the answer of the second collection written is lost
  --fault 503:share=0.2,seed=7,times=10         every fifth or so of the data requests, ten at most
  --fault lock-row:share=0.1,object=Contact     some rows of contacts
  --fault mix:share=0.3,seed=7,times=30         a bit of everything, the same for the same seed

where, all of them (what a fault is for by default stands in its line):
  on=WORD+WORD       any of these kinds of request; a composite is what its subrequests are, too:
{words}
  method=PATCH+POST  path=REGEX (found in path and query)  object=Contact+Lead
when:
  at=K               from the K-th matching request on (1)
  every=N            of those, every N-th
  share=0.2,seed=7   of those, this share, drawn from the seed (1)
  times=N            so often, then no more; times=always. 1, but 10 with share or every; "always"
                     below: until it is taken away
Of the faults due at one request the first is applied, and slow beside it; those of rows, pages and
subrequests besides.

{kinds}
{mix}

The request log's "faults" counts what was applied to a request. A request that was carried out
counts as an API call, whatever became of its answer.
"""
import textwrap
import threading
from functools import partial

import operations
from errors import ApiError
from fault_kinds import KINDS, MIX, row_range
from fault_spec import read_faults, read_json_fault
from http_types import json_response


class Faults:
    def __init__(self, api, specs):
        self.api = api
        self.faults = [fault for spec in specs for fault in read_faults(spec)]
        self.request = None  # the one, or the subrequest, that is being carried out
        self._lock = threading.Lock()

    # Hooks, in the order of a request's way

    def cut_off(self, request):
        """Before the body is read: what is answered if it never is, or None."""
        fault = self.first_due("connection", request)
        return fault and fault.kind.act(fault, self.api, request, None)

    def answer(self, request, carry_out):
        """A whole request; carry_out gives its answer and raises nothing."""
        for fault in self.due_at_request(request):
            carry_out = partial(fault.kind.act, fault, self.api, carry_out=carry_out)
        return carry_out(request)

    def part(self, request):
        """A request or subrequest is about to be carried out by the API, under its lock."""
        self.request = request
        fault = self.first_due("part", request)
        if not fault and request.outer:
            fault = self.first_due("subrequest", request)
        if fault:
            if fault.name == "locator-expired":
                self.api.queries.forget(request.steps[1])
            raise error_of(fault)

    def page_rows(self, request, size):
        """How many rows a page has that would have so many."""
        fault = self.first_due("page", request)
        if not fault:
            return size
        rows = fault.random.randint(*row_range(fault))
        if rows >= size:
            fault.give_back(request)
        return min(rows, size)

    def row(self, op, sobject, record_id):
        """A record is about to be written."""
        def fits(fault):
            return op in fault["op"].split("+") and \
                (not fault.objects or sobject.name.lower() in fault.objects)
        fault = self.first_due("row", self.request, fits)
        if fault:
            raise error_of(fault, record_id)

    # Which are due

    def first_due(self, stage, request, fits=lambda fault: True):
        with self._lock:
            due = [fault for fault in self.faults
                   if fault.kind.stage == stage and fits(fault) and fault.due(request)]
            for fault in due[1:]:
                fault.give_back(request)
            return due[0] if due else None

    def due_at_request(self, request):
        """The one that is applied, and slow ones around it."""
        with self._lock:
            due = [fault for fault in self.faults
                   if fault.kind.stage == "request" and fault.due(request)]
            first = next((fault for fault in due if fault.name != "slow"), None)
            for fault in due:
                if fault.name != "slow" and fault is not first:
                    fault.give_back(request)
        return [fault for fault in [first] if fault] + [f for f in due if f.name == "slow"]

    # The control endpoints

    def show(self):
        return json_response(200, {"faults": [fault.summary() for fault in self.faults]})

    def change(self, request):
        body = request.json()
        if not isinstance(body, dict) or "name" in body:
            body = {"faults": body if isinstance(body, list) else [body]}
        added = [fault for each in body.get("faults", []) for fault in read_json_fault(each)]
        with self._lock:
            self.faults = ([] if body.get("clear") is True else self.faults) + added
        return self.show()

    def clear(self):
        with self._lock:
            self.faults = []
        self.api.oauth.begin_again()


def error_of(fault, record_id=None):
    message = fault["message"].replace("{id}", record_id or "")
    fields = [] if fault.kind.stage == "row" else None
    return ApiError(int(fault["status"]), fault["code"], message, fields)


def help_text():
    def paragraph(text, indent):
        return textwrap.fill(text, 96, initial_indent="  ", subsequent_indent=" " * indent,
                             break_on_hyphens=False)

    words = "; ".join(name + (f" ({about})" if about else "")
                      for name, about in operations.NAMES.items())
    words = textwrap.fill(words, 96, initial_indent=" " * 21, subsequent_indent=" " * 21)
    kinds = "\n".join(paragraph(kind_text(name, kind), 21) for name, kind in KINDS.items())
    mix = paragraph(f"{'mix':<18} share and times, shared out among these (of=NAME+NAME: others): "
                    + " ".join(MIX), 21)
    return __doc__.partition("\n\n")[2].format(words=words, kinds=kinds, mix=mix)


def kind_text(name, kind):
    defaults = [f"{key}={value}" for key, value in kind.options.items()
                if value and " " not in value]
    defaults += [f"on={kind.on}"] * (kind.on != "data") + ["always"] * (kind.times == "always")
    return f"{name:<18} {kind.about}" + (f" [{' '.join(defaults)}]" if defaults else "")
