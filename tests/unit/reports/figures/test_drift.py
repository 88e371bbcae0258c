"""Healthy samples of any size never drift, changed ones do, and too few are not judged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from contracts.artifact.card import check_card
from reports.figures.baseline import Baseline, read_baseline
from reports.figures.drift import find_drift
from reports.figures.hours import MEASURED, STATISTIC_UNIT, Hour
from reports.figures.limits import Limits
from tests.artifacts import model_card
from tests.unit.reports.samples import baseline
from training.figures.baseline import count_cells, make_baseline

STATISTICS = ("brightness", "contrast", "sharpness", "colorfulness", "width", "height")


def hour_of(
    confidences: NDArray[Any], answers: NDArray[Any], images: dict[str, NDArray[Any]], of: Baseline
) -> Hour:
    hour = Hour()
    if len(confidences):
        hour.add_answers(np.zeros(len(confidences)), confidences, answers, of.threshold)
    for name, values in images.items():
        for place, count in enumerate(count_cells(values, of.image_statistics[name].values)):
            hour.add(name, place, count)
        hour.add(f"{name} sum", 0, round(values.sum() * STATISTIC_UNIT))
    hour.add("images", MEASURED, len(next(iter(images.values()), ())))
    return hour


def drawn(chance: np.random.Generator, count: int, sureness: float, classes: int) -> tuple[Any, Any, Any]:
    confidences = 1 / (1 + np.exp(-np.abs(sureness * chance.standard_normal(count))))
    images = {
        "brightness": chance.normal(120, 30, count),
        "contrast": chance.gamma(4, 10, count),
        "sharpness": chance.lognormal(6, 1, count),
        "colorfulness": chance.exponential(20, count),
        "width": chance.choice([640, 800, 1024, 1280], count, p=[0.4, 0.2, 0.35, 0.05]),
        "height": np.where(chance.random(count) < 0.02, chance.integers(100, 900, count), 480),
    }
    return confidences, chance.integers(0, classes, count), images


def held_out(confidences: Any, answers: Any, images: Any, classes: int) -> Baseline:
    """Read from a card that is made by training's code, but for the statistics, which are given."""
    names = [f"class {place}" for place in range(classes)]
    probabilities = np.zeros((len(answers), classes), dtype=np.float32)
    probabilities[np.arange(len(answers)), answers] = confidences
    blank, sizes = (
        np.zeros((len(answers), 4, 4, 3), dtype=np.uint8),
        np.ones((len(answers), 2), dtype=np.int64),
    )
    made = make_baseline(blank, sizes, probabilities, names)
    levels = made["quantile_levels"]
    for name, values in images.items():
        quantiles = np.round(np.quantile(values, levels), 6).tolist()
        made["image_statistics"][name] = {
            "mean": float(values.mean()),
            "std": float(values.std()),
            "quantiles": quantiles,
            "counts": count_cells(values, quantiles),
        }
    return read_baseline(check_card({**model_card(names), "baseline": made}))


@pytest.mark.parametrize("images", [200, 400])
@pytest.mark.parametrize(("sureness", "classes"), [(2.0, 2), (6.0, 10), (20.0, 100)])
def test_healthy_samples_never_drift(images: int, sureness: float, classes: int) -> None:
    for seed in range(60):
        chance = np.random.default_rng([seed, images, classes])
        known = held_out(*drawn(chance, images, sureness, classes), classes)
        for count in (200, 1000, 5000):
            drift = find_drift(hour_of(*drawn(chance, count, sureness, classes), known), known, Limits())
            assert [measure["verdict"] for measure in drift["measures"]] == ["stable"] * 8, (seed, count)
            assert drift["verdict"] == "stable"


CHANGES: dict[str, Callable[[NDArray[Any]], NDArray[Any]]] = {
    "brightness": lambda values: values + 60,
    "contrast": lambda values: values * 0.4,
    "sharpness": lambda values: values * 0.1,
    "colorfulness": lambda values: values * 0,
    "width": lambda values: values * 0 + 1024,
    "height": lambda values: values * 2,
}


@pytest.mark.parametrize("changed", STATISTICS)
def test_each_changed_statistic_drifts_alone(changed: str) -> None:
    chance = np.random.default_rng(5)
    known = held_out(*drawn(chance, 400, 6.0, 2), 2)
    confidences, answers, images = drawn(chance, 400, 6.0, 2)
    images[changed] = CHANGES[changed](images[changed])
    drift = find_drift(hour_of(confidences, answers, images, known), known, Limits())
    assert drift["verdict"] == "drift"
    verdicts = {measure["name"]: measure["verdict"] for measure in drift["measures"]}
    assert [name for name, verdict in verdicts.items() if verdict == "drift"] == [changed]


def test_less_sure_answers_and_other_classes_drift() -> None:
    chance = np.random.default_rng(6)
    known = held_out(*drawn(chance, 400, 6.0, 2), 2)
    confidences, answers, images = drawn(chance, 400, 1.5, 2)
    drift = find_drift(hour_of(confidences, answers * 0, images, known), known, Limits())
    verdicts = {measure["name"]: measure["verdict"] for measure in drift["measures"]}
    assert (verdicts["confidence"], verdicts["class_share"]) == ("drift", "drift")


def test_below_the_minimum_nothing_is_judged_whatever_the_change() -> None:
    known = baseline()
    images = {name: np.full(199, 5000.0) for name in STATISTICS}
    hour = hour_of(np.full(199, 0.5), np.zeros(199, dtype=int), images, known)
    drift = find_drift(hour, known, Limits())
    assert drift["verdict"] == "not_enough_data"
    assert {measure["verdict"] for measure in drift["measures"]} == {"not_enough_data"}
    assert all(measure["psi"] is None and measure["critical"] is None for measure in drift["measures"])
    assert find_drift(hour, known, Limits(min_inferences=199))["verdict"] == "drift"


def test_without_images_the_answers_are_judged() -> None:
    known = baseline()
    chance = np.random.default_rng(1)
    confidences, answers, _ = drawn(chance, 1000, 6.0, 2)
    drift = find_drift(hour_of(confidences, answers, {}, known), known, Limits())
    assert [measure["verdict"] for measure in drift["measures"]] == ["stable"] * 2 + ["no_images"] * 6
    assert drift["verdict"] == "stable"


def test_few_held_out_images_are_no_baseline_to_judge_by() -> None:
    chance = np.random.default_rng(2)
    known = held_out(*drawn(chance, 40, 6.0, 2), 2)
    drift = find_drift(hour_of(*drawn(chance, 1000, 1.0, 2), known), known, Limits())
    assert drift["verdict"] == "not_enough_data"


@pytest.mark.parametrize("count", [0, 1, 1000])
def test_no_baseline_is_said(count: int) -> None:
    known = read_baseline(check_card(model_card()))
    confidences, answers, _ = drawn(np.random.default_rng(3), count, 6.0, 2)
    drift = find_drift(hour_of(confidences, answers, {}, known), known, Limits(min_inferences=0))
    assert drift["verdict"] == "no_baseline"
    assert {measure["verdict"] for measure in drift["measures"]} == {"no_baseline"}
