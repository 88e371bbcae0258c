"""Counts by the hour, or by days where a long time would give more columns than a screen has room for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

from reports.figures.rounding import utc
from reports.times import read_moment

# Columns of a chart and rows of its table; two weeks of hours.
MOST = 336
DAY = 24
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def period_hours(window: dict[str, str]) -> int:
    """How many hours a column is of: one, or whole UTC days."""
    hours = (read_moment(window["stop"]) - read_moment(window["start"])) / timedelta(hours=1)
    return 1 if hours <= MOST else DAY * ceil(hours / DAY / MOST)


def period_name(hours: int) -> str:
    """As it is said after "by"."""
    return {1: "the hour", DAY: "the day"}.get(hours, f"{hours // DAY} days")


def in_periods(rows: Iterable[dict[str, Any]], hours: int) -> list[dict[str, Any]]:
    """Rows by hour, added up by period; the mean confidence is that of the inferences together."""
    if hours == 1:
        return list(rows)
    periods: dict[datetime, dict[str, Any]] = {}
    for row in rows:
        start = EPOCH + (read_moment(row["start"]) - EPOCH) // timedelta(hours=hours) * timedelta(hours=hours)
        period = periods.setdefault(start, {"start": utc(start)})
        _add(period, row)
    return [periods[start] for start in sorted(periods)]


def _add(period: dict[str, Any], row: dict[str, Any]) -> None:
    if row.get("mean_confidence") is not None:
        before, more = period.get("inferences", 0), row["inferences"]
        mean = (period.get("mean_confidence") or 0) * before + row["mean_confidence"] * more
        period["mean_confidence"] = mean / (before + more) if before + more else None
    for name, count in row.items():
        if name not in {"start", "mean_confidence"}:
            period[name] = period.get(name, 0) + count
