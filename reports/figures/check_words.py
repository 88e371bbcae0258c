"""What checks are written with: the three states, shares and counts in words."""

from __future__ import annotations

from typing import Final

from reports.document import Accuracy

WELL: Final = "well"
ATTENTION: Final = "attention"
UNKNOWN: Final = "unknown"


def percent(share: float | None, digits: int = 1) -> str:
    return "unknown" if share is None else f"{share * 100:.{digits}f} %"


def unmatched_labels(accuracy: Accuracy) -> str:
    """What is to be said of labels that name none of the inferences; empty where there are none."""
    labelled = accuracy["labelled"]
    unmatched = labelled["unmatched"] if labelled else accuracy["labels"]
    return f"{plural(unmatched, 'label')} named no inference of this window." if unmatched else ""


def plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
