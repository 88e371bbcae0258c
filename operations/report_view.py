"""A report's verdict in the terminal: how it is, and each check against its limit."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from reports.figures.check_words import unmatched_labels

STYLES = {"well": "green", "attention": "bold red", "unknown": "yellow"}


def verdict_view(numbers: dict[str, Any]) -> RenderableType:
    """The verdict in a sentence, its checks as a table, and what to do about those that are not well."""
    verdict = numbers["verdict"]
    table = Table("check", "", "value", "limit")
    for check in verdict["checks"]:
        state = Text(check["state"], STYLES[check["state"]])
        table.add_row(Text(check["label"]), state, Text(check["value"]), Text(check["limit"]))
    headline = Text(verdict["summary"], STYLES[verdict["state"]])
    return Group(headline, table, *(Text(line) for line in advice(numbers)), *_accuracy(numbers["accuracy"]))


def advice(numbers: dict[str, Any]) -> list[str]:
    """What to do next, a line a check that asks for attention."""
    checks = numbers["verdict"]["checks"]
    return [f"{check['label']}: {check['advice']}" for check in checks if check["state"] == "attention"]


def _accuracy(accuracy: dict[str, Any]) -> list[Text]:
    """The estimate and, with labels, what it really is."""
    lines = []
    if estimate := accuracy["estimate"]:
        lines.append(f"accuracy, estimated from confidence: {_interval(estimate)}")
    if labelled := accuracy["labelled"]:
        count = f"{labelled['images']:,} labelled image{'s' if labelled['images'] != 1 else ''}"
        lines.append(f"accuracy of {count}: {_interval(labelled)}")
    if unmatched := unmatched_labels(accuracy):
        lines.append(unmatched)
    return [Text(line) for line in lines]


def _interval(value: dict[str, Any]) -> str:
    if value["value"] is None:
        return "unknown"
    return f"{value['value']:.1%} ({value['low']:.1%} to {value['high']:.1%})"
