"""/updated and /deleted: the Ids that changed within a window of time."""
from datetime import timedelta

import values
from errors import ApiError
from http_types import json_response

UPDATED_DAYS = 30
DELETED_DAYS = 15


def window(request, now, days, shortest):
    """Both ends cut to the minute; the end comes back as text of its last second."""
    try:
        start, end = (values.read_instant(request.query[name]).replace(second=0, microsecond=0)
                      for name in ("start", "end"))
    except (KeyError, ValueError) as error:
        raise ApiError(400, "INVALID_REPLICATION_DATE", f"start and end are datetimes: {error}") \
            from None
    if end - start < shortest:
        raise ApiError(400, "INVALID_REPLICATION_DATE",
                       "The end date must be later than the start date")
    if start < now - timedelta(days=days):
        raise ApiError(400, "INVALID_REPLICATION_DATE",
                       f"startDate before org replication enabled date, or more than {days} days "
                       "ago")
    return start, end


def covered(end, now, running):
    """The start of the oldest transaction that is still running, if there is one."""
    return values.datetime_text(min(end, now.replace(second=0), running or end))


def updated(database, clock, request, sobject, running=None):
    require_replicateable(sobject)
    now = clock.now()
    start, end = window(request, now, UPDATED_DAYS, timedelta(seconds=1))
    stamp = next(name for name in ("SystemModstamp", "LastModifiedDate", "CreatedDate")
                 if name in sobject.columns)
    alive = "AND IsDeleted = 0" if "IsDeleted" in sobject.columns else ""
    rows = database.execute(
        f'SELECT Id FROM "{sobject.name}" WHERE {stamp} BETWEEN ? AND ? {alive} '
        f"ORDER BY {stamp}, Id", (values.datetime_text(start), values.datetime_text(end)))
    return json_response(200, {"ids": [row["Id"] for row in rows],
                               "latestDateCovered": covered(end, now, running)})


def deleted(database, clock, request, sobject, running=None):
    require_replicateable(sobject)
    now = clock.now()
    start, end = window(request, now, DELETED_DAYS, timedelta(minutes=1, seconds=1))
    rows = database.execute(
        "SELECT id, at FROM standin_deleted WHERE object = ? AND at BETWEEN ? AND ? "
        "ORDER BY at, id",
        (sobject.name, values.datetime_text(start), values.datetime_text(end)))
    earliest = now - timedelta(days=DELETED_DAYS)
    return json_response(200, {
        "deletedRecords": [{"deletedDate": row["at"], "id": row["id"]} for row in rows],
        "earliestDateAvailable": values.datetime_text(earliest.replace(second=0)),
        "latestDateCovered": covered(end, now, running)})


def require_replicateable(sobject):
    if "replicate" not in sobject.allowed:
        raise ApiError(400, "INVALID_TYPE", f"{sobject.name} is not replicateable")
