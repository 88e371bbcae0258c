"""How inferences are spread: over the classes, over confidence and over time."""

from __future__ import annotations

from collections import Counter
from itertools import accumulate

from reports.document import ClassRow, Confidence, HourRow, Quantiles
from reports.figures.baseline import EDGES, Baseline
from reports.figures.hours import BINS, SECONDS, UNIT, Hour
from reports.figures.rounding import mean, rounded, share
from reports.times import utc


def classes(total: Hour, baseline: Baseline) -> list[ClassRow]:
    """The part "classes": in the order of the model's classes."""
    inferences, low, confidence = (total.table(name) for name in ("inferences", "low", "confidence"))
    return [
        {
            "name": name,
            "inferences": inferences[place],
            "share": share(inferences[place], inferences.total()),
            "baseline_share": rounded(baseline.class_shares[place]) if baseline.class_shares else None,
            "mean_confidence": mean(confidence[place], inferences[place], UNIT),
            "low_confidence": low[place],
        }
        for place, name in enumerate(baseline.classes)
    ]


def confidence(total: Hour, baseline: Baseline) -> Confidence:
    """The part "confidence"."""
    known = baseline.confidence_counts
    return {
        "edges": list(EDGES),
        "counts": histogram(total),
        "baseline_counts": list(known) if known else None,
        "mean": mean(total.count("confidence"), total.count("inferences"), UNIT),
        "quantiles": _quantiles(total.table("histogram")),
        "resolution": 1 / BINS,
    }


def histogram(total: Hour) -> list[int]:
    """Inferences by confidence, in bins between EDGES; the last one includes 1."""
    counts = [0] * (len(EDGES) - 1)
    width = BINS // len(counts)
    for place, count in total.table("histogram").items():
        counts[min(place // width, len(counts) - 1)] += count
    return counts


def hour_row(start: int, hour: Hour) -> HourRow:
    """An entry of the part "hours"; `start` in hours since the epoch."""
    inferences = hour.count("inferences")
    return {
        "start": utc(start * SECONDS),
        "inferences": inferences,
        "low_confidence": hour.count("low"),
        "mean_confidence": mean(hour.count("confidence"), inferences, UNIT),
    }


def _quantiles(table: Counter[int]) -> Quantiles | None:
    """The middle of the thousandth in which each lies; of exactly 1 it is 1."""
    total, places = table.total(), sorted(table)
    if not total:
        return None
    reached = list(accumulate(table[place] for place in places))

    def quantile(level: float) -> float:
        place = next(place for place, below in zip(places, reached, strict=True) if below >= level * total)
        return round(min((place + 0.5) / BINS, 1.0), 4)

    return {
        "p05": quantile(0.05),
        "p25": quantile(0.25),
        "p50": quantile(0.5),
        "p75": quantile(0.75),
        "p95": quantile(0.95),
    }
