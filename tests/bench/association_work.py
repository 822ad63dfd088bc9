"""associate-call, and what else answers its question."""
import shutil
import sys

import table
from data import HERE
from measure import expect, median, n_lines, run

COMPARED = 20000  # calls on which all must agree
FREEMAIL = HERE.parent.parent / "common" / "freemail.txt"


def one_call(tools, data, runs):
    one = data.head(data.call_lines("participants"), 1)
    return median(max(runs, 25), [tools / "associate-call", "--store", data.store], stdin=one)


def work(tools, data, small, runs):
    table.section("associate-call")
    argv = [tools / "associate-call", "--store", data.store]
    calls = data.call_lines("participants")
    few = one_call(tools, small, runs)
    table.figures(f"one call, {small.contacts:,} contacts", 1, few)
    many = one_call(tools, data, runs)
    table.figures(f"one call, {data.contacts:,} contacts", 1, many,
                  f"5 ms; 1.3 times the above: {many.wall / few.wall:.2f}, by cpu {many.cpu / few.cpu:.2f}")
    if data.calls > 10000:
        table.figures("10,000 calls", 10000, median(runs, argv, stdin=data.head(calls, 10000)), "0.2 s")
    million = "2.5 s, 250 MiB" if data.calls == 1000000 else "2.5 s, 250 MiB for a million"
    table.figures("all calls, whole lines", data.calls, median(runs, argv, stdin=calls), million)
    table.figures("all calls, --jobs 1", data.calls, median(runs, [*argv, "--jobs", "1"], stdin=calls))
    whole = data.path("associated")
    run(argv, stdin=calls, stdout=whole)
    expect("associated calls", n_lines(whole), data.calls)
    whole.unlink()


def dictionaries(data):
    return [sys.executable, "-B", HERE / "dictionaries.py", data.store, FREEMAIL]


def join(data, calls):
    """The sqlite3 command: the calls and the free-mail list into temporary tables, then join.sql."""
    free = data.make("freemail", ["sed", "-e", "s/#.*//", "-e", "s/[[:space:]]//g", "-e", "/^$/d", FREEMAIL])
    return ["sqlite3", "-readonly", data.store,
            "CREATE TEMP TABLE free (domain TEXT PRIMARY KEY)", "CREATE TEMP TABLE calls (line TEXT)",
            ".mode ascii", '.separator "\\001" "\\n"', f'.import --schema temp "{free}" free',
            f'.import --schema temp "{calls}" calls', ".mode csv", f'.read "{HERE / "join.sql"}"']


def others(data, runs):
    """Matches by address and domain alone: less than associate-call does, of the same lines."""
    calls = data.call_lines("participants")
    table.figures("Python with dictionaries: address, domain", data.calls,
                  median(runs, dictionaries(data), stdin=calls))
    if shutil.which("sqlite3"):
        table.figures("sqlite3 with a join: address, domain", data.calls, median(runs, join(data, calls)))


def agree(tools, data):
    """That all found the same people."""
    calls = data.head(data.call_lines("participants"), min(COMPARED, data.calls))
    ours, theirs = data.path("associated"), data.path("matched")
    run([tools / "associate-call", "--store", data.store], stdin=calls, stdout=ours)
    checks = [(dictionaries(data), theirs)]
    if shutil.which("sqlite3"):
        checks.append((join(data, calls), data.path("matched.csv")))
    for argv, out in checks:
        run(argv, stdin=calls, stdout=out)
        run([sys.executable, "-B", HERE / "agree.py", out, ours], stdout=data.path("agreed"))
    people = int(data.path("agreed").read_text(encoding="ascii"))
    table.note(f"all agree on {people:,} participants", "")
