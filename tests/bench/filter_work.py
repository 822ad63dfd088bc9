"""merge-participants beside jq, read-invite, the scanner alone, sf-pull."""
import os
import shutil
import subprocess
import sys
import time

import table
from data import HERE
from measure import Broken, expect, median, n_lines, run

LINES = 50000  # no more where each line takes long
EVENTS = 20000  # read-invite takes 64 MiB
PULLED = 300000


def merge(tools, data, runs):
    table.section("merge-participants")
    n = min(data.calls, LINES)
    lines = data.call_lines("attendance", n)
    jobs = [tools / "merge-participants", "--jobs"]
    ours = median(runs, [*jobs, "1"], stdin=lines)
    if shutil.which("jq"):
        theirs = median(runs, ["jq", "-c", "."], stdin=lines)
        table.figures("jq -c .", n, theirs)
        times = f"10 times jq's: {theirs.cpu / ours.cpu:.1f}"
    else:
        times = "10 times jq's"
    table.figures("one thread", n, ours, times)
    table.figures("two threads", n, median(runs, [*jobs, "2"], stdin=lines))
    merged = data.path("merged")
    run([*jobs, "1"], stdin=lines, stdout=merged)
    expect("lines with participants", n_lines(merged, b',"participants":[{"'), n)
    merged.unlink()


def scan(tools, data, runs):
    """Lines of a kind that the filter does not handle: read, checked as JSON, passed."""
    records = data.records()
    n, mib = n_lines(records), records.stat().st_size / 1048576
    got = median(runs, [tools / "merge-participants", "--jobs", "1"], stdin=records)
    table.figures("records passed through, one thread", n, got, f"{mib / got.wall:,.0f} MiB/s")
    passed = data.path("passed")
    run([tools / "merge-participants"], stdin=records, stdout=passed)
    if subprocess.run(["cmp", records, passed], check=False).returncode != 0:
        raise Broken("records did not pass byte for byte")
    passed.unlink()


def invite(tools, data, runs):
    table.section("read-invite")
    n = min(data.calls, EVENTS)
    file = data.call_lines("invitations", n)
    argv = [tools / "read-invite", file]
    got = median(runs, argv)
    mib = file.stat().st_size / 1048576
    table.figures(f"events in one iCalendar file of {mib:.0f} MiB", n, got)
    read = data.path("read")
    run(argv, stdout=read)
    expect("call lines", n_lines(read), n)
    read.unlink()


def server(data, n):
    """The server, once it is ready, and its URL."""
    port = data.path("port")
    port.unlink(missing_ok=True)
    process = subprocess.Popen([sys.executable, "-B", HERE / "replay.py", data.records(), str(n), port])
    while not port.exists():
        if process.poll() is not None:
            raise Broken("the server for sf-pull ended")
        time.sleep(0.05)
    return process, port.read_text(encoding="ascii")


def pull(tools, data, runs):
    table.section("sf-pull")
    n = min(data.contacts, PULLED)
    process, url = server(data, n)
    try:
        env = {"SF_INSTANCE_URL": url, "SF_ACCESS_TOKEN": "00DHs0000000001!bench"}
        argv = [tools / "sf-pull", "--store", os.devnull + ".none", "--max-records", "1000000", "Contact"]
        pulled = data.path("pulled")
        run(argv, stdout=pulled, env=env)
        expect("pulled contacts", n_lines(pulled, b'{"attributes":'), n)
        pulled.unlink()
        got = median(runs, argv, env=env)
    finally:
        process.terminate()
        process.wait()
    table.figures("contacts of a loopback server", n, got, f"100,000/s of its own: {n / got.cpu:,.0f}; 50 MiB")
