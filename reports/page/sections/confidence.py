"""The distribution of confidence, beside that of held-out images."""

from __future__ import annotations

from typing import Literal

from contracts.words import CONFIDENCE
from reports.document import Confidence, LowConfidence, Numbers
from reports.page.elements import chart, empty, folded, part, table
from reports.page.markup import Markup, element
from reports.page.wording import UNKNOWN, count, percent

QUANTILES: tuple[Literal["p50", "p05", "p95"], ...] = ("p50", "p05", "p95")


def confidence_distribution(numbers: Numbers) -> Markup:
    """A histogram of twenty bins, and quantiles."""
    confidence = numbers["confidence"]
    if not sum(confidence["counts"]):
        return empty(CONFIDENCE, "No inference in this window.", identifier="confidence", wide=False)
    return part(
        CONFIDENCE,
        chart("confidence"),
        _quantiles(confidence),
        folded("Confidence as a table", _table(confidence)),
        note=_note(confidence, numbers["low_confidence"]),
        identifier="confidence",
        wide=False,
    )


def _note(confidence: Confidence, low: LowConfidence) -> str:
    baseline = (
        "as a line, held-out images"
        if confidence["baseline_counts"]
        else "no held-out images to compare with"
    )
    expected = f", {percent(low['expected'])} expected" if low["expected"] is not None else ""
    return f"Bars: this window; {baseline}. Below the threshold: {percent(low['share'])}{expected}."


def _quantiles(confidence: Confidence) -> Markup | None:
    quantiles = confidence["quantiles"]
    if not quantiles:
        return None
    middle, low, high = (percent(quantiles[name]) for name in QUANTILES)
    resolution = percent(confidence["resolution"])
    return element(
        "p",
        f"Mean {percent(confidence['mean'])}, median {middle}; nine of ten lie between {low} and {high} "
        f"(to the nearest {resolution}).",
        class_="note",
    )


def _table(confidence: Confidence) -> Markup:
    edges, counts, baseline = confidence["edges"], confidence["counts"], confidence["baseline_counts"]
    rows = []
    for index, number in enumerate(counts):
        between = f"{percent(edges[index], 0)} to {percent(edges[index + 1], 0)}"
        held_out = percent(_share(baseline, index)) if baseline else UNKNOWN
        rows.append((between, count(number), percent(_share(counts, index)), held_out))
    return table("Inferences by confidence", ["Confidence", "Inferences", "Share", "Held-out share"], rows)


def _share(counts: list[int], index: int) -> float | None:
    total = sum(counts)
    return counts[index] / total if total else None
