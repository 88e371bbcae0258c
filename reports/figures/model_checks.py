"""What the model does against its limits: low confidence, drift, accuracy."""

from __future__ import annotations

from reports.figures.check_words import ATTENTION, UNKNOWN, WELL, Numbers, percent
from reports.figures.drift import BASELINE_ENOUGH
from reports.figures.limits import Limits
from training.figures.metrics import wilson_interval

_SURE = 3.29
"""Standard deviations: 1 in 2,000 lies beyond them on one side. Two intervals apart are rarer still."""


def check_low_confidence(numbers: Numbers, limits: Limits) -> Numbers:
    low, count = numbers["low_confidence"], numbers["captured"]["inferences"]
    limit, state = low["limit"], UNKNOWN
    digits = 2 if percent(low["share"]) == percent(limit) and low["share"] != limit else 1
    if limit is None:
        advice = "The model's artifact does not say what to expect. Train the model again to have a baseline."
    elif count < max(1, limits.min_inferences):
        advice = "Too few inferences to judge. Look at a longer time, or wait."
    elif low["share"] > limit:
        state = ATTENTION
        advice = (
            "Look at the least certain images: have the pictures changed? Follow the runbook's section "
            "low-confidence."
        )
    else:
        state, advice = WELL, "Nothing to do."
    return {
        "name": "low_confidence",
        "label": "Low confidence",
        "state": state,
        "value": f"{percent(low['share'], digits)} of {count:,}" if count else "no inferences",
        "limit": f"at most {percent(limit, digits)} ({percent(low['expected'])} expected)"
        if limit is not None
        else "unknown",
        "advice": advice,
        "section": "low-confidence",
    }


def check_drift(numbers: Numbers) -> Numbers:
    drift = numbers["drift"]
    judged = [measure for measure in drift["measures"] if measure["psi"] is not None]
    drifted = [_named(measure) for measure in judged if measure["verdict"] == "drift"]
    state, value, advice = UNKNOWN, drift["verdict"].replace("_", " "), _why_unjudged(numbers)
    if drifted:
        state, value = ATTENTION, f"{len(drifted)} of {len(judged)} measures ({'; '.join(drifted)})"
        advice = (
            "Compare recent images with those that the model was trained on, and follow the runbook's "
            "section drift."
        )
    elif judged:
        highest = max(judged, key=lambda measure: measure["psi"])
        state, advice = WELL, "Nothing to do."
        value = f"none of {len(judged)} measures (highest: {_named(highest)})"
    return {
        "name": "drift",
        "label": "Drift",
        "state": state,
        "value": value,
        "limit": f"PSI below {drift['limit']:g}, or within chance",
        "advice": advice,
        "section": "drift",
    }


def _named(measure: Numbers) -> str:
    return f"{measure['label']}, PSI {measure['psi']:.2f}"


def _why_unjudged(numbers: Numbers) -> str:
    drift = numbers["drift"]
    if drift["verdict"] == "no_baseline":
        return "The model's artifact has no baseline to compare with. Train the model again to have one."
    if numbers["captured"]["inferences"] >= drift["minimum"]:
        return (
            f"The model's artifact knows fewer than {BASELINE_ENOUGH} held-out images to compare with. "
            "Train with more."
        )
    return "Too few inferences to judge. Look at a longer time, or wait."


def check_accuracy(numbers: Numbers) -> Numbers:
    """Attention when even the upper end of what is known lies below what held-out images leave possible.

    What labels say is taken where they are as many as it takes to judge, else the estimate.
    """
    labelled, estimate = numbers["accuracy"]["labelled"], numbers["accuracy"]["estimate"]
    held_out = numbers["model"]["held_out"]
    enough = labelled is not None and labelled["images"] >= numbers["drift"]["minimum"]
    known = labelled if enough else estimate or labelled
    least = wilson_interval(held_out["accuracy"], held_out["images"], _SURE)[0] if held_out else None
    if known is None or not (enough or estimate):
        state, advice = UNKNOWN, "Too few inferences to judge. Look at a longer time, or wait."
    elif least is None:
        state, advice = UNKNOWN, "The model's artifact does not say how accurate it was on held-out images."
    else:
        state, advice = _judge_accuracy(
            known, least, labelled=enough, drifted=numbers["drift"]["verdict"] == "drift"
        )
    how = "labelled" if known is labelled else "estimated"
    return {
        "name": "accuracy",
        "label": "Accuracy",
        "state": state,
        "value": "unknown" if known is None else _interval(known, how),
        "limit": "unknown" if least is None else f"not surely below {percent(least)}",
        "advice": advice,
        "section": "drift",
    }


def _judge_accuracy(known: Numbers, least: float, *, labelled: bool, drifted: bool) -> tuple[str, str]:
    """State and advice; `labelled`: labels say it, and not an estimate, which is doubtful under drift."""
    if known["high"] < least:
        sure = "" if labelled else "Label some recent images to be sure, and follow"
        return ATTENTION, (
            "The model is right less often than on held-out images. "
            f"{sure or 'Follow'} the runbook's section drift."
        )
    if drifted and not labelled:
        return UNKNOWN, (
            "An estimate holds while pictures are like the held-out ones, and these have drifted: label "
            "some recent images to know."
        )
    return WELL, "Nothing to do."


def _interval(known: Numbers, how: str) -> str:
    return f"{percent(known['value'])} {how} ({known['low'] * 100:.1f} to {known['high'] * 100:.1f} %)"
