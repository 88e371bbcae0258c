"""The summary of a run, for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from operations.images.answer_table import STYLES, class_cell, outcome_words
from operations.terminal import Cell, Column, Row, say, say_table

OUTCOMES = {"accepted": "accepted", "low_confidence": "low_confidence", "errors": "error"}
"""Names of counts in a summary, and the outcomes that they count."""


def print_summary(summary: Mapping[str, Any]) -> None:
    """Counts by outcome, classes and errors, and below them what else a run says of itself."""
    images = Column("images", right=True)
    say_table((Column("outcome"), images, Column("share", right=True)), _outcomes(summary))
    if classes := summary.get("classes"):
        rows = [
            (class_cell(name, share.get("name")), f"{share['count']:,}", f"{share['share']:.1%}")
            for name, share in classes.items()
        ]
        say_table((Column("class"), images, Column("share of the classified", right=True)), rows)
    if errors := summary.get("errors_by_name"):
        say_table(
            (Column("error"), images), [(Cell(name, "red"), f"{count:,}") for name, count in errors.items()]
        )
    say(*summary_lines(summary))


def summary_lines(summary: Mapping[str, Any]) -> list[str]:
    """Quantiles, model, time and money, a line each; what a summary does not have is left out."""
    lines = []
    quantiles = summary.get("confidence") or {}
    quantiles = {name: value for name, value in quantiles.items() if value is not None}
    if quantiles:
        lines.append("confidence: " + ", ".join(f"{name} {value:.4f}" for name, value in quantiles.items()))
    if summary.get("threshold") is not None:
        lines.append(f"threshold: {summary['threshold']}, model: {summary.get('model') or 'unknown'}")
    if summary.get("duration_seconds") is not None:
        lines.append(f"time: {_time(summary['duration_seconds'], summary['listed'])}")
    cost = summary.get("cost")
    if cost:
        dollars, date = cost["dollars"], cost["price_date"]
        lines.append(f"cost without the endpoint's hours: about ${dollars:.6f} at prices of {date}")
    return lines


def counts_line(summary: Mapping[str, Any]) -> str:
    """The counts in one line: `2,000 images: 1,800 accepted, 150 low confidence, 50 failed`."""
    counts = [
        f"{summary[name]:,} {outcome_words(outcome)}"
        for name, outcome in OUTCOMES.items()
        if summary.get(name) or name == "accepted"
    ]
    return f"{summary['listed']:,} image{'s' if summary['listed'] != 1 else ''}: {', '.join(counts)}"


def _outcomes(summary: Mapping[str, Any]) -> list[Row]:
    listed = summary["listed"]
    rows: list[Row] = [
        (Cell(outcome_words(outcome), STYLES[outcome]), f"{summary[name]:,}", _share(summary[name], listed))
        for name, outcome in OUTCOMES.items()
    ]
    return [*rows, ("listed", f"{listed:,}", "")]


def _share(count: int, listed: int) -> str:
    return f"{count / listed:.1%}" if listed else ""


def _time(seconds: float, listed: int) -> str:
    rate = f", {listed / seconds:,.0f} images a second" if seconds and listed else ""
    return f"{seconds:,.1f} s{rate}"
