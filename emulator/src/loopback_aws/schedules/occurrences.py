"""When a schedule is due: rate(), cron() and at() expressions, its start, its end and its time zone.

After EventBridge Scheduler's "Schedule types": a rate counts from the schedule's StartDate; without one the
first invocation is at once, when the schedule is made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ministack.services import eventbridge

Schedule = Mapping[str, Any]
_AT = re.compile(r"\s*at\((.+)\)\s*")


def occurrence(schedule: Schedule, after: float, until: float) -> float | None:
    """The first moment with after < moment <= until at which the schedule is due; None when there is none."""
    if schedule.get("State") != "ENABLED":
        return None
    expression = str(schedule.get("ScheduleExpression", ""))
    if at := _AT.fullmatch(expression):
        found = _in_zone(datetime.fromisoformat(at[1].strip()), schedule)
        return found if after < found <= until else None
    start, end = seconds(schedule.get("StartDate")), seconds(schedule.get("EndDate"))
    if (start is not None and until < start) or (end is not None and after > end):
        return None
    if (interval := eventbridge._parse_rate_seconds(expression)) is not None:
        return _of_rate(start or float(schedule.get("CreationDate") or 0), interval, after, until)
    if (fields := eventbridge._parse_cron_fields(expression)) is None:
        return None
    following = eventbridge._cron_next_fire(fields, datetime.fromtimestamp(after, _zone(schedule)))
    due = following.timestamp() if following else None
    return due if due is not None and after < due <= until else None


def completed(schedule: Schedule, now: float) -> bool:
    """Whether the schedule will never be due again."""
    if at := _AT.fullmatch(str(schedule.get("ScheduleExpression", ""))):
        return _in_zone(datetime.fromisoformat(at[1].strip()), schedule) <= now
    end = seconds(schedule.get("EndDate"))
    return end is not None and end < now


def check(schedule: Schedule) -> None:
    """ValueError, which says why, for a schedule that would never be due because it is not understood."""
    expression = str(schedule.get("ScheduleExpression", ""))
    _zone(schedule)
    if at := _AT.fullmatch(expression):
        datetime.fromisoformat(at[1].strip())
    elif eventbridge._parse_rate_seconds(expression) is None and not eventbridge._parse_cron_fields(
        expression
    ):
        raise ValueError(f"Invalid Schedule Expression {expression}.")


def seconds(value: Any) -> float | None:
    """A date of the API (a number) or of a template (ISO 8601), in seconds."""
    if value is None or isinstance(value, int | float):
        return value
    moment = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _of_rate(first: float, interval: int, after: float, until: float) -> float | None:
    """The latest multiple of the interval since `first` that is due: missed ones are not made up for."""
    if until < first:
        return None
    due = first + (until - first) // interval * interval
    return due if due > after else None


def _in_zone(moment: datetime, schedule: Schedule) -> float:
    return (moment if moment.tzinfo else moment.replace(tzinfo=_zone(schedule))).timestamp()


def _zone(schedule: Schedule) -> ZoneInfo:
    name = str(schedule.get("ScheduleExpressionTimezone") or "UTC")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"The time zone {name!r} is not known on this machine.") from None
