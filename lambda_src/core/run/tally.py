"""Counting the rows of a run: outcomes, errors, classes, models, and how sure the model was."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from itertools import accumulate

from lambda_src.core.batch.rows import ACCEPTED, ERROR, LOW_CONFIDENCE, Row

QUANTILES = {"p05": 5, "p25": 25, "p50": 50, "p75": 75, "p95": 95}
_STEPS = 1_000_000
_BLOCK = 10_000


class Tally:
    """Counts rows as they come, in memory that does not grow with them: a histogram of 6 digits is 4 MB."""

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.classes: Counter[str] = Counter()
        self.models: Counter[str] = Counter()
        self.first_error: Row = {}
        """The error row of the lowest number."""
        self._histogram = array("I", [0]) * (_STEPS + 1)

    def add(self, outcome: str, row: Row) -> None:
        """One row, as a result file holds it."""
        self.outcomes[outcome] += 1
        if outcome == ERROR:
            self.errors[row["error"]] += 1
            if not self.first_error or row["n"] < self.first_error["n"]:
                self.first_error = row
            return
        self.classes[row["predicted_class"]] += 1
        self.models[str(row.get("model", ""))] += 1
        self._histogram[round(row["confidence"] * _STEPS)] += 1

    @property
    def classified(self) -> int:
        """Images that the model answered for, whatever its confidence."""
        return self.outcomes[ACCEPTED] + self.outcomes[LOW_CONFIDENCE]

    def quantiles(self) -> dict[str, float | None]:
        """Least confidence that so many percent of the classified images do not exceed; None without any."""
        if not self.classified:
            return dict.fromkeys(QUANTILES)
        ranks = {name: math.ceil(self.classified * percent / 100) for name, percent in QUANTILES.items()}
        return {name: self._ranked(rank) / _STEPS for name, rank in ranks.items()}

    def _ranked(self, rank: int) -> int:
        """The step that the confidence of this rank, counted from 1, has; found block by block."""
        start = 0
        while (block := sum(self._histogram[start : start + _BLOCK])) < rank:
            rank -= block
            start += _BLOCK
        reached = accumulate(self._histogram[start : start + _BLOCK])
        return start + next(step for step, count in enumerate(reached) if count >= rank)
