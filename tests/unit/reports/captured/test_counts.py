"""Counts of what was read: they add up, and survive a state file."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reports.captured.counts import CaptureCounts, Problem
from reports.captured.problems import KINDS, Position


def example(kind: str, file: str, times: int) -> CaptureCounts:
    found = CaptureCounts(
        lines=3, requests=2, inferences=5, refused=1, without_input=1, outside=4, unreadable=1
    )
    for number in range(times):
        found.add(kind, Position(file, number + 1))
    return found


def test_counts_add_up_and_the_example_is_the_first_by_name() -> None:
    found = example("cut_off", "a", 2)
    other = example("cut_off", "b", 3)
    other.add("not_json", Position("b", 9))
    found.merge(other)
    assert found == CaptureCounts(
        lines=6,
        requests=4,
        outside=8,
        inferences=10,
        refused=2,
        without_input=2,
        unreadable=2,
        problems={"cut_off": Problem(5, "a, line 1"), "not_json": Problem(1, "b, line 9")},
    )
    other.add("not_json", Position("c", 1))
    assert found.problems["not_json"].count == 1, "merged counts are shared with their source"


def test_the_most_frequent_problem_comes_first() -> None:
    found = example("cut_off", "a", 1)
    found.merge(example("not_json", "b", 2))
    assert found.as_numbers() == [
        {"kind": "not_json", "meaning": "a line that is not JSON", "count": 2, "example": "b, line 1"},
        {
            "kind": "cut_off",
            "meaning": "a line that starts or ends in the middle of a record",
            "count": 1,
            "example": "a, line 1",
        },
    ]


def test_a_state_gives_the_same_counts_back() -> None:
    found = example("bad_time", "a", 2)
    assert CaptureCounts.from_state(json.loads(json.dumps(found.as_state()))) == found


GOOD = example("bad_time", "a", 1).as_state()


@pytest.mark.parametrize(
    "state",
    [
        None,
        [],
        {},
        {**GOOD, "lines": -1},
        {**GOOD, "lines": True},
        {**GOOD, "lines": 1.5},
        {**GOOD, "problems": None},
        {**GOOD, "problems": {"bad_time": 1}},
        {**GOOD, "problems": {"bad_time": ["1", "a"]}},
        {name: count for name, count in GOOD.items() if name != "refused"},
    ],
)
def test_what_is_no_state_is_refused(state: Any) -> None:
    with pytest.raises(ValueError, match="not a state"):
        CaptureCounts.from_state(state)


def test_kinds_of_a_later_version_are_left_out() -> None:
    state = {**GOOD, "problems": {"made_up": [3, "a, line 1"]}}
    assert CaptureCounts.from_state(state).problems == {}


def test_every_meaning_is_one_plain_line() -> None:
    for kind, (meaning, _) in KINDS.items():
        assert kind.isidentifier()
        assert 10 < len(meaning) < 90
        assert "\n" not in meaning
