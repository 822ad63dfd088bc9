"""Whole processes: wall time, processor time and peak memory, the median of several runs."""
import os
import statistics
import sys
import time
from pathlib import Path


class Broken(Exception):
    """What was measured did not do its work."""


class Run:
    def __init__(self, wall, usage):
        self.wall = wall
        self.cpu = usage.ru_utime + usage.ru_stime
        self.mib = usage.ru_maxrss / 1024


class Figures:
    """The runs' median times and highest peak. A peak as low as this process's own is only an upper
    bound: the kernel counts what a process was before it became the program."""

    def __init__(self, runs):
        self.wall = statistics.median(r.wall for r in runs)
        self.cpu = statistics.median(r.cpu for r in runs)
        self.mib = max(r.mib for r in runs)
        self.floor = self.mib <= own_peak() * 1.02


def own_peak():
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0


def run(argv, stdin=os.devnull, stdout=os.devnull, env=None):
    """One run; its standard error is shown if it fails."""
    argv = [str(a) for a in argv]
    errors = os.memfd_create("errors")
    files = [(os.POSIX_SPAWN_OPEN, 0, str(stdin), os.O_RDONLY, 0),
             (os.POSIX_SPAWN_OPEN, 1, str(stdout), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
             (os.POSIX_SPAWN_DUP2, errors, 2)]
    begin = time.perf_counter()
    pid = os.posix_spawnp(argv[0], argv, {**os.environ, **(env or {})}, file_actions=files)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - begin
    said = os.pread(errors, 4000, 0).decode(errors="replace")
    os.close(errors)
    if status != 0:
        raise Broken(f"{' '.join(argv)} < {stdin}: status {os.waitstatus_to_exitcode(status)}\n{said}")
    return Run(wall, usage)


def median(runs, argv, before=None, **files):
    """So many runs, after one that warms the cache; before() prepares each, unmeasured."""
    taken = []
    for n in range(runs + (before is None)):
        if before:
            before()
        taken.append(run(argv, **files))
        print(".", end="", file=sys.stderr, flush=True)
    return Figures(taken[-runs:])


def n_lines(path, with_text=b"\n"):
    with open(path, "rb") as file:
        return sum(with_text in line for line in file)


def expect(what, got, wanted):
    if got != wanted:
        raise Broken(f"{what}: {got}, not {wanted}")
