"""Whether more answers than expected are below the threshold, beyond what chance can make of so few."""

from __future__ import annotations

from math import sqrt

from contracts.words import LOW_CONFIDENCE
from reports.document import Check, Figures, LowConfidence, State
from reports.figures.check_words import ATTENTION, UNKNOWN, WELL, percent
from reports.figures.limits import Limits
from reports.figures.rounding import rounded, share

SURE = 4.5
"""Standard errors: chance alone goes beyond them once in 300,000 times."""


def judge_low_confidence(
    count: int, inferences: int, expected: float | None, held_out: int, margin: float
) -> LowConfidence:
    """The part "low_confidence" of the numbers: `count` of `inferences` were below the threshold.

    The share may exceed the expected one, that of `held_out` images, by the margin, or by what chance can
    make where that is more. `excess` has this chance taken off: it passes the margin when the share passes
    its limit.
    """
    found, limit, excess = share(count, inferences), None, None
    if expected is not None:
        chance = _chance(count, inferences, expected, held_out)
        limit = min(1.0, expected + max(margin, chance))
        excess = None if found is None else found - expected - max(0.0, chance - margin)
    return {
        "count": count,
        "share": found,
        "expected": rounded(expected),
        "limit": rounded(limit),
        "excess": rounded(excess),
    }


def _chance(count: int, inferences: int, expected: float, held_out: int) -> float:
    """SURE standard errors of the difference of two shares, were they of one population; 0 without either."""
    if not inferences or not held_out:
        return 0.0
    pooled = (count + expected * held_out) / (inferences + held_out)
    return SURE * sqrt(pooled * (1 - pooled) * (1 / inferences + 1 / held_out))


def check_low_confidence(figures: Figures, limits: Limits) -> Check:
    low, count = figures["low_confidence"], figures["captured"]["inferences"]
    found, limit = low["share"], low["limit"]
    state: State = UNKNOWN
    digits = 2 if percent(found) == percent(limit) and found != limit else 1
    if limit is None:
        advice = "The model's artifact does not say what to expect. Train the model again to have a baseline."
    elif found is None or count < max(1, limits.min_inferences):
        advice = "Too few inferences to judge. Look at a longer time, or wait."
    elif found > limit:
        state = ATTENTION
        advice = (
            "Look at the least certain images: have the pictures changed? Follow the runbook's section "
            "low-confidence."
        )
    else:
        state, advice = WELL, "Nothing to do."
    return {
        "name": "low_confidence",
        "label": LOW_CONFIDENCE,
        "state": state,
        "value": f"{percent(found, digits)} of {count:,}" if count else "no inferences",
        "limit": f"at most {percent(limit, digits)} ({percent(low['expected'])} expected)"
        if limit is not None
        else "unknown",
        "advice": advice,
        "section": "low-confidence",
    }
