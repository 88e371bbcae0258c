"""Counts of the inferences of one UTC hour, as whole numbers: sums do not depend on the order of files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reports.captured.counts import CaptureCounts
from reports.times import key_hour

SECONDS = 3600
UNIT = 10**9
"""Confidences are added up as whole billionths, so that a sum is exact in any order."""
STATISTIC_UNIT = 10**6
"""The same for statistics of images: millionths."""
BINS = 1000
"""Of confidence; one more is for exactly 1. 50 of them make a bin of the baseline's histogram."""
WITH_IMAGE, MEASURED, UNDECODABLE = range(3)
"""Places in the table "images"."""
_EDGES = np.arange(1, BINS + 1) / BINS

Tables = dict[str, Counter[int]]


@dataclass
class Hour:
    """What was counted in one hour.

    tables: "inferences", "low", "confidence" and "variance" (sums of p and of p * (1 - p) in UNITs) by
    predicted class; "histogram" by thousandth of confidence; "confusion" by
    true class * classes + predicted class; "unfamiliar" by 1 for answers that are and 0 for those that are
    not; "images" by WITH_IMAGE and so on; for each image statistic its
    cells, and with " sum" behind its name its sum at 0, in STATISTIC_UNITs. counts: of the files that begin
    in this hour.
    """

    first: float = inf
    last: float = -inf
    files: int = 0
    counts: CaptureCounts = field(default_factory=CaptureCounts)
    tables: Tables = field(default_factory=dict)

    def add(self, name: str, place: int, amount: int = 1) -> None:
        self.tables.setdefault(name, Counter())[place] += amount

    def table(self, name: str) -> Counter[int]:
        """A table of its own, empty where nothing was counted in it."""
        return Counter(self.tables.get(name, {}))

    def count(self, name: str) -> int:
        """The sum of a table."""
        return sum(self.tables.get(name, {}).values())

    def add_answers(
        self,
        times: NDArray[np.float64],
        confidences: NDArray[np.float64],
        answers: NDArray[np.int64],
        threshold: float,
    ) -> None:
        """Inferences of this hour: when, how sure, and which class, one row each, at least one."""
        self.first, self.last = min(self.first, float(times.min())), max(self.last, float(times.max()))
        units = np.rint(confidences * UNIT)
        doubt = np.rint(confidences * (1 - confidences) * UNIT)
        self._add_all("inferences", np.bincount(answers))
        self._add_all("low", np.bincount(answers[confidences < threshold]))
        self._add_all("confidence", np.bincount(answers, weights=units))
        self._add_all("variance", np.bincount(answers, weights=doubt))
        self._add_all("histogram", np.bincount(np.searchsorted(_EDGES, confidences, side="right")))

    def _add_all(self, name: str, amounts: NDArray[Any]) -> None:
        table = self.tables.setdefault(name, Counter())
        for place in np.flatnonzero(amounts).tolist():
            table[place] += int(amounts[place])

    def merge(self, other: Hour) -> None:
        """Add what `other` counted."""
        self.first, self.last = min(self.first, other.first), max(self.last, other.last)
        self.files += other.files
        self.counts.merge(other.counts)
        for name, table in other.tables.items():
            self.tables.setdefault(name, Counter()).update(table)

    def as_state(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "span": [self.first, self.last] if self.first <= self.last else None,
            "files": self.files,
            "found": self.counts.as_state(),
            "tables": {
                name: {str(place): table[place] for place in sorted(table)}
                for name, table in sorted(self.tables.items())
            },
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Hour:
        """The inverse of as_state. Key-, Type-, Value- or AttributeError for what it did not make."""
        first, last = state["span"] or (inf, -inf)
        tables = {
            name: Counter({int(place): int(amount) for place, amount in table.items()})
            for name, table in state["tables"].items()
        }
        counts = CaptureCounts.from_state(state["found"])
        return cls(float(first), float(last), int(state["files"]), counts, tables)


def get_hour(hours: dict[int, Hour], start: int) -> Hour:
    """The hour `start` hours after the epoch, new if nothing was counted in it."""
    if (hour := hours.get(start)) is None:
        hour = hours[start] = Hour()
    return hour


def hour_of_key(name: str) -> int:
    """The hour in a capture file's key, for files without a readable record; 0 where the name has none."""
    hour = key_hour(name)
    return int(hour.timestamp() // SECONDS) if hour else 0


def add_up(hours: Mapping[int, Hour]) -> Hour:
    """All hours as one, in the order of time."""
    total = Hour()
    for _, hour in sorted(hours.items()):
        total.merge(hour)
    return total
