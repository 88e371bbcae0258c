"""Releases: which old ones may go, whether the right one serves, and what people are told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from lambda_src import check_release
from lambda_src.core.releases.message import MAX_SUBJECT, message, subject
from lambda_src.core.releases.serving import RungAlarm, Serving, problem_of
from lambda_src.core.releases.superseded import Release, superseded

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
SERVING = Serving("scones-dev", "InService", "config-9", "model-9", "ab12cd34ef56", "", NOW)


def releases(count: int, *, shared_role: bool = False) -> list[Release]:
    """The newest has the greatest number."""
    return [
        Release(f"config-{n}", f"model-{n}", "role" if shared_role else f"role-{n}", NOW + timedelta(hours=n))
        for n in range(count)
    ]


def test_the_newest_three_and_what_is_needed_stay() -> None:
    old = superseded(releases(6), ["config-0"])
    assert old == (["config-2", "config-1"], ["model-2", "model-1"], ["role-2", "role-1"])
    assert superseded(releases(3), []) == ([], [], [])


def test_what_a_kept_release_shares_stays() -> None:
    assert superseded(releases(5, shared_role=True), []).roles == []
    same_model = [release._replace(model="model") for release in releases(5)]
    assert superseded(same_model, []) == (["config-1", "config-0"], [], ["role-1", "role-0"])


def test_another_config_in_service_is_a_failed_release() -> None:
    assert problem_of(SERVING, "config-9") is None
    rung = (RungAlarm("too-slow", "Threshold Crossed: 1 datapoint [2.0]"),)
    back = SERVING._replace(failure="Alarm too-slow rang.", alarms=rung)
    problem = problem_of(back, "config-10")
    assert problem == (
        "the release did not take place: the endpoint scones-dev is InService with config-9, "
        "not with config-10 that was deployed. "
        "Why: Alarm too-slow rang; too-slow: Threshold Crossed: 1 datapoint [2.0]"
    )
    assert "SageMaker gives no reason" in str(problem_of(SERVING, "config-10"))
    assert "is Failed with" in str(problem_of(SERVING._replace(status="Failed"), "config-9"))


def test_the_check_waits_until_nothing_follows_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lambda_src.core.releases.serving.PAUSE_SECONDS", 0)
    seen: Iterator[Serving] = iter(
        [SERVING._replace(status="Updating"), SERVING._replace(status="RollingBack"), SERVING]
    )
    assert check_release.check("config-9", lambda: next(seen), lambda: 600) is None
    stuck = SERVING._replace(status="Updating")
    assert "is still Updating" in str(check_release.check("config-9", lambda: stuck, lambda: 10))


def test_people_are_told_what_serves_now_and_why() -> None:
    told = message(SERVING._replace(failure="Alarm slow rang."), "docs/operations.md#section")
    for text in (
        "the endpoint scones-dev",
        "Why: Alarm slow rang",
        "model ab12cd34ef56 (config-9), the one before",
        "2026-12-01 12:00:00 UTC",
        "What to do: docs/operations.md#section",
    ):
        assert text in told
    down = SERVING._replace(status="Failed")
    assert "Nothing: the endpoint is Failed" in message(down, "x")
    assert subject(down) == "scones-dev: the release is down"
    long = subject(SERVING._replace(endpoint="é" * 200))
    assert (len(long), long.isascii()) == (MAX_SUBJECT, True)
