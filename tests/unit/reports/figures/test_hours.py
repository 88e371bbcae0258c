"""Hours are UTC, whatever clocks do, and dropped ones leave nothing behind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from reports.figures.analysis import Analysis
from tests.unit.reports.figures.analysed import MIDNIGHT, at, numbers_of
from tests.unit.reports.samples import baseline


def test_hours_are_utc_over_a_day_boundary_and_a_clock_change() -> None:
    """In Berlin 02:30 comes twice on 25 October 2026: 00:30 and 01:30 UTC are two hours all the same."""
    berlin = [datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=fold) for fold in (0, 1)]
    analysis = Analysis(baseline())
    analysis.read(
        "day.jsonl",
        [at(MIDNIGHT - timedelta(seconds=1)), at(MIDNIGHT), *(at(time.astimezone(UTC)) for time in berlin)],
    )
    assert [(hour["start"], hour["inferences"]) for hour in numbers_of(analysis)["hours"]] == [
        ("2026-10-24T23:00:00Z", 1),
        ("2026-10-25T00:00:00Z", 2),
        ("2026-10-25T01:00:00Z", 1),
    ]


def test_only_records_of_the_time_asked_for_count() -> None:
    analysis = Analysis(baseline())
    moments = [MIDNIGHT + timedelta(minutes=minute) for minute in (-1, 0, 59, 60)]
    analysis.read("some.jsonl", map(at, moments), start=MIDNIGHT, stop=MIDNIGHT + timedelta(hours=1))
    found = numbers_of(analysis)["captured"]
    assert (found["requests"], found["first"], found["last"]) == (
        2,
        "2026-10-25T00:00:00Z",
        "2026-10-25T00:59:00Z",
    )


def test_dropped_hours_leave_nothing_behind() -> None:
    early = [
        at(MIDNIGHT - timedelta(minutes=minute), 0.5 + minute / 1000, inference_id=f"e{minute}")
        for minute in range(1, 60)
    ]
    late = [
        at(MIDNIGHT + timedelta(minutes=minute), 0.9 + minute / 1000, inference_id=f"l{minute}")
        for minute in range(59)
    ]
    both, only = Analysis(baseline()), Analysis(baseline())
    both.read("key/2026/10/24/23/59-00-000-x.jsonl", [*early, b"damaged"])
    for analysis in (both, only):
        analysis.read("key/2026/10/25/00/59-00-000-x.jsonl", late)
    both.drop_before(MIDNIGHT - timedelta(seconds=1))
    assert numbers_of(both)["captured"]["inferences"] == 118  # that hour has not ended yet
    both.drop_before(MIDNIGHT + timedelta(minutes=59))
    assert numbers_of(both) == numbers_of(only)
    assert both.as_state() == only.as_state()


def test_a_file_of_damage_only_counts_in_the_hour_of_its_key() -> None:
    analysis = Analysis(baseline())
    analysis.read("capture/2026/10/25/00/01-02-003-a.jsonl", [b"damaged"])
    analysis.drop_before(MIDNIGHT)
    assert [problem["count"] for problem in numbers_of(analysis)["captured"]["problems"]] == [1]
    analysis.drop_before(MIDNIGHT + timedelta(hours=1))
    assert numbers_of(analysis)["captured"]["problems"] == []
    analysis.read("capture/2026/99/25/00/01-02-003-a.jsonl", [b"damaged"])
    assert numbers_of(analysis)["captured"]["files"] == 1
