"""SOQL's date literals (TODAY, LAST_N_DAYS:30, ...) as half-open ranges of days, in UTC."""
import re
from datetime import date, timedelta


def day_range(name, count, today):
    """(first day, first day after), or None if there is no such literal."""
    simple = {"YESTERDAY": -1, "TODAY": 0, "TOMORROW": 1}
    if name in simple and count is None:
        return span("DAY", simple[name], 1, today)
    match = re.match(r"(LAST|THIS|NEXT)_(WEEK|MONTH|QUARTER|YEAR)$", name)
    if match and count is None:
        step = {"LAST": -1, "THIS": 0, "NEXT": 1}[match[1]]
        return span(match[2], step, 1, today)
    if name == "LAST_90_DAYS" or name == "LAST_N_DAYS" and count is not None:
        days = 90 if count is None else count
        return today - timedelta(days=days), today + timedelta(days=1)
    if name == "NEXT_90_DAYS" or name == "NEXT_N_DAYS" and count is not None:
        days = 90 if count is None else count
        return today + timedelta(days=1), today + timedelta(days=days + 1)
    match = re.match(r"(LAST|NEXT)_N_(WEEK|MONTH|QUARTER|YEAR)S$", name)
    if match and count is not None:
        return span(match[2], -count if match[1] == "LAST" else 1, count, today)
    match = re.match(r"N_(DAY|WEEK|MONTH|QUARTER|YEAR)S_AGO$", name)
    if match and count is not None:
        return span(match[1], -count, 1, today)
    return None


def span(unit, step, length, today):
    """So many units from the one that is `step` away from today's."""
    if unit in ("DAY", "WEEK"):
        days = 1 if unit == "DAY" else 7
        begin = today if unit == "DAY" else today - timedelta(days=(today.weekday() + 1) % 7)
        first = begin + timedelta(days=days * step)
        return first, first + timedelta(days=days * length)
    months = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}[unit]
    month = today.year * 12 + (today.month - 1) // months * months + months * step
    return month_start(month), month_start(month + months * length)


def month_start(month):
    year, index = divmod(month, 12)
    return date(min(max(year, 1), 9999), index + 1, 1)
