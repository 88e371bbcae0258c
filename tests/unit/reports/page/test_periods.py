"""Counts by the hour in a short window, by the day in a long one: nothing is lost, the page stays small."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from reports.document import ExecutionHour, HourRow, Window
from reports.page import render_page
from reports.page.periods import executions_by_period, inferences_by_period, period_hours
from tests.unit.reports.samples import sample_numbers

START = datetime(2026, 3, 1, 7, tzinfo=UTC)


def window(hours: float) -> Window:
    return {"start": START.isoformat(), "stop": (START + timedelta(hours=hours)).isoformat()}


def hourly(hours: int) -> list[HourRow]:
    starts = [(START + timedelta(hours=hour)).isoformat().replace("+00:00", "Z") for hour in range(hours)]
    return [
        {
            "start": start,
            "inferences": 2 + index % 3,
            "low_confidence": 1,
            "mean_confidence": 0.9 - index % 3 / 10,
        }
        for index, start in enumerate(starts)
    ]


def executions(start: str) -> ExecutionHour:
    return {"start": start, "SUCCEEDED": 3, "FAILED": 1, "TIMED_OUT": 0, "ABORTED": 0, "RUNNING": 0}


@pytest.mark.parametrize(
    ("hours", "period"),
    [(0.5, 1), (24, 1), (336, 1), (337, 24), (24 * 336, 24), (24 * 337, 48), (24 * 3650, 264)],
)
def test_how_long_a_period_is(hours: float, period: int) -> None:
    assert period_hours(window(hours)) == period


def test_hours_stay_as_they_are() -> None:
    assert inferences_by_period(hourly(5), 1) == hourly(5)


def test_days_hold_what_their_hours_held() -> None:
    rows, days = hourly(50), inferences_by_period(hourly(50), 24)
    assert [day["start"] for day in days] == [f"2026-03-0{day}T00:00:00Z" for day in (1, 2, 3)]
    assert [day["low_confidence"] for day in days] == [17, 24, 9]
    assert sum(day["inferences"] for day in days) == sum(row["inferences"] for row in rows)
    assert sum(day["low_confidence"] for day in days) == sum(row["low_confidence"] for row in rows)
    first = rows[:17]
    assert days[0]["mean_confidence"] == pytest.approx(
        sum((row["mean_confidence"] or 0) * row["inferences"] for row in first)
        / sum(row["inferences"] for row in first)
    )


def test_days_hold_the_executions_of_their_hours() -> None:
    days = executions_by_period([executions(hour["start"]) for hour in hourly(50)], 24)
    assert [day["start"] for day in days] == [f"2026-03-0{day}T00:00:00Z" for day in (1, 2, 3)]
    assert [(day["SUCCEEDED"], day["FAILED"], day["RUNNING"]) for day in days] == [
        (51, 17, 0),
        (72, 24, 0),
        (27, 9, 0),
    ]


def test_a_year_of_hours_is_a_page_of_the_same_size() -> None:
    numbers = sample_numbers(30)
    numbers |= {"window": window(24 * 365), "hours": hourly(24 * 365)}
    assert numbers["executions"]
    numbers["executions"]["hours"] = [executions(hour["start"]) for hour in numbers["hours"]]
    page = render_page(numbers, console=True)
    assert len(page.encode()) < 1_000_000
    assert "by 2 days" in page
