"""
Values between JSON and the database. A stored value is text in the very form that goes out, so
that a datetime sorts as text and a number keeps its digits; booleans are 0 and 1.
"""
import json
import re
from datetime import datetime, timezone
from decimal import Decimal, InvalidOperation
from functools import lru_cache

ID_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
DATETIME = re.compile(
    r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$")
DATE = re.compile(r"\d{4}-\d\d-\d\d$")


class Number(str):
    """A JSON number by its text: no double holds every currency(18,2)."""


def read_json(text):
    return json.loads(text, parse_float=Number, parse_int=Number)


def write_json(value):
    if isinstance(value, (Number, Raw)):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if value is None or isinstance(value, (bool, int)):
        return json.dumps(value)
    if isinstance(value, dict):
        members = (f"{write_json(str(k))}:{write_json(v)}" for k, v in value.items())
        return "{" + ",".join(members) + "}"
    return "[" + ",".join(map(write_json, value)) + "]"


class Raw(str):
    """JSON that is already text; it goes out as it is."""


# Ids

def id_suffix(short):
    suffix = ""
    for start in (0, 5, 10):
        bits = sum(1 << j for j in range(5) if "A" <= short[start + j] <= "Z")
        suffix += ID_CHECK[bits]
    return suffix


def read_id(text):
    """The 18-character form, or None if this is no id."""
    if not isinstance(text, str) or not text.isascii() or not text.isalnum():
        return None
    if len(text) == 15:
        return text + id_suffix(text)
    if len(text) == 18 and text[15:] == id_suffix(text[:15]):
        return text
    return None


def make_id(prefix, number):
    digits = ""
    for _ in range(9):
        number, digit = divmod(number, 62)
        digits = BASE62[digit] + digits
    short = prefix + "xx0" + digits
    return short + id_suffix(short)


# Times

def read_instant(text):
    """A datetime in UTC. ValueError if the text is none."""
    match = DATETIME.match(text)
    if not match:
        raise ValueError(f"no datetime: {text}")
    day, minute, second, fraction, zone = match.groups()
    zone = "+00:00" if zone in (None, "Z") else zone
    if ":" not in zone:
        zone = zone[:3] + ":" + zone[3:]
    micro = ((fraction or ".")[1:7]).ljust(6, "0")
    instant = datetime.fromisoformat(f"{day}T{minute}:{second or '00'}.{micro}{zone}")
    return instant.astimezone(timezone.utc)


def datetime_text(instant, exact=False):
    milli = instant.microsecond // 1000 if exact else 0
    return instant.strftime("%Y-%m-%dT%H:%M:%S") + f".{milli:03d}+0000"


@lru_cache(maxsize=4096)
def read_datetime(text):
    return datetime_text(read_instant(text))


def read_date(text):
    if not DATE.match(text):
        raise ValueError(f"no date: {text}")
    datetime.strptime(text, "%Y-%m-%d")
    return text


# Numbers

def number_text(number, scale=None, integer=False):
    """As Java prints a double, except where a double could not hold the digits."""
    try:
        value = Decimal(str(number))
    except InvalidOperation:
        raise ValueError(f"no number: {number}") from None
    if not value.is_finite() or abs(value.adjusted()) > 300:
        raise ValueError(f"no number: {number}")
    if scale is not None:
        value = cut(value, scale)
    if integer:
        return format(cut(value, 0), "f") if cut(value, 0) else "0"
    if not value:
        return "0.0"
    digits = "".join(map(str, value.as_tuple().digits)).strip("0")
    if digits and len(digits) <= 15 and not -3 <= value.adjusted() < 7:
        mantissa = digits[0] + "." + (digits[1:] or "0")
        return ("-" if value < 0 else "") + f"{mantissa}E{value.adjusted()}"
    plain = format(value, "f")
    if "." in plain:
        plain = plain.rstrip("0")
    return plain + "0" if plain.endswith(".") else plain if "." in plain else plain + ".0"


def cut(value, scale):
    """Extra decimals are dropped without a word."""
    sign, digits, exponent = value.as_tuple()
    extra = -exponent - scale
    if extra <= 0:
        return value
    kept = digits[:-extra] if extra < len(digits) else (0,)
    return Decimal((sign, kept or (0,), -scale))


def integer_digits(number):
    value = Decimal(str(number))
    return max(0, value.adjusted() + 1) if value else 0
