"""A run of the monitor counts each record once: over many runs, late files, new hours, backlogs and packs."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from reports.figures.limits import Limits
from reports.monitor import new_files, publication, reading
from reports.monitor.deadline import Deadline
from reports.page import render_page
from tests.unit.reports.monitor.watched import BUCKET, HOUR, MINUTE, NOON, STATE, Watched, captured_key


def test_a_run_counts_what_was_captured_and_the_next_one_only_what_is_new(watched: Watched) -> None:
    watched.capture(NOON - 90 * MINUTE, [0.95, 0.6])
    watched.capture(NOON - 5 * MINUTE, [0.99] * 4, packed=True)
    first = watched.run(NOON)
    assert first.pop("verdict") == watched.numbers()["verdict"]["summary"]
    assert first == {
        "files": 2,
        "inferences": 6,
        "behind": False,
        "report": f"s3://{BUCKET}/reports/2026/11/21/1200.html",
    }
    assert watched.counted() == (6, 6)
    watched.capture(NOON + MINUTE)
    assert watched.run(NOON + HOUR)["files"] == 1
    assert watched.run(NOON + HOUR + MINUTE)["files"] == 0
    assert watched.counted() == (7, 7)
    assert (watched.sum("CapturedRequests"), watched.sum("LowConfidence")) == (4, 1)
    assert watched.sum("MonitorRuns") == 3


def test_a_verification_of_the_model_is_in_the_numbers(watched: Watched) -> None:
    kept = {"time": "2026-11-21T11:00:00Z", "model": "a" * 12, "pictures": 16, "as_expected": 16}
    watched.s3.objects[BUCKET, "monitor/verified.json"] = json.dumps(kept).encode()
    watched.run(NOON)
    assert watched.numbers()["verified"] == kept


def test_a_stage_without_captured_data(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publication, "render_page", render_page)
    assert watched.run(NOON)["files"] == 0
    assert watched.counted() == (0, 0)
    assert watched.emitted[0]["Stage"] == "test"
    assert watched.s3.objects[BUCKET, "reports/latest.html"].lower().startswith(b"<!doctype html>")


def test_files_that_arrive_late_in_hours_that_were_read_before(watched: Watched) -> None:
    watched.capture(NOON - 10 * MINUTE)
    watched.run(NOON + MINUTE)
    watched.capture(NOON - 50 * MINUTE)  # sorts before the file that was read
    watched.capture(NOON - MINUTE, key_moment=NOON + MINUTE)  # a record of the hour before its file's
    watched.run(NOON + HOUR + MINUTE)
    watched.capture(NOON - 2 * MINUTE)
    watched.run(NOON + 2 * HOUR + 59 * MINUTE)
    assert watched.counted() == (4, 4)
    hours = {hour["start"]: hour["inferences"] for hour in watched.numbers()["hours"]}
    assert hours == {"2026-11-21T11:00:00Z": 4}


def test_a_clock_that_is_ahead(watched: Watched) -> None:
    watched.capture(NOON + 20 * MINUTE)
    watched.capture(NOON + 26 * HOUR, key_moment=NOON)  # no run would ever forget that hour
    assert watched.run(NOON - MINUTE)["files"] == 2
    watched.run(NOON + HOUR)
    assert watched.counted() == (1, 1)


def test_files_of_a_clock_that_is_ahead_lose_no_record(watched: Watched) -> None:
    """What of them is listed counts whole: no later run reads it again."""
    for minutes in range(10, 180, 10):
        watched.capture(NOON + minutes * MINUTE, key_moment=NOON + (minutes - 5) * MINUTE)
    watched.run(NOON)
    watched.run(NOON + HOUR)
    watched.run(NOON + 4 * HOUR)
    assert watched.counted() == (17, 17)


def test_the_window_moves_on_and_the_state_does_not_grow(watched: Watched) -> None:
    sizes = []
    for hours in range(0, 66, 3):
        watched.capture(NOON + hours * HOUR + MINUTE, [0.5, 0.99])
        watched.run(NOON + hours * HOUR + 5 * MINUTE)
        sizes.append(len(watched.s3.objects[BUCKET, STATE]))
    assert watched.counted() == (18, 44), "9 hours of the last 24 and the one that has begun"
    assert watched.numbers()["window"]["start"] == "2026-11-23T03:00:00Z"
    assert max(sizes[15:]) < 1.1 * max(sizes[8:15])


def test_a_window_of_one_hour_still_waits_for_late_files(watched: Watched) -> None:
    watched.environment = replace(watched.environment, limits=Limits(window_hours=1))
    watched.capture(NOON - 5 * MINUTE)
    watched.run(NOON + MINUTE)
    watched.capture(NOON - 4 * MINUTE)
    watched.run(NOON + 2 * HOUR)
    watched.run(NOON + 3 * HOUR)
    assert watched.counted() == (0, 2)
    assert watched.notes() == ""


@pytest.mark.parametrize("start", [datetime(2026, 10, 24, 22), datetime(2026, 12, 31, 22)])
def test_hours_are_those_of_utc_wherever_the_function_runs(
    watched: Watched, start: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """October 25th has 25 hours in Berlin; a day, a month and a year end."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        watched.model = replace(watched.model, stored=start.replace(tzinfo=UTC) - HOUR)
        for minutes in range(0, 5 * 60, 20):
            moment = start.replace(tzinfo=UTC) + timedelta(minutes=minutes)
            watched.capture(moment)
            watched.run(moment + timedelta(seconds=30))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert watched.counted() == (15, 15)
    assert [hour["inferences"] for hour in watched.numbers()["hours"]] == [3] * 5


