"""What a number of capture files adds: to the kept analysis, and to the metrics that are to be emitted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from reports.captured.files import CaptureFile
from reports.captured.seen_events import SeenEvents
from reports.figures.analysis import Analysis, Totals
from reports.figures.baseline import Baseline
from reports.monitor.counted_files import CountedFiles
from reports.times import HOUR, floor_hour, key_hour


@dataclass
class MetricCounts:
    """What was counted since metrics were emitted last: CloudWatch adds it up, so each record goes in once.

    Of each class the inferences and the sum of their confidences.
    """

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


class Increment:
    """Reads files apart from what is kept, so that a run which fails before it is added has changed nothing.

    Three analyses: of files that are new, of files that are in the metrics already and are counted again, and
    of records before the model's first, which go into the metrics but into no figure of this model.
    """

    def __init__(
        self,
        baseline: Baseline,
        image_every: int,
        *,
        since: datetime | None,
        in_metrics: CountedFiles | None,
        now: datetime,
        seen: SeenEvents,
    ) -> None:
        """`since`: the model's first moment. `in_metrics`: files whose records are in the metrics already.
        `seen`: events that are counted, of the analysis that this will be added to."""
        self._since, self._in_metrics = since, in_metrics
        self._stop = floor_hour(now) + 3 * HOUR
        self._new = Analysis(baseline, image_every=image_every, seen=seen)
        self._again = Analysis(baseline, image_every=image_every, seen=seen)
        self._before = Analysis(baseline, image_every=0, recent=0, least_certain=0, seen=seen)

    def read(self, file: CaptureFile) -> None:
        """Count the records of a file.

        Those far ahead, which no listed file of a clock that is a little ahead holds, are left out: no run
        would ever forget their hours again.
        """
        hour, since = key_hour(file.name), self._since
        is_new = self._in_metrics is None or self._in_metrics.is_new(file.name)
        analysis = self._new if is_new else self._again
        analysis.read(file.name, file.lines(), start=since, stop=self._stop)
        if since is not None and is_new and hour is not None and hour <= since + HOUR:
            self._before.read(file.name, file.lines(), stop=since)

    def add_to(self, analysis: Analysis, pending: MetricCounts) -> int:
        """Merge what was read; the number of inferences among it that figures of this model count."""
        pending.add(self._new.totals)
        pending.add(self._before.totals, unreadable=False)
        inferences = self._new.totals.inferences + self._again.totals.inferences
        analysis.merge(self._new)
        analysis.merge(self._again)
        return inferences
