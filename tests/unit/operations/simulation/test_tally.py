"""The tally: percentiles as numpy has them, accuracy of what was accepted, nothing lost."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from operations.simulation.tally import PERCENTILES, Ending, Tally, percentile


@pytest.mark.parametrize("count", [1, 2, 3, 10, 101, 1000])
def test_percentiles_are_those_of_numpy(count: int) -> None:
    chance = Random(count)
    values = sorted(chance.expovariate(1) for _ in range(count))
    for percent in (0, 5, 25, *PERCENTILES, 100):
        assert percentile(values, percent) == pytest.approx(float(np.percentile(values, percent)))


def test_nothing_has_no_percentile_and_no_accuracy() -> None:
    summary = Tally().summary()
    assert summary["latency_seconds"] == dict.fromkeys(("p50", "p90", "p95", "p99", "mean", "max"))
    assert (summary["accuracy"], summary["ended"]) == (None, 0)


def test_endings_are_counted_once_and_by_what_they_are() -> None:
    tally = Tally()
    for ending in (
        Ending("accepted", "bicycle", "bicycle", 0.1),
        Ending("accepted", "bicycle", "motorcycle", 0.2),
        Ending("accepted", "motorcycle", "motorcycle", 0.3),
        Ending("low_confidence", "motorcycle", None, 0.4),
        Ending("low_confidence", "scooter", None, 0.5),
        Ending("ImageNotFound", "bicycle"),
        Ending("ThrottlingException", "bicycle"),
        Ending("ThrottlingException", "motorcycle"),
    ):
        tally.add(ending)
    summary = tally.summary()
    assert summary["ended"] == summary["accepted"] + summary["low_confidence"] + summary["errors"] == 8
    assert summary["accuracy"] == pytest.approx(2 / 3, abs=1e-6)
    assert summary["low_confidence_share"] == 0.25
    assert summary["errors_by_name"] == {"ThrottlingException": 2, "ImageNotFound": 1}
    assert summary["confusion"]["bicycle"] == {
        "ThrottlingException": 1,
        "ImageNotFound": 1,
        "bicycle": 1,
        "motorcycle": 1,
    }
    assert summary["confusion"]["scooter"] == {"low_confidence": 1}
    assert summary["latency_seconds"]["p50"] == 0.3
    assert summary["latency_seconds"]["max"] == 0.5