def test_a_stage_that_was_off_for_days(watched: Watched) -> None:
    watched.capture(NOON)
    watched.run(NOON + MINUTE)
    watched.capture(NOON + 2 * HOUR)
    watched.capture(NOON + 5 * 24 * HOUR)
    assert watched.run(NOON + 5 * 24 * HOUR + MINUTE)["files"] == 1
    assert watched.counted() == (1, 2)
    assert "from 2026-11-21 12:00 to 2026-11-25 12:00 UTC was left out" in watched.notes()


@pytest.mark.parametrize("span", [new_files.SPAN, HOUR])
def test_a_backlog_is_read_over_several_runs(
    watched: Watched, span: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(new_files, "SPAN", span)
    monkeypatch.setattr(reading, "CHUNK_FILES", 5)
    for place in range(60):  # two variants, whose keys S3 lists one after the other
        watched.capture(NOON - 20 * HOUR + 15 * place * MINUTE, variant="AB"[place % 2])
    runs = [watched.run(NOON + place * MINUTE, Deadline(0)) for place in range(3)]
    assert [run["files"] for run in runs] == [1, 1, 1]
    assert all(run["behind"] for run in runs)
    assert watched.numbers()["verdict"]["checks"][-1]["value"] == "not all is read yet"
    assert watched.counted() == (3, 3)
    watched.s3.puts.clear()
    rest = watched.run(NOON + 10 * MINUTE)
    assert (rest["files"], rest["behind"]) == (57, False)
    assert watched.numbers()["verdict"]["checks"][-1]["name"] != "monitor"
    assert watched.counted() == (60, 60)
    assert watched.s3.puts.count(STATE) == 13, "after each 5 files, the last 2, and the telling"
    watched.run(NOON + HOUR)
    assert watched.counted() == (60, 60)


def test_an_event_whose_file_lies_there_again_counts_once_in_page_and_metrics(watched: Watched) -> None:
    """In the same run, in a later one, in another variant's folder, and after the place was lost."""
    first = watched.capture(NOON - 5 * MINUTE, [0.95, 0.6])

    def copied(moment: datetime, variant: str) -> None:
        objects = watched.s3.objects
        objects[BUCKET, captured_key(variant, moment)] = objects[BUCKET, first]

    copied(NOON - 5 * MINUTE, "copy")
    watched.run(NOON)
    copied(NOON + 5 * MINUTE, "AllTraffic")
    watched.capture(NOON + 6 * MINUTE)
    watched.run(NOON + HOUR)
    assert watched.counted() == (3, 3)
    assert watched.numbers()["captured"]["repeated"] == 4
    watched.s3.objects[BUCKET, STATE] = b"damaged"
    watched.run(NOON + HOUR + MINUTE)
    assert watched.counted() == (3, 3)
