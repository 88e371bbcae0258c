"""What became of the images of a simulation, counted as it is heard of."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from lambda_src.core.batch.rows import ACCEPTED, LOW_CONFIDENCE

PERCENTILES = (50, 90, 95, 99)


class Ending(NamedTuple):
    """How one image ended: `accepted`, `low_confidence`, or the name of an error.

    label: its true class. predicted: the class it was accepted as, else None. seconds: from its planned
    arrival to its end, None where that is not known of a single image.
    """

    outcome: str
    label: str
    predicted: str | None = None
    seconds: float | None = None


class Tally:
    """Counts endings. Not for several threads at once."""

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self.confusion: dict[str, Counter[str]] = {}
        self._latencies = array("d")

    def add(self, ending: Ending) -> None:
        """Count one image."""
        self.outcomes[ending.outcome] += 1
        answer = ending.predicted if ending.outcome == ACCEPTED and ending.predicted else ending.outcome
        self.confusion.setdefault(ending.label, Counter())[answer] += 1
        if ending.seconds is not None:
            self._latencies.append(ending.seconds)

    @property
    def ended(self) -> int:
        return self.outcomes.total()

    @property
    def right(self) -> int:
        """Images that were accepted as what they show."""
        return sum(answers[label] for label, answers in self.confusion.items())

    @property
    def accuracy(self) -> float | None:
        """Share of the accepted images that are what they were accepted as; None without any."""
        accepted = self.outcomes[ACCEPTED]
        return self.right / accepted if accepted else None

    @property
    def errors(self) -> dict[str, int]:
        """Images without an answer by the name of the error, the most frequent first."""
        named = Counter(self.outcomes)
        for answered in (ACCEPTED, LOW_CONFIDENCE):
            named.pop(answered, None)
        return dict(named.most_common())

    def latency(self) -> dict[str, float | None]:
        """Percentiles, mean and maximum of the seconds, None without any."""
        ordered = sorted(self._latencies)
        found = {f"p{percent}": percentile(ordered, percent) for percent in PERCENTILES}
        found["mean"] = math.fsum(ordered) / len(ordered) if ordered else None
        found["max"] = ordered[-1] if ordered else None
        return {name: None if value is None else round(value, 4) for name, value in found.items()}

    def summary(self) -> dict[str, Any]:
        """The counts as summary.json holds them; `errors` are named in `errors_by_name`."""
        errors = self.errors
        low = self.outcomes[LOW_CONFIDENCE]
        return {
            "ended": self.ended,
            "accepted": self.outcomes[ACCEPTED],
            "low_confidence": low,
            "low_confidence_share": round(low / self.ended, 6) if self.ended else None,
            "errors": sum(errors.values()),
            "errors_by_name": errors,
            "accuracy": None if self.accuracy is None else round(self.accuracy, 6),
            "confusion": {label: dict(answers.most_common()) for label, answers in self.confusion.items()},
            "latency_seconds": self.latency(),
        }


def percentile(ordered: Sequence[float], percent: float) -> float | None:
    """The percentile of ascending values, linear between neighbours; None of nothing."""
    if not ordered:
        return None
    place = (len(ordered) - 1) * percent / 100
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
