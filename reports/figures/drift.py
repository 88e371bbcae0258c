"""Whether answers and images still look like the held-out ones."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.words import DRIFT, MEASURES
from reports.document import Check, Drift, DriftVerdict, Figures, Measure, State
from reports.figures.baseline import IMAGE_MEASURES, Baseline
from reports.figures.check_words import ATTENTION, UNKNOWN, WELL
from reports.figures.distributions import histogram
from reports.figures.hours import (
    STATISTIC_UNIT,
    UNIT,
    Hour,
)
from reports.figures.limits import Limits
from reports.figures.psi import stability_index
from reports.figures.rounding import mean, rounded

BASELINE_ENOUGH = 50
"""Held-out images below which nothing is compared with them."""
_UNITS = {"brightness": "of 255", "contrast": "of 255", "width": "px", "height": "px"}


def find_drift(total: Hour, baseline: Baseline, limits: Limits) -> Drift:
    """The part "drift" of the numbers.

    A measure has drifted when its PSI reaches the limit and is more than chance could make of so few samples
    (reports/figures/psi.py): so few images, or many bins, never ring by themselves.
    """
    measures = [_confidence(total, baseline, limits), _classes(total, baseline, limits)]
    measures += [_statistic(name, total, baseline, limits) for name in IMAGE_MEASURES]
    return {
        "verdict": _overall([measure["verdict"] for measure in measures]),
        "limit": limits.drift_psi,
        "minimum": limits.min_inferences,
        "measures": measures,
    }


def _confidence(total: Hour, baseline: Baseline, limits: Limits) -> Measure:
    counts = histogram(total)
    measure = _judge("confidence", counts, baseline.confidence_counts, limits)
    measure["mean"] = mean(total.count("confidence"), sum(counts), UNIT)
    measure["baseline_mean"] = rounded(baseline.mean_confidence)
    return measure


def _classes(total: Hour, baseline: Baseline, limits: Limits) -> Measure:
    table = total.table("inferences")
    counts = [table[place] for place in range(len(baseline.classes))]
    shares = baseline.class_shares
    expected = [share * baseline.held_out_images for share in shares] if shares else None
    return _judge("class_share", counts, expected, limits)


def _statistic(name: str, total: Hour, baseline: Baseline, limits: Limits) -> Measure:
    table = total.table(name)
    summary = baseline.image_statistics.get(name)
    cells = 2 * len(summary.values) + 1 if summary else 1
    measure = _judge(
        name, [table[cell] for cell in range(cells)], summary.counts if summary else None, limits
    )
    if not measure["samples"] and measure["verdict"] != "no_baseline":
        measure["verdict"] = "no_images"
    measure["mean"] = mean(total.table(f"{name} sum")[0], measure["samples"], STATISTIC_UNIT)
    measure["baseline_mean"] = rounded(summary.mean) if summary else None
    return measure


def _judge(name: str, actual: Sequence[int], expected: Sequence[float] | None, limits: Limits) -> Measure:
    samples, known = sum(actual), round(sum(expected)) if expected else 0
    measure: Measure = {
        "name": name,
        "label": MEASURES[name],
        "unit": _UNITS.get(name, ""),
        "psi": None,
        "critical": None,
        "samples": samples,
        "baseline_samples": known,
        "verdict": "not_enough_data",
        "mean": None,
        "baseline_mean": None,
    }
    if not expected or not known:
        return {**measure, "verdict": "no_baseline"}
    if samples < max(1, limits.min_inferences) or known < BASELINE_ENOUGH:
        return measure
    index = stability_index(actual, expected)
    drifted = index.psi >= limits.drift_psi and index.psi > index.critical
    return {
        **measure,
        "psi": rounded(index.psi),
        "critical": rounded(index.critical),
        "verdict": "drift" if drifted else "stable",
    }


def _overall(verdicts: Sequence[DriftVerdict]) -> DriftVerdict:
    """The one that says most."""
    words: tuple[DriftVerdict, ...] = ("drift", "stable", "not_enough_data")
    for word in words:
        if word in verdicts:
            return word
    return "no_baseline"


def check_drift(figures: Figures) -> Check:
    drift = figures["drift"]
    judged = [(psi, measure) for measure in drift["measures"] if (psi := measure["psi"]) is not None]
    drifted = [_named(psi, measure) for psi, measure in judged if measure["verdict"] == "drift"]
    state: State = UNKNOWN
    value, advice = drift["verdict"].replace("_", " "), _why_unjudged(figures)
    if drifted:
        state, value = ATTENTION, f"{len(drifted)} of {len(judged)} measures ({'; '.join(drifted)})"
        advice = (
            "Compare recent images with those that the model was trained on, and follow the runbook's "
            "section drift."
        )
    elif judged:
        highest = max(judged, key=lambda one: one[0])
        state, advice = WELL, "Nothing to do."
        value = f"none of {len(judged)} measures (highest: {_named(*highest)})"
    return {
        "name": "drift",
        "label": DRIFT,
        "state": state,
        "value": value,
        "limit": f"PSI below {drift['limit']:g}, or within chance",
        "advice": advice,
        "section": "drift",
    }


def _named(psi: float, measure: Measure) -> str:
    return f"{measure['label']}, PSI {psi:.2f}"


def _why_unjudged(figures: Figures) -> str:
    drift = figures["drift"]
    if drift["verdict"] == "no_baseline":
        return "The model's artifact has no baseline to compare with. Train the model again to have one."
    if figures["captured"]["inferences"] >= drift["minimum"]:
        return (
            f"The model's artifact knows fewer than {BASELINE_ENOUGH} held-out images to compare with. "
            "Train with more."
        )
    return "Too few inferences to judge. Look at a longer time, or wait."
