"""The index and its critical value against NumPy and SciPy, and the grouping of cells."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2  # type: ignore[import-untyped]

from reports.figures.psi import CHANCE, chi_square_quantile, chi_square_tail, group, stability_index


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 5, 9, 10, 19, 30, 99, 250])
def test_the_critical_value_is_the_quantile_of_chi_square(degrees: int) -> None:
    for probability in (0.05, 1e-3, CHANCE):
        expected = chi2.isf(probability, degrees)
        assert chi_square_quantile(degrees, probability) == pytest.approx(expected, rel=1e-7)
    for value in (0.0, 0.1, 1.0, 7.5, 60.0):
        assert chi_square_tail(degrees, value) == pytest.approx(chi2.sf(value, degrees), rel=1e-9, abs=1e-15)


def test_the_index_against_numpy() -> None:
    actual, expected = np.array([30, 60, 110, 200]), np.array([40, 40, 40, 80])
    a, e = (actual + 0.5) / (400 + 2), (expected + 0.5) / (200 + 2)
    index = stability_index(actual.tolist(), expected.tolist())
    assert index.psi == pytest.approx(float(((a - e) * np.log(a / e)).sum()))
    assert index.critical == pytest.approx((1 / 400 + 1 / 200) * chi2.isf(1e-6, 3))


def test_under_no_change_the_index_is_a_scaled_chi_square() -> None:
    chance, shares = np.random.default_rng(0), [0.1, 0.2, 0.3, 0.4]
    scaled = [
        stability_index(
            chance.multinomial(1000, shares).tolist(), chance.multinomial(400, shares).tolist()
        ).psi
        / (1 / 1000 + 1 / 400)
        for _ in range(2000)
    ]
    assert np.mean(scaled) == pytest.approx(3, rel=0.1)
    assert np.quantile(scaled, [0.5, 0.95]) == pytest.approx(chi2.ppf([0.5, 0.95], 3), rel=0.1)


def test_neighbours_are_put_together_until_they_expect_enough() -> None:
    assert group([4, 4, 4, 30, 1, 0, 2], 10) == [[0, 1, 2], [3], [4, 5, 6]]
    assert group([4, 30, 7, 30, 4], 10) == [[1], [3], [0, 2, 4]]
    assert group([0, 400, 0], 10) == [[1], [0, 2]]
    assert group([20, 20], 10) == [[0], [1]]
    assert group([1, 1], 10) == [[0, 1]]


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30), st.integers(1, 60))
def test_grouping_keeps_every_cell_once(expected: list[int], enough: int) -> None:
    bins = group(expected, enough)
    assert sorted(cell for cells in bins for cell in cells) == list(range(len(expected)))
    assert all(sum(expected[cell] for cell in cells) >= enough for cells in bins[:-1])


def test_one_size_is_exactly_stable_and_another_is_not() -> None:
    for samples in (200, 777, 100_000):
        assert stability_index([0, samples, 0], [0, 400, 0]).psi == 0
        for other in ([samples, 0, 0], [0, 0, samples], [0, samples // 2, samples // 2]):
            index = stability_index(other, [0, 400, 0])
            assert index.psi > max(1, index.critical)


def test_one_answer_to_everything_is_told_from_a_sure_model() -> None:
    """395 of 400 held-out images in one bin: the few others are too few for a bin, yet must not hide it."""
    expected = [1, 1, 1, 2, 395]
    assert stability_index([0, 0, 0, 2, 498], expected).psi < 0.02
    assert stability_index([50, 50, 50, 50, 300], expected).psi > 1
