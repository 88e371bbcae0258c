"""The files that the monitor counted: which keys are new, and which hours are closed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from reports.monitor.counted_files import PATIENCE, CountedFiles, last_closed
from reports.times import HOUR, floor_hour, key_hour

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def key(moment: datetime, name: str = "00-00-000-a") -> str:
    return f"data-capture/e/AllTraffic/{moment:%Y/%m/%d/%H}/{name}.jsonl"


def again(files: CountedFiles) -> CountedFiles:
    """The files after they were written and read."""
    return CountedFiles.from_json(json.loads(json.dumps(files.as_json())))


@pytest.mark.parametrize(
    ("name", "hour"),
    [
        ("p/e/v/2026/11/21/12/59-59-999-x.jsonl", NOON),
        ("2026/11/21/11/a/b/2026/11/21/12/x.jsonl", NOON),
        ("2026/11/21/12/x.jsonl", NOON),
        ("p/x2026/11/21/12/x.jsonl", None),
        ("p/e/v/2028/02/29/23/x.jsonl", datetime(2028, 2, 29, 23, tzinfo=UTC)),
        ("p/e/v/2026/02/29/23/x.jsonl", None),
        ("p/e/v/2026/11/21/24/x.jsonl", None),
        ("p/e/v/2026/11/21/x.jsonl", None),
        ("p/e/v/2026/11/21/12/deeper/x.jsonl", None),
        ("p/e/v/٢٠٢٦/11/21/12/x.jsonl", None),
    ],
)
def test_the_hour_of_a_key(name: str, hour: datetime | None) -> None:
    assert key_hour(name) == hour
    assert CountedFiles(NOON - HOUR).is_new(name) is (hour is not None)


def test_hours_are_those_of_utc() -> None:
    """India's hours begin at half past."""
    moment = NOON.astimezone(timezone(timedelta(hours=5, minutes=30))) + timedelta(minutes=10)
    assert floor_hour(moment) == NOON
    assert last_closed(moment) == NOON - 3 * HOUR


def test_what_is_counted_is_not_new() -> None:
    files = CountedFiles(NOON)
    files.count(key(NOON))
    files.count(key(NOON + HOUR))
    for one in (files, again(files)):
        assert not one.is_new(key(NOON))
        assert not one.is_new(key(NOON - HOUR))
        assert one.is_new(key(NOON, "00-00-000-b"))
        assert one.is_new(key(NOON + 2 * HOUR))


def test_closing_forgets_the_keys_of_hours_that_are_over() -> None:
    files = CountedFiles(NOON)
    for hours in range(6):
        files.count(key(NOON + hours * HOUR))
    files.close(NOON + 6 * HOUR, NOON + 5 * HOUR + timedelta(minutes=59))
    assert files.open_from == NOON + 2 * HOUR
    assert len(files.as_json()["counted"]) == 4
    assert not files.is_new(key(NOON + HOUR, "late"))
    files.close(NOON, NOON)
    assert files.open_from == NOON + 2 * HOUR, "it never goes back"


def test_an_hour_is_not_closed_before_it_is_read() -> None:
    files = CountedFiles(NOON)
    files.close(NOON + HOUR, NOON + 24 * HOUR)
    assert files.open_from == NOON + HOUR


def test_a_file_that_cannot_be_read_keeps_its_hour_open_until_it_is_given_up() -> None:
    files, late = CountedFiles(NOON), NOON + 24 * HOUR
    files.hold(key(NOON + HOUR), late)
    files = again(files)
    files.close(late, late)
    assert files.open_from == NOON + HOUR
    assert files.is_new(key(NOON + HOUR))
    files.hold(key(NOON + HOUR), late + HOUR)  # the first time is what counts
    assert files.give_up(late + PATIENCE - HOUR) == []
    assert files.give_up(late + PATIENCE) == [key(NOON + HOUR)]
    assert not files.is_new(key(NOON + HOUR))
    files.close(late, late)
    assert files.open_from == late - 3 * HOUR


def test_a_file_that_could_be_read_after_all_holds_nothing() -> None:
    files, late = CountedFiles(NOON), NOON + 24 * HOUR
    files.hold(key(NOON), late)
    files.count(key(NOON))
    assert again(files).give_up(late + 24 * HOUR) == []
    files.close(late, late)
    assert files.open_from == late - 3 * HOUR


def test_skipping_leaves_out_what_waits_there() -> None:
    files = CountedFiles(NOON)
    files.hold(key(NOON), NOON)
    files.count(key(NOON + HOUR))
    files.skip_to(NOON + HOUR)
    assert files.failed == {}
    assert not files.is_new(key(NOON))
    assert not files.is_new(key(NOON + HOUR))
    files.skip_to(NOON)
    assert files.open_from == NOON + HOUR
