"""Temperature and threshold: honest on data whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from training.figures.calibration import (
    averaged_temperature,
    fit_temperature,
    negative_log_likelihood,
    recommend_threshold,
    softmax,
)


def test_the_temperature_undoes_a_known_overconfidence() -> None:
    random = np.random.default_rng(0)
    logits = random.normal(0, 2, (20_000, 3))
    labels = np.array([random.choice(3, p=row) for row in softmax(logits)])
    assert fit_temperature(logits * 4, labels) == pytest.approx(4, rel=0.05)
    assert fit_temperature(logits / 4, labels) == pytest.approx(0.25, rel=0.05)


def test_the_temperature_is_the_best_of_a_grid() -> None:
    random = np.random.default_rng(1)
    logits, labels = random.normal(0, 3, (50, 5)), random.integers(0, 5, 50)
    fitted = negative_log_likelihood(logits / fit_temperature(logits, labels), labels)
    grid = [
        negative_log_likelihood(logits / temperature, labels) for temperature in np.geomspace(0.05, 20, 400)
    ]
    assert fitted <= min(grid) + 1e-9


def test_the_mean_of_networks_that_err_independently_gets_a_lower_temperature() -> None:
    assert averaged_temperature(2.0, fitted_on=1, averaged=4) == pytest.approx(2 * 0.9115)
    assert averaged_temperature(2.0, fitted_on=4, averaged=4) == 2.0


def answers(count: int, wrong: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """`count` answers, falling confidence, those at the ranks `wrong` wrong."""
    correct = np.ones(count, dtype=bool)
    correct[wrong] = False
    return np.linspace(0.999, 0.5, count), correct


@pytest.mark.parametrize(("doubt", "answers_trusted"), [(0.0, 504), (1.645, 507)])
def test_the_threshold_is_the_lowest_that_reaches_the_target(doubt: float, answers_trusted: int) -> None:
    confidence, correct = answers(800, wrong=[450, *range(500, 800)])
    threshold = recommend_threshold(confidence, correct, 0.99, doubt)
    assert threshold.reached
    # 499 of 504 is just 0.99; of 507 answers 8 are wrong, 5.07 may be, and 1.645 standard errors are 3.69.
    assert round(threshold.coverage * 800) == answers_trusted
    assert threshold.precision == pytest.approx(499 / answers_trusted)


@pytest.mark.parametrize(("count", "reached"), [(99, False), (100, True)])
def test_few_images_without_an_error_prove_little(count: int, reached: bool) -> None:
    confidence, correct = answers(count, wrong=[])
    threshold = recommend_threshold(confidence, correct, 0.99)
    assert threshold.reached is reached
    assert threshold.coverage == 1.0


def test_the_most_precise_threshold_is_taken_when_none_reaches_the_target() -> None:
    confidence, correct = answers(200, wrong=[50, *range(60, 200, 2)])
    threshold = recommend_threshold(confidence, correct, 0.99)
    assert not threshold.reached
    assert threshold.coverage == pytest.approx(50 / 200)
    assert threshold.precision == 1.0


def test_equal_confidences_are_never_told_apart() -> None:
    confidence = np.repeat([0.99, 0.9], 200)
    correct = np.r_[np.ones(300, dtype=bool), np.zeros(100, dtype=bool)]
    threshold = recommend_threshold(confidence, correct, 0.99)
    assert threshold.coverage == 0.5
    assert 0.9 < threshold.recommended <= 0.99


def test_precision_on_fresh_data_is_near_the_target() -> None:
    """Over many draws of 800 images the precision beyond them misses the target by little."""
    random = np.random.default_rng(2)
    fresh = random.beta(4, 0.5, 200_000)
    confidence = np.maximum(fresh, 1 - fresh)
    right = random.random(len(confidence)) < confidence
    precisions = []
    for _ in range(100):
        drawn = random.integers(0, len(confidence), 800)
        threshold = recommend_threshold(confidence[drawn], right[drawn], 0.98)
        precisions.append(right[confidence >= threshold.recommended].mean())
    assert np.mean(precisions) == pytest.approx(0.98, abs=0.003)
