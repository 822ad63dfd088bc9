"""Ids and times as Salesforce writes them, made from numbers, fast."""
from datetime import date, timedelta

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
FIRST_DAY = date(2023, 11, 1)
N_DAYS = 1096  # to 2026-10-31
SECONDS = N_DAYS * 86400


def bits(text, at=0):
    return sum(1 << (at + n) for n, c in enumerate(text) if "A" <= c <= "Z")


HIGH = [(a + b, bits(a + b)) for a in DIGITS for b in DIGITS]
LOW = [(a + b + c, bits(a + b + c, 2)) for a in DIGITS for b in DIGITS for c in DIGITS]
DAYS = [(FIRST_DAY + timedelta(days=n)).isoformat() for n in range(N_DAYS + 400)]
TIMES = [f"T{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}" for n in range(86400)]


def ids(prefix):
    """A function from numbers below 62 ** 5 to Ids of 18 characters, in the same order."""
    head, tail = prefix + "Hs00000", CHECK[bits(prefix + "Hs")] + "A"

    def make(n):
        high, low = HIGH[n // 238328], LOW[n % 238328]
        return head + high[0] + low[0] + tail + CHECK[high[1] | low[1]]

    return make


def stamp(seconds):
    """Seconds since the first day, as the REST API writes a time."""
    return f"{DAYS[seconds // 86400]}{TIMES[seconds % 86400]}.000+0000"


def utc(seconds):
    return f"{DAYS[seconds // 86400]}{TIMES[seconds % 86400]}Z"


def day(seconds):
    return DAYS[seconds // 86400]


def mix(n, salt=0):
    """A number of 32 bits that looks random, the same each time."""
    n = (n + salt * 0x9E3779B1) * 0x85EBCA6B & 0xFFFFFFFF
    n = (n ^ n >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
    return n ^ n >> 16
