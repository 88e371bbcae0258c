"""The baseline from model.json: whole, in part, malformed, and from artifacts that say less."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.artifact.card import check_card
from reports.figures.accuracy import estimate_accuracy
from reports.figures.baseline import EDGES, read_baseline
from reports.figures.drift import find_drift
from reports.figures.hours import Hour
from reports.figures.images import cell
from reports.figures.limits import Limits
from tests.artifacts import model_card
from tests.unit.reports.samples import CLASSES, THRESHOLD, answers, card
from training.figures.baseline import HISTOGRAM_EDGES, count_cells


def test_the_threshold_in_force_is_the_recommended_one_unless_given() -> None:
    assert read_baseline(check_card(model_card())).threshold == 0.9
    assert read_baseline(check_card(model_card()), threshold=0.5).threshold == 0.5
    assert tuple(HISTOGRAM_EDGES) == EDGES


def test_what_held_out_images_said_is_read() -> None:
    read, metrics = read_baseline(check_card(card()), digest="abc"), card()["metrics"]
    assert (read.classes, read.digest, read.size, read.held_out_images) == (CLASSES, "abc", (32, 32), 400)
    assert read.held_out_accuracy == metrics["accuracy"]
    assert read.confidence_counts is not None
    assert sum(read.confidence_counts) == 400
    assert read.class_shares == pytest.approx(tuple(card()["baseline"]["class_shares"].values()))
    assert read.image_statistics["width"].values == (32.0,)
    assert read.image_statistics["width"].counts == (0, 400, 0)
    assert len(read.image_statistics["sharpness"].counts or ()) == 11


def test_expected_low_confidence_of_the_recommended_threshold_is_exact() -> None:
    low = (answers(400, 10_000).probabilities.max(axis=1) < THRESHOLD).mean()
    assert read_baseline(check_card(card())).expected_low_confidence == pytest.approx(low)


@pytest.mark.parametrize("threshold", [0.0, 0.5, 0.62, 0.95, 0.999, 1.0])
def test_expected_low_confidence_of_another_threshold_is_near(threshold: float) -> None:
    low = (answers(400, 10_000).probabilities.max(axis=1) < threshold).mean()
    expected = read_baseline(check_card(card()), threshold=threshold).expected_low_confidence
    assert expected is not None
    assert abs(expected - low) <= (0.4 if threshold > 0.95 else 0.03)  # in the last bin most are near 1


def test_an_artifact_without_baseline_leaves_everything_unknown() -> None:
    read = read_baseline(check_card(model_card()))
    assert (read.held_out_images, read.held_out_accuracy, read.expected_low_confidence) == (0, None, None)
    assert (read.confidence_counts, read.class_shares, read.image_statistics) == (None, None, {})


MALFORMED: list[Any] = [
    None,
    [],
    {},
    "text",
    7,
    float("nan"),
    True,
    [1, "2"],
    {"counts": [1], "edges": [0, 1]},
]


@settings(max_examples=300)
@given(st.data())
def test_malformed_parts_are_unknown_and_never_raised(data: st.DataObject) -> None:
    changed = json.loads(json.dumps(card()))
    part = data.draw(st.sampled_from(["metrics", "baseline"]))
    place = changed
    for key in [part, *data.draw(st.sampled_from(_unchecked(changed[part])))]:
        parent, place = place, place[key]
    parent[key] = data.draw(st.sampled_from(MALFORMED))
    read = read_baseline(check_card(changed))
    assert read.expected_low_confidence is None or 0 <= read.expected_low_confidence <= 1
    hour = Hour()
    hour.add_answers(np.zeros(300), np.linspace(0.5, 1, 300), np.zeros(300, dtype=np.int64), 0.9)
    drift, estimate = find_drift(hour, read, Limits()), estimate_accuracy(hour, read, 200)
    json.dumps([drift, estimate], allow_nan=False)
    assert estimate is not None
    assert 0 <= estimate["low"] <= estimate["high"] <= 1


def _unchecked(part: dict[str, Any]) -> list[tuple[str, ...]]:
    """Paths to all but the confusion matrix: one of other classes is an artifact that nobody takes."""
    return [path for path in _paths(part) if path[:1] != ("confusion_matrix",)]


def _paths(value: Any, before: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    inside = (
        [path for key in value for path in _paths(value[key], (*before, key))]
        if isinstance(value, dict)
        else []
    )
    return [before, *inside]


def test_artifacts_without_counts_are_read_by_their_quantiles() -> None:
    def summary(quantiles: list[float], std: float) -> Any:
        statistics = {"brightness": {"mean": 1.0, "std": std, "quantiles": quantiles}}
        levels = card()["baseline"]["quantile_levels"]
        old = {"images": 200, "quantile_levels": levels, "image_statistics": statistics}
        return read_baseline(check_card({**card(), "baseline": old})).image_statistics["brightness"].counts

    assert summary([1, 2, 3, 4, 5], 1.0) == pytest.approx((10, 0, 40, 0, 50, 0, 50, 0, 40, 0, 10))
    assert summary([32] * 5, 0.0) == (0, 200, 0)
    assert (
        summary([32] * 5, 3.0) is None
    )  # up to a tenth of the images have other sizes: which share, is not said
    assert summary([20, 20, 22, 24, 24], 1.6) is None


@given(st.lists(st.integers(-3, 3), min_size=1), st.lists(st.integers(-3, 3), min_size=1))
def test_training_and_monitoring_count_the_same_cells(values: list[int], quantiles: list[int]) -> None:
    points = sorted(set(quantiles))
    counted = np.bincount([cell(value, points) for value in values], minlength=2 * len(points) + 1)
    assert count_cells(np.array(values), quantiles) == counted.tolist()
