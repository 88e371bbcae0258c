"""Counts by the hour, or by days where a long time would give more columns than a screen has room for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import TypeVar

from reports.document import ExecutionHour, HourRow, Window
from reports.times import read_moment, utc

# Columns of a chart and rows of its table; two weeks of hours.
MOST = 336
DAY = 24
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Row = TypeVar("Row", HourRow, ExecutionHour)


def period_hours(window: Window) -> int:
    """How many hours a column is of: one, or whole UTC days."""
    hours = (read_moment(window["stop"]) - read_moment(window["start"])) / timedelta(hours=1)
    return 1 if hours <= MOST else DAY * ceil(hours / DAY / MOST)


def period_name(hours: int) -> str:
    """As it is said after "by"."""
    return {1: "the hour", DAY: "the day"}.get(hours, f"{hours // DAY} days")


def inferences_by_period(rows: Iterable[HourRow], hours: int) -> list[HourRow]:
    """Rows by hour, added up by period; the mean confidence is that of the inferences together."""
    return [_together(start, own) for start, own in _by_period(rows, hours)] if hours > 1 else list(rows)


def executions_by_period(rows: Iterable[ExecutionHour], hours: int) -> list[ExecutionHour]:
    """Rows by hour, added up by period."""
    return [_sum(start, own) for start, own in _by_period(rows, hours)] if hours > 1 else list(rows)


def _by_period(rows: Iterable[Row], hours: int) -> list[tuple[str, list[Row]]]:
    """The rows of each period with its start, in the order of time."""
    periods: dict[datetime, list[Row]] = {}
    length = timedelta(hours=hours)
    for row in rows:
        start = EPOCH + (read_moment(row["start"]) - EPOCH) // length * length
        periods.setdefault(start, []).append(row)
    return [(utc(start), periods[start]) for start in sorted(periods)]


def _together(start: str, rows: list[HourRow]) -> HourRow:
    inferences, confidence = 0, 0.0
    for row in rows:
        inferences += row["inferences"]
        confidence += (row["mean_confidence"] or 0) * row["inferences"]
    return {
        "start": start,
        "inferences": inferences,
        "low_confidence": sum(row["low_confidence"] for row in rows),
        "mean_confidence": confidence / inferences if inferences else None,
    }


def _sum(start: str, rows: list[ExecutionHour]) -> ExecutionHour:
    return {
        "start": start,
        "SUCCEEDED": sum(row["SUCCEEDED"] for row in rows),
        "FAILED": sum(row["FAILED"] for row in rows),
        "TIMED_OUT": sum(row["TIMED_OUT"] for row in rows),
        "ABORTED": sum(row["ABORTED"] for row in rows),
        "RUNNING": sum(row["RUNNING"] for row in rows),
    }
