"""store-apply: the first load, increments, the same again; calls with their associations."""
import sqlite3

import table
from measure import Figures, expect, median, n_lines, run

SHARE = 100  # one in so many records changes


def ask(store, sql):
    base = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
    try:
        return base.execute(sql).fetchone()[0]
    finally:
        base.close()


def records_of(path):
    return n_lines(path, b'{"attributes":')


def first_load(tools, data, runs):
    records = data.records()
    got = median(runs, [tools / "store-apply", "--store", data.store], before=data.remove_store,
                 stdin=records)
    expect("contacts in the store", ask(data.store, "SELECT count(*) FROM contact"), data.contacts)
    return records_of(records), got


def increments(tools, data, runs):
    """Changes of one in a hundred, others in each run; and each once more, which changes nothing."""
    argv = [tools / "store-apply", "--store", data.store]
    changed, again, n = [], [], 0
    for change in range(runs):
        lines = data.records(change)
        n = records_of(lines)
        at = ask(data.store, "SELECT max(seq) FROM change")
        changed.append(run(argv, stdin=lines))
        expect("changes", ask(data.store, "SELECT max(seq) FROM change") - at, n)
        again.append(run(argv, stdin=lines))
        expect("changes the second time", ask(data.store, "SELECT max(seq) FROM change") - at, n)
    return n, Figures(changed), Figures(again)


def work(tools, data, runs):
    table.section("store-apply")
    n, got = first_load(tools, data, runs)
    table.figures("first load of an empty store", n, got, "60,000/s, 50 MiB")
    n, changed, again = increments(tools, data, runs)
    table.figures(f"increment, 1 in {SHARE} changed", n, changed, "15,000/s, 50 MiB")
    table.figures("the same once more: nothing changes", n, again, "15,000/s, 50 MiB")


def calls(tools, data, runs):
    """Associated calls, new to the store and once more. They are forgotten by the next first load."""
    n = min(data.calls, 50000)
    associated = data.path("associated")
    run([tools / "associate-call", "--store", data.store], stdin=data.call_lines("participants", n),
        stdout=associated)
    argv = [tools / "store-apply", "--store", data.store]
    new = run(argv, stdin=associated)
    expect("calls in the store", ask(data.store, "SELECT count(*) FROM call"), n)
    table.figures("associated calls, new (one run)", n, Figures([new]))
    table.figures("the same once more", n, median(runs, argv, stdin=associated))
