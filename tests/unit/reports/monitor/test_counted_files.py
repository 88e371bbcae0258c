"""The monitor's place: which keys are new, and which hours are closed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from reports.monitor.counted_files import PATIENCE, Place, last_closed
from reports.times import HOUR, floor_hour, key_hour

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def key(moment: datetime, name: str = "00-00-000-a") -> str:
    return f"data-capture/e/AllTraffic/{moment:%Y/%m/%d/%H}/{name}.jsonl"


def again(place: Place) -> Place:
    """The place after it was written and read."""
    return Place.from_json(json.loads(json.dumps(place.as_json())))


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
    assert Place(NOON - HOUR).is_new(name) is (hour is not None)


def test_hours_are_those_of_utc() -> None:
    """India's hours begin at half past."""
    moment = NOON.astimezone(timezone(timedelta(hours=5, minutes=30))) + timedelta(minutes=10)
    assert floor_hour(moment) == NOON
    assert last_closed(moment) == NOON - 3 * HOUR


def test_what_is_counted_is_not_new() -> None:
    place = Place(NOON)
    place.count(key(NOON))
    place.count(key(NOON + HOUR))
    for one in (place, again(place)):
        assert not one.is_new(key(NOON))
        assert not one.is_new(key(NOON - HOUR))
        assert one.is_new(key(NOON, "00-00-000-b"))
        assert one.is_new(key(NOON + 2 * HOUR))


def test_closing_forgets_the_keys_of_hours_that_are_over() -> None:
    place = Place(NOON)
    for hours in range(6):
        place.count(key(NOON + hours * HOUR))
    place.close(NOON + 6 * HOUR, NOON + 5 * HOUR + timedelta(minutes=59))
    assert place.open_from == NOON + 2 * HOUR
    assert len(place.as_json()["counted"]) == 4
    assert not place.is_new(key(NOON + HOUR, "late"))
    place.close(NOON, NOON)
    assert place.open_from == NOON + 2 * HOUR, "it never goes back"


def test_an_hour_is_not_closed_before_it_is_read() -> None:
    place = Place(NOON)
    place.close(NOON + HOUR, NOON + 24 * HOUR)
    assert place.open_from == NOON + HOUR


def test_a_file_that_cannot_be_read_keeps_its_hour_open_until_it_is_given_up() -> None:
    place, late = Place(NOON), NOON + 24 * HOUR
    place.hold(key(NOON + HOUR), late)
    place = again(place)
    place.close(late, late)
    assert place.open_from == NOON + HOUR
    assert place.is_new(key(NOON + HOUR))
    place.hold(key(NOON + HOUR), late + HOUR)  # the first time is what counts
    assert place.give_up(late + PATIENCE - HOUR) == []
    assert place.give_up(late + PATIENCE) == [key(NOON + HOUR)]
    assert not place.is_new(key(NOON + HOUR))
    place.close(late, late)
    assert place.open_from == late - 3 * HOUR


def test_a_file_that_could_be_read_after_all_holds_nothing() -> None:
    place, late = Place(NOON), NOON + 24 * HOUR
    place.hold(key(NOON), late)
    place.count(key(NOON))
    assert again(place).give_up(late + 24 * HOUR) == []
    place.close(late, late)
    assert place.open_from == late - 3 * HOUR


def test_skipping_leaves_out_what_waits_there() -> None:
    place = Place(NOON)
    place.hold(key(NOON), NOON)
    place.count(key(NOON + HOUR))
    place.skip_to(NOON + HOUR)
    assert place.failed == {}
    assert not place.is_new(key(NOON))
    assert not place.is_new(key(NOON + HOUR))
    place.skip_to(NOON)
    assert place.open_from == NOON + HOUR
