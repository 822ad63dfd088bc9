"""
How fast sfpipe is: whole processes on made-up data, the median of several runs with a warm cache,
beside what else answers the same question. Nothing is asserted of the figures; what was measured is
checked to have done its work.

    make bench CONTACTS=1000000 CALLS=1000000 RUNS=5
"""
import argparse
import os
import sys
from pathlib import Path

import affected_work
import association_work
import filter_work
import store_work
import table
from data import Data
from measure import Broken

PARTS = ("store", "association", "affected", "merge", "scan", "invite", "pull")


def parse_options():
    parser = argparse.ArgumentParser(prog="bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--contacts", type=int, default=100000, help="and half as many leads, a tenth accounts, three "
        "tenths opportunities (%(default)s)")
    add("--calls", type=int, default=100000, help="of four people each (%(default)s)")
    add("--activities", type=int, default=0, help="histories, Tasks and Events, a third each (%(default)s)")
    add("--runs", type=int, default=5, help="the median of so many (%(default)s)")
    add("--only", choices=PARTS, action="append", help="only this part, on the store as it is; repeatable")
    add("--data", default="build/bench", help="where the data is kept (%(default)s)")
    options = parser.parse_args()
    if options.contacts < 100 or options.calls < 1 or options.runs < 1:
        parser.error("at least 100 contacts, a call, a run")
    return options


def measure(options, tools):
    data = Data(options.data, options.contacts, options.calls, options.activities)
    small = Data(options.data, options.contacts // 10, options.calls, options.activities // 10)
    parts, runs = options.only or PARTS, options.runs
    table.title(f"{options.contacts:,} contacts, {options.calls:,} calls, median of {runs}")
    if "store" in parts:
        store_work.work(tools, data, runs)
    if "association" in parts:
        store_work.first_load(tools, small, 1)
        if not data.store.exists():
            store_work.first_load(tools, data, 1)
        association_work.work(tools, data, small, runs)
        association_work.others(data, runs)
        association_work.agree(tools, data)
    if "affected" in parts:
        affected_work.work(tools, data, runs)
    if "store" in parts:
        store_work.calls(tools, data, runs)
    for name in ("merge", "scan", "invite", "pull"):
        if name in parts:
            getattr(filter_work, name)(tools, data, runs)


def main():
    options = parse_options()
    for name in ("SFPIPE_STORE", "SFPIPE_RULES"):
        os.environ.pop(name, None)
    try:
        measure(options, Path(os.environ.get("BUILD", "build")).resolve())
    except Broken as why:
        sys.exit(f"bench: {why}")


if __name__ == "__main__":
    main()
