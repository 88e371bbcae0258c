"""What was counted since metrics were emitted last: CloudWatch adds these up, so each record goes in once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from reports.figures.analysis import Totals


@dataclass
class MetricCounts:
    """Counts, and for each class the inferences and the sum of their confidences."""

    requests: int = 0
    inferences: int = 0
    low_confidence: int = 0
    refused: int = 0
    unreadable: int = 0
    classes: dict[str, tuple[int, float]] = field(default_factory=dict)

    def add(self, totals: Totals, *, unreadable: bool = True) -> None:
        """Add an analysis's totals; without its unreadable lines where another reading counts them."""
        self.requests += totals.requests
        self.inferences += totals.inferences
        self.low_confidence += totals.low_confidence
        self.refused += totals.refused
        self.unreadable += totals.unreadable if unreadable else 0
        for name, count in totals.class_inferences.items():
            if count:
                before = self.classes.get(name, (0, 0.0))
                self.classes[name] = (before[0] + count, before[1] + totals.class_confidence[name])

    def as_json(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {name: value for name, value in vars(self).items() if name != "classes"} | {
            "classes": {name: list(value) for name, value in self.classes.items()}
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Raises ValueError, KeyError or TypeError for anything else than `as_json` gave."""
        counts = {name: int(value[name]) for name in vars(cls()) if name != "classes"}
        classes = {name: (int(count), float(sum_)) for name, (count, sum_) in value["classes"].items()}
        return cls(**counts, classes=classes)
