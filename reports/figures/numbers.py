"""The document of numbers, made of an analysis, executions and limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from reports.document import (
    Accuracy,
    Captured,
    Executions,
    Figures,
    HeldOut,
    Images,
    ModelFacts,
    Numbers,
)
from reports.figures.accuracy import estimate_accuracy, why_withdrawn
from reports.figures.analysis import Analysis
from reports.figures.baseline import Baseline
from reports.figures.distributions import classes, confidence, hour_row
from reports.figures.drift import find_drift
from reports.figures.hours import MEASURED, UNDECODABLE, WITH_IMAGE, Hour, add_up
from reports.figures.limits import Limits
from reports.figures.low_confidence import judge_low_confidence
from reports.figures.records import as_record, count_labelled
from reports.figures.rounding import rounded
from reports.figures.unfamiliar import judge_unfamiliar
from reports.figures.verdict import find_verdict
from reports.times import utc

SCHEMA_VERSION = 1


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


def make_numbers(analysis: Analysis, executions: Executions | None, limits: Limits, about: About) -> Numbers:
    """Ready for JSON: no NaN, times ISO 8601 in UTC, shares from 0 to 1, None for what is unknown."""
    baseline, hours = analysis.baseline, analysis.hours
    total = add_up(hours)
    drift = find_drift(total, baseline, limits)
    unfamiliar = judge_unfamiliar(total, baseline, limits)
    figures: Figures = {
        "schema_version": SCHEMA_VERSION,
        "generated": utc(about.generated),
        "stage": about.stage,
        "where": about.where,
        "endpoint": about.endpoint,
        "links": dict(about.links),
        "window": {"start": utc(about.start), "stop": utc(about.stop)},
        "model": _model(baseline),
        "captured": _captured(total),
        "classes": classes(total, baseline),
        "confidence": confidence(total, baseline),
        "low_confidence": judge_low_confidence(
            total.count("low"),
            total.count("inferences"),
            baseline.expected_low_confidence,
            baseline.held_out_images,
            limits.low_confidence_margin,
        ),
        "unfamiliar": unfamiliar,
        "hours": [hour_row(start, hour) for start, hour in hours.items() if "inferences" in hour.tables],
        "accuracy": _accuracy(total, analysis, limits, why_withdrawn(drift, unfamiliar)),
        "drift": drift,
        "images": _images(total, analysis.image_every),
        "executions": executions,
        "recent_total": total.count("inferences"),
        "recent": [as_record(record, analysis) for record in analysis.recent],
        "least_certain": [as_record(record, analysis) for record in analysis.least_certain],
    }
    return {**figures, "verdict": find_verdict(figures, limits)}


def _model(baseline: Baseline) -> ModelFacts:
    accuracy, images = baseline.held_out_accuracy, baseline.held_out_images
    held_out: HeldOut | None = None
    if accuracy is not None and images > 0:
        held_out = {"images": images, "accuracy": rounded(accuracy)}
    facts: ModelFacts = {
        "digest": baseline.digest,
        "classes": list(baseline.classes),
        "threshold": baseline.threshold,
        "held_out": held_out,
    }
    return {**facts, "names": dict(baseline.names)} if baseline.names else facts


def _captured(total: Hour) -> Captured:
    counts, any_time = total.counts, total.first <= total.last
    return {
        "files": total.files,
        "requests": counts.requests,
        "inferences": total.count("inferences"),
        "repeated": counts.repeated,
        "refused": counts.refused,
        "without_input": counts.without_input,
        "first": utc(total.first) if any_time else None,
        "last": utc(total.last) if any_time else None,
        "problems": counts.as_numbers(),
    }


def _accuracy(total: Hour, analysis: Analysis, limits: Limits, withdrawn: str | None) -> Accuracy:
    estimate = None if withdrawn else estimate_accuracy(total, analysis.baseline, limits.min_inferences)
    return {
        "estimate": estimate,
        "withdrawn": withdrawn,
        "labelled": count_labelled(analysis, total.table("confusion")),
        "labels": analysis.labels.images if analysis.labels else 0,
    }


def _images(total: Hour, every: int) -> Images:
    table = total.table("images")
    return {
        "with_image": table[WITH_IMAGE],
        "measured": table[MEASURED],
        "every": every,
        "undecodable": table[UNDECODABLE],
    }
