"""Which images make a pack fail, in few requests."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.core.batch.bisection import BLAMED, PROBES, bisect
from lambda_src.core.errors import ERRORS, ClassificationError, EndpointThrottled, ModelFailed

Ask = Callable[[int, int], list[int]]


def model(
    poor: set[int], requests: list[tuple[int, int]], error: type[ClassificationError] = ModelFailed
) -> Ask:
    """Answers each record with its index, or nothing when a poor one is among them."""

    def ask(start: int, stop: int) -> list[int]:
        requests.append((start, stop))
        if poor & set(range(start, stop)):
            raise error(f"{start}-{stop}")
        return list(range(start, stop))

    return ask


def expected(count: int, poor: set[int]) -> list[int | str]:
    return [f"{index}-{index + 1}" if index in poor else index for index in range(count)]


def told(outcomes: list[int | ClassificationError]) -> list[int | str]:
    return [str(outcome) if isinstance(outcome, Exception) else outcome for outcome in outcomes]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 8, 100, 500, 1000])
@pytest.mark.parametrize("error", BLAMED)
def test_one_poor_image_costs_few_requests(count: int, error: type[ClassificationError]) -> None:
    for index in {0, count // 3, count // 2, count - 1}:
        requests: list[tuple[int, int]] = []
        assert told(bisect(count, model({index}, requests, error))) == expected(count, {index})
        assert len(requests) <= 2 * math.ceil(math.log2(count)) + 1


def test_no_poor_image_costs_one_request() -> None:
    requests: list[tuple[int, int]] = []
    assert bisect(0, model(set(), requests)) == []
    assert requests == []
    assert bisect(1000, model(set(), requests)) == list(range(1000))
    assert requests == [(0, 1000)]


@given(st.integers(1, 200), st.data())
def test_only_the_poor_ones_fail(count: int, data: st.DataObject) -> None:
    poor = data.draw(st.sets(st.integers(0, count - 1), max_size=count))
    requests: list[tuple[int, int]] = []
    try:
        outcomes = bisect(count, model(poor, requests))
    except ModelFailed:
        assert len(requests) == 3 + PROBES  # nothing that was asked for was answered
        assert {start for start, _ in requests[3:]} <= poor
    else:
        assert told(outcomes) == expected(count, poor)
        assert len(requests) < 2 * count + PROBES


@pytest.mark.parametrize("count", [5, 6, 7, 9, 100, 1000])
def test_a_model_that_answers_nothing_is_not_asked_for_every_image(count: int) -> None:
    requests: list[tuple[int, int]] = []
    with pytest.raises(ModelFailed):
        bisect(count, model(set(range(count)), requests))
    probes = requests[3:]
    assert len(set(probes)) == PROBES
    assert all(stop - start == 1 for start, stop in probes)
    assert {start // math.ceil(count / 2) for start, _ in probes} == {0, 1}, "all in one half"


def test_many_poor_images_in_a_row_are_not_the_model() -> None:
    poor = set(range(60, 160))
    assert told(bisect(200, model(poor, []))) == expected(200, poor)


@pytest.mark.parametrize("error", [error for error in ERRORS if error not in BLAMED])
def test_what_no_image_causes_is_raised_at_once(error: type[ClassificationError]) -> None:
    requests: list[tuple[int, int]] = []
    with pytest.raises(error):
        bisect(100, model({3}, requests, error))
    assert len(requests) == 1


def test_throttling_in_the_middle_is_raised() -> None:
    def ask(start: int, stop: int) -> list[int]:
        if stop - start == 10:
            raise ModelFailed("all")
        raise EndpointThrottled("slower")

    with pytest.raises(EndpointThrottled):
        bisect(10, ask)


def test_without_time_for_more_those_that_failed_together_share_the_error() -> None:
    requests: list[tuple[int, int]] = []
    outcomes = bisect(100, model({60}, requests), in_time=lambda: len(requests) < 3)
    assert requests == [(0, 100), (0, 50), (50, 100)]
    assert told(outcomes) == [*range(50), *["50-100"] * 50]


def test_without_time_and_without_an_answer_it_is_the_states_turn() -> None:
    requests: list[tuple[int, int]] = []
    with pytest.raises(ModelFailed):
        bisect(100, model({60}, requests), in_time=lambda: False)
    assert requests == [(0, 100)]
    assert told(bisect(1, model({0}, []), in_time=lambda: False)) == ["0-1"]
