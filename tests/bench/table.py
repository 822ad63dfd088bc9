"""The figures as an aligned table, each line printed as soon as it is known."""
import os
import sys

WIDTHS = (52, 11, 12, 10, 10, 8)


def row(cells):
    first, *rest = cells
    *numbers, last = rest
    line = first.ljust(WIDTHS[0]) + "".join(c.rjust(w) for c, w in zip(numbers, WIDTHS[1:]))
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    print((line + "  " + last).rstrip(), flush=True)


def title(text):
    load = os.getloadavg()[0]
    print(f"{text}; {os.cpu_count()} processors, load {load:.1f}")
    row(("", "lines", "a second", "s", "cpu s", "MiB", "aim"))


def section(text):
    print(f"\n{text}", flush=True)


def seconds(value):
    return f"{value * 1000:.2f} ms" if value < 0.1 else f"{value:.2f}"


def figures(what, lines, got, aim=""):
    """lines: how many the work was; what is measured a second."""
    peak = ("<" if got.floor else "") + f"{got.mib:.0f}"
    row((what, f"{lines:,}", f"{lines / got.wall:,.0f}", seconds(got.wall), seconds(got.cpu), peak, aim))


def note(what, text):
    row((what, "", "", "", "", "", text))
