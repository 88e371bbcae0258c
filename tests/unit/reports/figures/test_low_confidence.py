"""The share of low confidence against its limit: never beyond it by chance, always by a real change."""

from __future__ import annotations

import numpy as np
import pytest

from reports.figures.low_confidence import judge_low_confidence

MARGIN = 0.1


def judged(low: int, answers: int, expected: float, held_out: int) -> tuple[float, float, float]:
    """Share, limit and excess, where all are known."""
    found = judge_low_confidence(low, answers, expected, held_out, MARGIN)
    share, limit, excess = found["share"], found["limit"], found["excess"]
    assert share is not None
    assert limit is not None
    assert excess is not None
    return share, limit, excess


@pytest.mark.parametrize("answers", [200, 500, 5_000])
@pytest.mark.parametrize("share", [0.02, 0.18, 0.4])
def test_healthy_answers_never_pass_the_limit_however_few_they_are(answers: int, share: float) -> None:
    """Held-out images and answers come from one population."""
    chance = np.random.default_rng(answers)
    for held_out, low in zip(
        chance.binomial(200, share, 2_000), chance.binomial(answers, share, 2_000), strict=True
    ):
        found, limit, excess = judged(int(low), answers, held_out / 200, 200)
        assert found <= limit
        assert excess <= MARGIN


@pytest.mark.parametrize(("low", "limit"), [(300, 0.28), (270, 0.28)])
def test_many_answers_are_held_to_the_margin(low: int, limit: float) -> None:
    share, known_limit, excess = judged(low, 1_000, 0.18, 4_000)
    assert (known_limit, share > known_limit) == (limit, low == 300)
    assert excess == pytest.approx(low / 1_000 - 0.18)


def test_the_excess_passes_the_margin_where_the_share_passes_its_limit() -> None:
    for low in range(201):
        share, limit, excess = judged(low, 200, 0.18, 200)
        assert (excess > MARGIN) == (share > limit), low
    assert excess > MARGIN


def test_nothing_is_judged_without_an_expectation_or_answers() -> None:
    unknown = judge_low_confidence(3, 10, None, 0, MARGIN)
    assert unknown == {"count": 3, "share": 0.3, "expected": None, "limit": None, "excess": None}
    empty = judge_low_confidence(0, 0, 0.18, 400, MARGIN)
    assert (empty["share"], empty["limit"], empty["excess"]) == (None, 0.28, None)
