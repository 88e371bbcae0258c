"""The document of numbers, from which page, Markdown, metrics and command line are made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from typing import Any

from reports.figures.accuracy import estimate_accuracy
from reports.figures.analysis import Analysis
from reports.figures.baseline import EDGES, Baseline
from reports.figures.drift import find_drift, histogram
from reports.figures.hours import BINS, MEASURED, SECONDS, UNDECODABLE, UNIT, WITH_IMAGE, Hour, add_up
from reports.figures.limits import Limits
from reports.figures.low_confidence import judge_low_confidence
from reports.figures.records import as_record, count_labelled
from reports.figures.rounding import mean, rounded, share, utc
from reports.figures.verdict import find_verdict

SCHEMA_VERSION = 1
_QUANTILES = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}


@dataclass(frozen=True, kw_only=True)
class About:
    """What the numbers are of. `where`: account and region, or a folder. Times have a zone."""

    stage: str
    where: str
    endpoint: str
    generated: datetime
    start: datetime
    stop: datetime
    links: Mapping[str, str] = field(default_factory=dict)


def make_numbers(
    analysis: Analysis, executions: dict[str, Any] | None, limits: Limits, about: About
) -> dict[str, Any]:
    """Ready for JSON: no NaN, times ISO 8601 in UTC, shares from 0 to 1, None for what is unknown."""
    baseline, hours = analysis.baseline, analysis.hours
    total = add_up(hours)
    drift = find_drift(total, baseline, limits)
    numbers = {
        "schema_version": SCHEMA_VERSION,
        "generated": utc(about.generated),
        "stage": about.stage,
        "where": about.where,
        "endpoint": about.endpoint,
        "links": dict(about.links),
        "window": {"start": utc(about.start), "stop": utc(about.stop)},
        "model": _model(baseline),
        "captured": _captured(total),
        "classes": _classes(total, baseline),
        "confidence": _confidence(total, baseline),
        "low_confidence": judge_low_confidence(
            _count(total, "low"),
            _count(total, "inferences"),
            baseline.expected_low_confidence,
            baseline.held_out_images,
            limits.low_confidence_margin,
        ),
        "hours": [_hour(start, hour) for start, hour in hours.items() if "inferences" in hour.tables],
        "accuracy": {
            "estimate": estimate_accuracy(total, baseline, limits.min_inferences),
            "labelled": count_labelled(analysis, _table(total, "confusion")),
            "labels": analysis.labels.images if analysis.labels else 0,
        },
        "drift": drift,
        "images": _images(total, analysis.image_every),
        "executions": executions,
        "recent_total": _count(total, "inferences"),
        "recent": [as_record(record, analysis) for record in analysis.recent],
        "least_certain": [as_record(record, analysis) for record in analysis.least_certain],
    }
    return {**numbers, "verdict": find_verdict(numbers, limits)}


def _model(baseline: Baseline) -> dict[str, Any]:
    accuracy, images = baseline.held_out_accuracy, baseline.held_out_images
    known = accuracy is not None and images > 0
    return {
        "digest": baseline.digest,
        "classes": list(baseline.classes),
        "threshold": baseline.threshold,
        "held_out": {"images": images, "accuracy": rounded(accuracy)} if known else None,
    }


def _captured(total: Hour) -> dict[str, Any]:
    counts, any_time = total.counts, total.first <= total.last
    return {
        "files": total.files,
        "requests": counts.requests,
        "inferences": _count(total, "inferences"),
        "refused": counts.refused,
        "without_input": counts.without_input,
        "first": utc(total.first) if any_time else None,
        "last": utc(total.last) if any_time else None,
        "problems": counts.as_numbers(),
    }


def _classes(total: Hour, baseline: Baseline) -> list[dict[str, Any]]:
    inferences, low, confidence = (_table(total, name) for name in ("inferences", "low", "confidence"))
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


def _confidence(total: Hour, baseline: Baseline) -> dict[str, Any]:
    known = baseline.confidence_counts
    return {
        "edges": list(EDGES),
        "counts": histogram(total),
        "baseline_counts": list(known) if known else None,
        "mean": mean(_count(total, "confidence"), _count(total, "inferences"), UNIT),
        "quantiles": _quantiles(_table(total, "histogram")),
        "resolution": 1 / BINS,
    }


def _quantiles(table: Counter[int]) -> dict[str, float] | None:
    """The middle of the thousandth in which each lies; of exactly 1 it is 1."""
    count, places = table.total(), sorted(table)
    if not count:
        return None
    reached = list(accumulate(table[place] for place in places))
    quantiles = {}
    for name, level in _QUANTILES.items():
        place = next(place for place, below in zip(places, reached, strict=True) if below >= level * count)
        quantiles[name] = round(min((place + 0.5) / BINS, 1.0), 4)
    return quantiles


def _hour(start: int, hour: Hour) -> dict[str, Any]:
    inferences = _count(hour, "inferences")
    return {
        "start": utc(start * SECONDS),
        "inferences": inferences,
        "low_confidence": _count(hour, "low"),
        "mean_confidence": mean(_count(hour, "confidence"), inferences, UNIT),
    }


def _images(total: Hour, every: int) -> dict[str, Any]:
    table = _table(total, "images")
    return {
        "with_image": table[WITH_IMAGE],
        "measured": table[MEASURED],
        "every": every,
        "undecodable": table[UNDECODABLE],
    }


def _table(total: Hour, name: str) -> Counter[int]:
    return Counter(total.tables.get(name, {}))


def _count(total: Hour, name: str) -> int:
    return sum(total.tables.get(name, {}).values())
