"""A run and its replays as one: each image exactly once, the latest answer wins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.runs.merge import MergeError, Replay, merged_counts, merged_rows, still_failed


def row(n: int, outcome: str = "accepted", **more: Any) -> dict[str, Any]:
    if outcome == "error":
        more = {"error": "ImageNotFound", "cause": "there is none"} | more
    return {"n": n, "s3_bucket": "b", "s3_key": f"{n}.png", "outcome": outcome} | more


def replay(name: str, of: str, numbers: Sequence[int], outcomes: Sequence[str]) -> Replay:
    return Replay(name, of, numbers, [row(k, outcome) for k, outcome in enumerate(outcomes)])


FIRST = [row(0), row(1, "error"), row(2, "low_confidence"), row(3, "error"), row(4, "error")]


def outcomes(replays: list[Replay]) -> dict[int, tuple[str, str]]:
    return {
        merged["n"]: (merged["outcome"], merged["execution"])
        for merged in merged_rows("first", FIRST, replays)
    }


def test_without_replays_a_run_is_what_it_is() -> None:
    assert [merged["n"] for merged in merged_rows("first", FIRST, [])] == [0, 1, 2, 3, 4]
    assert {name for _, name in outcomes([]).values()} == {"first"}


def test_a_replay_answers_under_the_numbers_of_the_first() -> None:
    found = outcomes([replay("second", "first", [1, 3, 4], ["accepted", "error", "low_confidence"])])
    assert found[1] == ("accepted", "second")
    assert found[3] == ("error", "second")
    assert found[4] == ("low_confidence", "second")
    assert found[0] == ("accepted", "first")


def test_a_replay_of_a_replay_leads_back_to_the_first() -> None:
    second = replay("second", "first", [1, 3, 4], ["accepted", "error", "error"])
    third = replay("third", "second", [2, 1], ["accepted", "accepted"])
    found = outcomes([second, third])
    assert (found[4], found[3], found[1]) == (
        ("accepted", "third"),
        ("accepted", "third"),
        ("accepted", "second"),
    )


def test_the_latest_answer_wins_but_an_error_is_none() -> None:
    again = replay("third", "first", [1], ["low_confidence"])
    found = outcomes([replay("second", "first", [1, 3], ["accepted", "accepted"]), again])
    assert found[1] == ("low_confidence", "third")
    found = outcomes(
        [replay("second", "first", [1, 3], ["accepted"] * 2), replay("third", "first", [1], ["error"])]
    )
    assert found[1] == ("accepted", "second")


def test_duplicates_of_a_key_stay_apart() -> None:
    rows = [row(0, "error") | {"s3_key": "x.png"}, row(1, "error") | {"s3_key": "x.png"}]
    found = list(merged_rows("first", rows, [replay("second", "first", [0, 1], ["accepted", "error"])]))
    assert [(merged["n"], merged["outcome"]) for merged in found] == [(0, "accepted"), (1, "error")]


def test_what_has_not_succeeded_since_is_still_failed() -> None:
    errors = [entry for entry in FIRST if entry["outcome"] == "error"]
    left = still_failed("first", errors, [replay("second", "first", [1, 3], ["accepted", "error"])])
    assert [(entry["n"], entry["execution"]) for entry in left] == [(3, "second"), (4, "first")]


def test_counts_are_named_as_in_a_summary() -> None:
    assert merged_counts(merged_rows("first", FIRST, [replay("second", "first", [1], ["accepted"])])) == {
        "listed": 5,
        "accepted": 2,
        "low_confidence": 1,
        "errors": 2,
        "errors_by_name": {"ImageNotFound": 2},
        "answered_by": {"first": 4, "second": 1},
    }


@pytest.mark.parametrize(
    ("rows", "replays", "said"),
    [
        ([row(0), row(0)], [], "first answers twice for n 0"),
        ([row(0)], [Replay("second", "first", [0], [row(0), row(0)])], "second answers twice for n 0"),
        ([row(0)], [Replay("second", "first", [0], [row(1)])], "second answers for n 1, which it was not"),
        ([row(0)], [Replay("third", "second", [0], [row(0)])], "third replays second, which is not known"),
    ],
)
def test_what_does_not_fit_together_is_no_result(
    rows: list[dict[str, Any]], replays: list[Replay], said: str
) -> None:
    with pytest.raises(MergeError, match=said):
        list(merged_rows("first", rows, replays))


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[str], list[Replay]]:
    """A run, and replays of it or of its replays over any of their images."""
    kinds = st.sampled_from(["accepted", "low_confidence", "error"])
    first = draw(st.lists(kinds, max_size=12))
    sizes = {"0": len(first)}
    replays = []
    for index in range(1, draw(st.integers(0, 4)) + 1):
        parent = draw(st.sampled_from(sorted(sizes)))
        numbers = draw(st.permutations(range(sizes[parent])))[: draw(st.integers(0, sizes[parent]))]
        told = draw(st.lists(kinds, min_size=len(numbers), max_size=len(numbers)))
        replays.append(replay(str(index), parent, numbers, told))
        sizes[str(index)] = len(numbers)
    return first, replays


@given(histories())
def test_each_image_is_there_once_whatever_was_replayed(history: tuple[list[str], list[Replay]]) -> None:
    first, replays = history
    rows = [row(n, outcome) for n, outcome in enumerate(first)]
    merged = list(merged_rows("0", rows, replays))
    assert [entry["n"] for entry in merged] == list(range(len(first)))
    for before, after in zip(rows, merged, strict=True):
        assert after["outcome"] != "error" or before["outcome"] == "error"
