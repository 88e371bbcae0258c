"""Inferences for each predicted class, beside the share that held-out images had."""

from __future__ import annotations

from contracts.words import PREDICTED_CLASSES
from reports.document import ClassRow, Numbers
from reports.page.elements import chart, empty, folded, part, table
from reports.page.markup import Markup
from reports.page.wording import count, percent

# So few classes leave room for their table beside the next chart.
FEW = 4


def predicted_classes(numbers: Numbers) -> Markup:
    """A bar for each class; classes beyond the most frequent are drawn as one."""
    classes = numbers["classes"]
    if not numbers["captured"]["inferences"]:
        return empty(PREDICTED_CLASSES, "No inference in this window.", identifier="classes", wide=False)
    return part(
        PREDICTED_CLASSES,
        chart("classes"),
        folded("Classes as a table", _table(classes), unfolded=len(classes) <= FEW),
        note=_note(any(row["baseline_share"] is not None for row in classes)),
        identifier="classes",
        wide=False,
    )


def _note(baseline: bool) -> str:
    if baseline:
        return "The share of each class, and as a line the share among held-out images."
    return "The share of each class. The model says nothing of held-out images to compare with."


def _table(classes: list[ClassRow]) -> Markup:
    ordered = sorted(classes, key=lambda row: -row["inferences"])
    return table(
        "Inferences by predicted class",
        ["Class", "Inferences", "Share", "Held-out share", "Mean confidence", "Low confidence"],
        [
            (
                row["name"],
                count(row["inferences"]),
                percent(row["share"]),
                percent(row["baseline_share"]),
                percent(row["mean_confidence"]),
                count(row["low_confidence"]),
            )
            for row in ordered
        ],
    )
