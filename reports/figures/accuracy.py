"""How often the model is right: estimated from its confidence, and counted where labels say the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from math import sqrt

from reports.document import (
    Check,
    ClassAccuracy,
    Drift,
    Estimate,
    Figures,
    Interval,
    Labelled,
    State,
    Unfamiliar,
)
from reports.figures.baseline import Baseline
from reports.figures.check_words import ATTENTION, UNKNOWN, WELL, percent
from reports.figures.hours import UNIT, Hour
from reports.figures.rounding import rounded, share
from reports.figures.unfamiliar import is_alarming
from training.figures.metrics import wilson_interval

_SURE = 3.29
"""Standard deviations: 1 in 2,000 lies beyond them on one side. Two intervals apart are rarer still."""


def estimate_accuracy(total: Hour, baseline: Baseline, least: int) -> Estimate | None:
    """Accuracy without labels, with a 95 % interval; None below `least` inferences.

    A calibrated model is right as often as its mean confidence says. How far it was from that on the held-out
    images is added, so that the estimate is theirs when the pictures are alike. The variance is that of
    answers which are each right with their own probability, sum(p * (1 - p)) / n^2, and that of the held-out
    difference; the interval is Wilson's for as many trials as have this variance.
    """
    count = total.count("inferences")
    if count < max(1, least):
        return None
    confidence = total.count("confidence") / UNIT / count
    variance = total.count("variance") / UNIT / count**2
    gap, doubt, method = _calibration(baseline)
    value = min(max(confidence + gap, 0.0), 1.0)
    trials = confidence * (1 - confidence) / (variance + doubt**2) if variance + doubt**2 > 0 else count
    low, high = wilson_interval(value, max(trials, 1.0))
    half_an_answer = 0.5 / count  # the accuracy of few answers is a multiple of 1 / count: it may well be 1
    return {
        "value": rounded(value),
        "low": rounded(max(0.0, low - half_an_answer)),
        "high": rounded(min(1.0, high + half_an_answer)),
        "inferences": count,
        "method": method,
    }


def why_withdrawn(drift: Drift, unfamiliar: Unfamiliar | None = None) -> str | None:
    """Why confidence says nothing of the accuracy now; None while answers and images are as held out.

    A network's confidence need not fall where its pictures are unlike those it learnt from: of blurred ones
    it was sure of 93.8 %, and right about 56.2 %.
    """
    drifted = [measure["label"] for measure in drift["measures"] if measure["verdict"] == "drift"]
    if drifted:
        what = f"{' and '.join(drifted[:2])}{' and more' if drifted[2:] else ''} drifted"
    elif is_alarming(unfamiliar, drift["minimum"]):
        what = "many pictures are unfamiliar"
    else:
        return None
    return (
        f"Not estimated: {what}, and "
        "confidence does not fall where pictures are unlike those learnt from. Label some recent images to "
        "know."
    )


def _calibration(baseline: Baseline) -> tuple[float, float, str]:
    """Accuracy minus mean confidence on held-out images, its standard error, and what is said of it."""
    accuracy, images = baseline.held_out_accuracy, baseline.held_out_images
    if accuracy is None or not images:
        return 0.0, 0.0, "Mean confidence; how well it is calibrated on held-out images is not known."
    if baseline.mean_confidence is None or baseline.calibration_error is None:
        # All that is known of the difference: the accuracy itself is no better known than this.
        doubt = sqrt(accuracy * (1 - accuracy) / images)
        return 0.0, doubt, f"Mean confidence; the interval allows for {images:,} held-out images only."
    gap = accuracy - baseline.mean_confidence
    method = (
        f"Mean confidence, {gap * 100:+.1f} points by which {images:,} held-out images differed. "
        "Holds while the pictures are like those."
    )
    return gap, baseline.calibration_error, method


def labelled_accuracy(confusion: Mapping[int, int], classes: tuple[str, ...], labels: int) -> Labelled | None:
    """Of the images whose true class is known, with Wilson's 95 % interval; None without any.

    `confusion` counts them by true class * classes + predicted class; a true class that the model does not
    know has the place behind the others, and no answer to it is right. `labels` is how many there were.
    """
    size, cells = len(classes), Counter(confusion)
    images = cells.total()
    if not images:
        return None
    right = sum(cells[place * size + place] for place in range(size))
    low, high = wilson_interval(right / images, images)
    return {
        "value": rounded(right / images),
        "low": rounded(low),
        "high": rounded(high),
        "images": images,
        "per_class": [_of_class(cells, name, place, size) for place, name in enumerate(classes)],
        "confusion": [[cells[true * size + told] for told in range(size)] for true in range(size + 1)],
        "unmatched": max(0, labels - images),
    }


def _of_class(cells: Counter[int], name: str, place: int, size: int) -> ClassAccuracy:
    right = cells[place * size + place]
    images = sum(cells[place * size + predicted] for predicted in range(size))
    predicted = sum(cells[true * size + place] for true in range(size + 1))
    return {
        "name": name,
        "images": images,
        "precision": share(right, predicted),
        "recall": share(right, images),
    }


def check_accuracy(figures: Figures) -> Check:
    """Attention when even the upper end of what is known lies below what held-out images leave possible.

    What labels say is taken where they are as many as it takes to judge, else the estimate.
    """
    labelled, estimate = figures["accuracy"]["labelled"], figures["accuracy"]["estimate"]
    withdrawn = figures["accuracy"]["withdrawn"]
    held_out = figures["model"]["held_out"]
    enough = labelled is not None and labelled["images"] >= figures["drift"]["minimum"]
    known: Interval | None = labelled if enough else estimate or labelled
    state: State
    least = wilson_interval(held_out["accuracy"], held_out["images"], _SURE)[0] if held_out else None
    if withdrawn and not enough:
        state, advice = UNKNOWN, withdrawn
    elif known is None or not (enough or estimate):
        state, advice = UNKNOWN, "Too few inferences to judge. Look at a longer time, or wait."
    elif least is None:
        state, advice = UNKNOWN, "The model's artifact does not say how accurate it was on held-out images."
    else:
        state, advice = _judge_accuracy(known, least, labelled=enough)
    how = "labelled" if known is labelled else "estimated"
    return {
        "name": "accuracy",
        "label": "Accuracy",
        "state": state,
        "value": _interval(known, how) if known else "not estimated under drift" if withdrawn else "unknown",
        "limit": "unknown" if least is None else f"not surely below {percent(least)}",
        "advice": advice,
        "section": "drift",
    }


def _judge_accuracy(known: Interval, least: float, *, labelled: bool) -> tuple[State, str]:
    """State and advice; `labelled`: labels say it, and not an estimate."""
    if known["high"] < least:
        sure = "" if labelled else "Label some recent images to be sure, and follow"
        return ATTENTION, (
            "The model is right less often than on held-out images. "
            f"{sure or 'Follow'} the runbook's section drift."
        )
    return WELL, "Nothing to do."


def _interval(known: Interval, how: str) -> str:
    return f"{percent(known['value'])} {how} ({known['low'] * 100:.1f} to {known['high'] * 100:.1f} %)"
