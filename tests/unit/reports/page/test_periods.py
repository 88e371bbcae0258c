"""Counts by the hour in a short window, by the day in a long one: nothing is lost, the page stays small."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reports.page import render_page
from reports.page.periods import in_periods, period_hours
from tests.unit.reports.samples import sample_numbers

START = datetime(2026, 3, 1, 7, tzinfo=UTC)


def window(hours: float) -> dict[str, str]:
    return {"start": START.isoformat(), "stop": (START + timedelta(hours=hours)).isoformat()}


def hourly(hours: int) -> list[dict[str, Any]]:
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


@pytest.mark.parametrize(
    ("hours", "period"),
    [(0.5, 1), (24, 1), (336, 1), (337, 24), (24 * 336, 24), (24 * 337, 48), (24 * 3650, 264)],
)
def test_how_long_a_period_is(hours: float, period: int) -> None:
    assert period_hours(window(hours)) == period


def test_hours_stay_as_they_are() -> None:
    assert in_periods(hourly(5), 1) == hourly(5)


def test_days_hold_what_their_hours_held() -> None:
    rows, days = hourly(50), in_periods(hourly(50), 24)
    assert [day["start"] for day in days] == [f"2026-03-0{day}T00:00:00Z" for day in (1, 2, 3)]
    assert [day["low_confidence"] for day in days] == [17, 24, 9]
    for name in ("inferences", "low_confidence"):
        assert sum(day[name] for day in days) == sum(row[name] for row in rows)
    first = rows[:17]
    assert days[0]["mean_confidence"] == pytest.approx(
        sum(row["mean_confidence"] * row["inferences"] for row in first)
        / sum(row["inferences"] for row in first)
    )


def test_a_year_of_hours_is_a_page_of_the_same_size() -> None:
    numbers = sample_numbers(30)
    numbers.update(window=window(24 * 365), hours=hourly(24 * 365))
    numbers["executions"]["hours"] = [
        {"start": hour["start"], "SUCCEEDED": 3, "FAILED": 1} for hour in numbers["hours"]
    ]
    page = render_page(numbers)
    assert len(page.encode()) < 1_000_000
    assert "by 2 days" in page
