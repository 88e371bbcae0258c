"""Arrivals: the rate that was asked for, exponential gaps, the same for the same seed."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from operations.simulation.arrivals import planned_arrivals


@pytest.mark.parametrize(("rate", "seconds"), [(5.0, 2000.0), (0.5, 20_000.0), (200.0, 60.0)])
def test_the_rate_is_the_one_asked_for(rate: float, seconds: float) -> None:
    """A Poisson count has the standard deviation of its root: four of them are 1 in 16,000."""
    arrivals = list(planned_arrivals(rate, seconds, seed=7))
    expected = rate * seconds
    assert abs(len(arrivals) - expected) < 4 * math.sqrt(expected)
    assert arrivals == sorted(arrivals)
    assert 0 < arrivals[0] <= arrivals[-1] < seconds


def test_the_gaps_are_exponential() -> None:
    """Kolmogorov-Smirnov against 1 - exp(-rate * gap): below 1.63 / sqrt(n), the critical value at 1 %."""
    rate = 5.0
    arrivals = [0.0, *planned_arrivals(rate, 2000, seed=11)]
    gaps = sorted(later - earlier for earlier, later in pairwise(arrivals))
    count = len(gaps)
    distance = max(
        max(abs(share - (place + side) / count) for side in (0, 1))
        for place, share in enumerate(1 - math.exp(-rate * gap) for gap in gaps)
    )
    assert distance < 1.63 / math.sqrt(count)


def test_the_seed_decides() -> None:
    first, again, other = (list(planned_arrivals(10, 30, seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_a_longer_stream_begins_as_a_shorter_one_does() -> None:
    short, long = (list(planned_arrivals(10, seconds, 3)) for seconds in (5, 50))
    assert long[: len(short)] == short
