"""Reliability bins and coverage by threshold, against hand-counted ones and the figures beside them."""

from __future__ import annotations

import numpy as np
import pytest

from training.figures.curves import coverage_curve, reliability
from training.figures.metrics import expected_calibration_error, wilson_interval


def test_bins_of_four_answers() -> None:
    confidence = np.array([0.95, 0.95, 0.65, 1.0], dtype=np.float32)
    rows = reliability(confidence, np.array([True, False, True, True]))
    assert [(row["low"], row["high"]) for row in rows[:2]] == [(0, 0.1), (0.1, 0.2)]
    assert [row["images"] for row in rows] == [0, 0, 0, 0, 0, 0, 1, 0, 0, 3]
    assert rows[9]["mean_confidence"] == pytest.approx(2.9 / 3)
    assert rows[9]["accuracy"] == pytest.approx(2 / 3)
    assert rows[9]["interval"] == pytest.approx(list(wilson_interval(2 / 3, 3)))
    assert (rows[0]["mean_confidence"], rows[0]["accuracy"], rows[0]["interval"]) == (None, None, None)


def test_gaps_of_the_bins_add_up_to_the_calibration_error() -> None:
    chance = np.random.default_rng(0)
    confidence = chance.uniform(0.5, 1, 500).astype(np.float32)
    correct = chance.random(500) < confidence**2
    rows = [row for row in reliability(confidence, correct) if row["images"]]
    gaps = sum(row["images"] * abs(row["accuracy"] - row["mean_confidence"]) for row in rows)
    assert gaps / 500 == pytest.approx(expected_calibration_error(confidence, correct), abs=1e-6)


def test_thresholds_are_the_confidences_that_there_are() -> None:
    confidence = np.array([0.5, 0.75, 0.75, 1.0], dtype=np.float32)
    curve = coverage_curve(confidence, np.array([False, True, False, True]))
    assert curve == [
        {"threshold": 1.0, "coverage": 0.25, "accuracy": 1.0},
        {"threshold": 0.75, "coverage": 0.75, "accuracy": pytest.approx(2 / 3)},
        {"threshold": 0.5, "coverage": 1.0, "accuracy": 0.5},
    ]


def test_many_confidences_are_thinned_evenly_and_each_point_is_true() -> None:
    chance = np.random.default_rng(1)
    confidence = chance.random(5_000).astype(np.float32)
    correct = chance.random(5_000) < confidence
    curve = coverage_curve(confidence, correct, points=50)
    assert len(curve) == 50
    assert (curve[0]["threshold"], curve[-1]["coverage"]) == (confidence.max(), 1.0)
    for point in curve:
        trusted = confidence >= np.float32(point["threshold"])
        assert point["coverage"] == trusted.mean()
        assert point["accuracy"] == pytest.approx(correct[trusted].mean())
    steps = np.diff([point["coverage"] for point in curve])
    assert steps.max() < 0.03
