"""EventBridge Scheduler: when a schedule is due, each occurrence once."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

import pytest
from loopback_aws.schedules.occurrences import check, completed, occurrence
from loopback_aws.schedules.ticker import filled

MADE = datetime(2026, 3, 28, 23, 0, 30, tzinfo=UTC).timestamp()


def schedule(expression: str, **more: Any) -> dict[str, Any]:
    return {"ScheduleExpression": expression, "State": "ENABLED", "CreationDate": MADE} | more


def due(of: dict[str, Any], seconds: float, step: float = 1.0) -> list[float]:
    """Seconds after the schedule was made at which it is due, looked at every `step` from just before on."""
    looks = [MADE - 0.5 + step * number for number in range(int((seconds + 1) / step) + 1)]
    found = (occurrence(of, *span) for span in itertools.pairwise(looks))
    return [moment - MADE for moment in found if moment is not None]


def test_a_rate_is_due_at_once_and_then_on_its_second() -> None:
    assert due(schedule("rate(1 minute)"), 180) == [0, 60, 120, 180]
    assert due(schedule("rate(2 minutes)"), 300, step=7) == [0, 120, 240]


def test_a_rate_counts_from_its_start_date_until_its_end_date() -> None:
    bounds = {"StartDate": MADE + 90, "EndDate": "2026-03-28T23:03:00+00:00"}
    assert due(schedule("rate(1 minute)", **bounds), 400) == [90, 150]


def test_what_was_missed_is_not_made_up_for() -> None:
    rate = schedule("rate(1 minute)")
    assert occurrence(rate, MADE + 1, MADE + 3605) == MADE + 3600
    assert occurrence(rate, MADE + 3600, MADE + 3606) is None


def test_cron_is_in_its_time_zone_also_when_clocks_change() -> None:
    """Berlin's clocks went from 2:00 to 3:00 in that night: 3:30 is 1:30 UTC, two and a half hours on."""
    berlin = schedule("cron(30 3 * * ? *)", ScheduleExpressionTimezone="Europe/Berlin")
    assert occurrence(berlin, MADE, MADE + 2.5 * 3600) == MADE + 2.5 * 3600 - 30
    assert due(schedule("cron(0/1 * * * ? *)"), 150) == [30, 90, 150]


def test_at_is_due_once() -> None:
    once = schedule("at(2026-03-29T00:01:00)", ScheduleExpressionTimezone="Europe/Berlin")
    assert due(once, 120) == [30]
    assert not completed(once, MADE)
    assert completed(once, MADE + 30)


def test_a_disabled_schedule_is_never_due() -> None:
    assert due(schedule("rate(1 minute)", State="DISABLED"), 120) == []


@pytest.mark.parametrize("expression", ["rate(5 seconds)", "cron(* *)", "at(tomorrow)", "every day"])
def test_what_would_never_be_due_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        check({"ScheduleExpression": expression})
    with pytest.raises(ValueError, match="Atlantis"):
        check({"ScheduleExpression": "rate(1 minute)", "ScheduleExpressionTimezone": "Atlantis"})


def test_the_input_gets_the_context_of_the_schedule() -> None:
    text = filled('{"at": "<aws.scheduler.scheduled-time>"}', {"Arn": "a"}, MADE)
    assert text == '{"at": "2026-03-28T23:00:30Z"}'
