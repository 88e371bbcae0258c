"""Estimated and labelled accuracy against simulation and scikit-learn."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from scipy.stats import binomtest  # type: ignore[import-untyped]
from sklearn.metrics import confusion_matrix, precision_score, recall_score  # type: ignore[import-untyped]

from contracts.artifact.card import check_card
from reports.figures.accuracy import estimate_accuracy, labelled_accuracy
from reports.figures.baseline import Baseline, read_baseline
from reports.figures.hours import Hour
from tests.artifacts import model_card
from tests.unit.reports.samples import CLASSES, Answers, answers, baseline
from training.figures import metrics


def hour_of(sample: Answers) -> Hour:
    hour, confidences = Hour(), sample.probabilities.max(axis=1).astype(np.float64)
    hour.add_answers(np.zeros(len(confidences)), confidences, sample.probabilities.argmax(axis=1), 0.9)
    return hour


def measured(sample: Answers, **changed: Any) -> Baseline:
    figures = metrics.measure(*sample, CLASSES, 0.9)
    return read_baseline(check_card({**model_card(CLASSES), "metrics": {**figures, **changed}}))


@pytest.mark.parametrize(("sureness", "count"), [(3.0, 2000), (6.0, 300), (20.0, 2000), (60.0, 200)])
def test_the_interval_holds_the_true_accuracy_in_95_of_100_streams(sureness: float, count: int) -> None:
    """Each with held-out images of its own; 300 streams tell 93 % from 95 and from 98 % at best."""
    held = []
    for seed in range(300):
        known = measured(answers(400, 5000 + seed, sureness))
        sample = answers(count, seed, sureness)
        right = (sample.probabilities.argmax(axis=1) == sample.truth).mean()
        estimate = estimate_accuracy(hour_of(sample), known, 200)
        assert estimate is not None
        held.append(estimate["low"] - 1e-6 <= right <= estimate["high"] + 1e-6)
    assert 0.92 <= np.mean(held) <= 0.995


def test_a_model_that_is_too_sure_is_put_right_by_the_held_out_images() -> None:
    def too_sure(sample: Answers) -> Answers:
        odds = sample.probabilities[:, 0] / sample.probabilities[:, 1]
        first = odds**2 / (1 + odds**2)
        return Answers(np.stack([first, 1 - first], axis=1), sample.truth)

    sample = too_sure(answers(4000, 1, 2.0))
    right = (sample.probabilities.argmax(axis=1) == sample.truth).mean()
    estimate = estimate_accuracy(hour_of(sample), measured(too_sure(answers(4000, 2, 2.0))), 200)
    assert estimate is not None
    assert estimate["low"] <= right <= estimate["high"]
    assert sample.probabilities.max(axis=1).mean() > estimate["high"]


def test_without_held_out_figures_it_is_the_mean_confidence_and_says_so() -> None:
    sample = answers(500, 3)
    estimate = estimate_accuracy(hour_of(sample), read_baseline(check_card(model_card(CLASSES))), 200)
    assert estimate is not None
    assert estimate["value"] == pytest.approx(sample.probabilities.max(axis=1).mean(), abs=1e-6)
    assert "not known" in estimate["method"]


def test_an_older_artifact_widens_the_interval() -> None:
    sample, known = answers(5000, 4), answers(200, 5)
    new = estimate_accuracy(hour_of(sample), measured(known), 200)
    old = estimate_accuracy(hour_of(sample), measured(known, mean_confidence=None), 200)
    bare = estimate_accuracy(hour_of(sample), read_baseline(check_card(model_card(CLASSES))), 200)
    assert new is not None
    assert old is not None
    assert bare is not None
    assert old["high"] - old["low"] > 2 * (bare["high"] - bare["low"])
    assert "200 held-out images only" in old["method"]


@pytest.mark.parametrize("count", [0, 1, 199])
def test_too_few_are_not_estimated(count: int) -> None:
    hour = hour_of(answers(count, 1)) if count else Hour()
    assert estimate_accuracy(hour, baseline(), 200) is None


@pytest.mark.parametrize("confidence", [0.5, 1.0])
def test_answers_that_are_all_alike_have_a_sensible_interval(confidence: float) -> None:
    hour = Hour()
    hour.add_answers(np.zeros(300), np.full(300, confidence), np.zeros(300, dtype=np.int64), 0.9)
    for known in (baseline(), read_baseline(check_card(model_card(CLASSES)))):
        estimate = estimate_accuracy(hour, known, 200)
        assert estimate is not None
        assert 0 <= estimate["low"] < estimate["value"] <= estimate["high"] <= 1


@pytest.mark.parametrize(("right", "images"), [(81, 263), (0, 20), (20, 20), (399, 400)])
def test_the_interval_is_that_of_scipy(right: int, images: int) -> None:
    counted = labelled_accuracy({0: right, 1: images - right}, ("a", "b"), images)
    assert counted is not None
    expected = binomtest(right, images).proportion_ci(method="wilson")
    assert (counted["low"], counted["high"]) == pytest.approx((expected.low, expected.high), abs=1e-6)


def test_precision_and_recall_are_those_of_scikit_learn() -> None:
    chance, classes = np.random.default_rng(0), ("a", "b", "c", "never")
    truth = chance.integers(0, 3, 500)
    predicted = np.where(chance.random(500) < 0.7, truth, chance.integers(0, 3, 500))
    counted = labelled_accuracy(Counter((truth * 4 + predicted).tolist()), classes, 510)
    assert counted is not None
    assert (counted["images"], counted["unmatched"]) == (500, 10)
    assert counted["value"] == pytest.approx((truth == predicted).mean())
    assert counted["confusion"] == [
        *confusion_matrix(truth, predicted, labels=[0, 1, 2, 3]).tolist(),
        [0] * 4,
    ]
    known = {"labels": [0, 1, 2, 3], "average": None, "zero_division": np.nan}
    precision, recall = precision_score(truth, predicted, **known), recall_score(truth, predicted, **known)
    for place, row in enumerate(counted["per_class"][:3]):
        assert (row["precision"], row["recall"]) == pytest.approx((precision[place], recall[place]), abs=1e-6)
    assert counted["per_class"][3] == {"name": "never", "images": 0, "precision": None, "recall": None}


def test_an_image_of_a_class_that_the_model_does_not_know_is_answered_wrongly() -> None:
    counted = labelled_accuracy({0: 6, 3: 2, 4: 1, 5: 1}, ("a", "b"), 10)
    assert counted is not None
    assert counted["value"] == 0.8
    assert counted["per_class"] == [
        {"name": "a", "images": 6, "precision": round(6 / 7, 6), "recall": 1.0},
        {"name": "b", "images": 2, "precision": round(2 / 3, 6), "recall": 1.0},
    ]
    assert counted["confusion"] == [[6, 0], [0, 2], [1, 1]]
    assert labelled_accuracy({}, ("a", "b"), 10) is None
