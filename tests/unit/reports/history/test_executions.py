"""Executions of a window: counted by outcome, error, machine and hour, and what is not known is said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reports.history import descriptions
from reports.history.descriptions import Descriptions
from reports.history.executions import ExecutionHistory, list_executions
from tests.aws import Aws, json_answer
from tests.unit.reports.history.step_functions import MACHINES, Executions, states_error

DAY = datetime(2026, 11, 21, tzinfo=UTC)
NONE = {"SUCCEEDED": 0, "FAILED": 0, "TIMED_OUT": 0, "ABORTED": 0, "RUNNING": 0}


def history(executions: Executions, hours: int = 24, **options: Any) -> ExecutionHistory:
    """The executions of the hours before DAY ends."""
    stop = DAY + timedelta(days=1)
    return list_executions(executions.client, MACHINES, stop - timedelta(hours=hours), stop, **options)


def test_nothing_ran(executions: Executions) -> None:
    assert history(executions).as_numbers() == {
        "listed": 0,
        "complete": True,
        "errors_complete": True,
        "outcomes": NONE,
        "errors": [],
        "machines": [
            {"name": "scones-dev-classify-image", "outcomes": NONE},
            {"name": "scones-dev-classify-batch", "outcomes": NONE},
        ],
        "hours": [],
    }


def test_an_execution_counts_once_in_the_hour_and_the_window_in_which_it_started(
    executions: Executions,
) -> None:
    executions.add("image", "before", DAY - timedelta(seconds=1), stopped=DAY + timedelta(minutes=5))
    executions.add("image", "first", DAY)
    executions.add("batch", "long", DAY + timedelta(hours=23, minutes=59), stopped=DAY + timedelta(hours=25))
    executions.add("batch", "runs", DAY + timedelta(hours=23), "RUNNING")
    executions.add("batch", "redrive", DAY + timedelta(hours=23), "PENDING_REDRIVE")
    executions.add("image", "after", DAY + timedelta(days=1))
    numbers = history(executions).as_numbers()
    assert numbers["listed"] == 4
    assert numbers["outcomes"] == NONE | {"SUCCEEDED": 2, "RUNNING": 2}
    assert [machine["outcomes"]["SUCCEEDED"] for machine in numbers["machines"]] == [1, 1]
    assert numbers["hours"] == [
        {"start": "2026-11-21T00:00:00Z", **NONE, "SUCCEEDED": 1},
        {"start": "2026-11-21T23:00:00Z", **NONE, "SUCCEEDED": 1, "RUNNING": 2},
    ]


def test_hours_are_those_of_utc_when_clocks_change(executions: Executions) -> None:
    before = datetime.fromisoformat("2026-11-21T01:30:00+01:00")
    for number, zone in enumerate(("+02:00", "+01:00")):
        executions.add("image", f"n{number}", before.fromisoformat(f"2026-11-21T02:30:00{zone}"))
    assert [hour["start"] for hour in history(executions).as_numbers()["hours"]] == [
        "2026-11-21T00:00:00Z",
        "2026-11-21T01:00:00Z",
    ]


def test_errors_are_looked_up_and_the_most_frequent_is_first(executions: Executions) -> None:
    executions.add("image", "a", DAY, "FAILED", error="ImageNotFound")
    for name in "bc":
        executions.add("image", name, DAY, "FAILED", error="LowConfidence")
    executions.add("image", "d", DAY, "TIMED_OUT")
    executions.add("batch", "e", DAY, "ABORTED")
    executions.add("image", "f", DAY)
    found = history(executions)
    assert found.as_numbers()["errors"] == [
        {"error": "LowConfidence", "count": 2},
        {"error": "Aborted", "count": 1},
        {"error": "ImageNotFound", "count": 1},
        {"error": "States.Timeout", "count": 1},
    ]
    assert len(executions.described) == 5


def test_each_failed_execution_is_looked_up_once_and_the_latest_first(executions: Executions) -> None:
    for number in range(5):
        executions.add("image", f"n{number}", DAY + timedelta(minutes=number), "FAILED", error="ModelFailed")
    first = history(executions, errors_limit=3)
    assert first.as_numbers()["errors"] == [
        {"error": "ModelFailed", "count": 3},
        {"error": "not looked up", "count": 2},
    ]
    assert first.as_numbers()["errors_complete"] is False
    assert {arn.rpartition(":")[2] for arn in executions.described} == {"n4", "n3", "n2"}
    second = list_executions(
        executions.client,
        MACHINES,
        DAY,
        DAY + timedelta(days=1),
        known_errors=first.known_errors() | {"arn:of:another:window": "ModelFailed"},
    )
    assert second.as_numbers()["errors"] == [{"error": "ModelFailed", "count": 5}]
    assert second.as_numbers()["errors_complete"] is True
    assert len(executions.described) == len(set(executions.described)) == 5
    assert "arn:of:another:window" not in second.known_errors()


def test_what_is_beyond_the_limit_is_older_and_said_to_be_missing(executions: Executions) -> None:
    for number in range(7):
        executions.add("image", f"n{number}", DAY + timedelta(minutes=number))
    executions.add("batch", "run", DAY)
    found = history(executions, limit=6)
    assert found.complete is False
    assert [one.name for one in found.executions] == ["run", "n1", "n2", "n3", "n4", "n5", "n6"]
    assert history(executions, limit=7).complete is True


def test_older_executions_are_not_listed_to_their_end(
    executions: Executions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reports.history.executions._PAGE", 3)
    for number in range(100):
        executions.add("image", f"n{number}", DAY + timedelta(hours=23 - number))
    assert len(history(executions, hours=5).executions) == 5
    assert executions.pages <= 4


def test_throttling_slows_down_and_leaves_nothing_out(
    executions: Executions, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(descriptions, "PER_SECOND", 1_000.0)
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    for number in range(20):
        executions.add("image", f"n{number}", DAY, "FAILED", error="ModelFailed")
    refusals = iter([states_error("ThrottlingException")] * 5)
    aws.answers["DescribeExecution"] = lambda _request: next(refusals, None)
    assert history(executions).as_numbers()["errors"] == [{"error": "ModelFailed", "count": 20}]
    assert max(waits) > 0.5


def test_an_error_that_cannot_be_looked_up_in_time_stays_unknown(executions: Executions, aws: Aws) -> None:
    arn = executions.add("image", "a", DAY, "FAILED", error="ModelFailed")
    assert Descriptions(executions.client, seconds=0).read([arn]) == {}
    hidden = json_answer({"executionArn": arn, "status": "FAILED", "error": "ModelFailed"})
    aws.answers["DescribeExecution"] = lambda request: None if b"-gone" in request.body else hidden
    (description,) = Descriptions(executions.client).read([arn, arn + "-gone"]).values()
    assert description == ("ModelFailed", "", "")
