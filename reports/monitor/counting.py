"""What a number of capture files adds: to the kept analysis, and to the metrics that are to be emitted."""

from __future__ import annotations

from datetime import datetime

from reports.captured.files import CaptureFile
from reports.figures.analysis import Analysis
from reports.figures.baseline import Baseline
from reports.monitor.metric_counts import MetricCounts
from reports.monitor.state import State
from reports.times import HOUR, floor_hour, key_hour


class Count:
    """Reads files apart from what is kept, so that a run which fails before it is added has changed nothing.

    Three analyses: of files that are new, of files that are in the metrics already and are counted again, and
    of records before the model's first, which go into the metrics but into no figure of this model.
    """

    def __init__(self, baseline: Baseline, image_every: int, state: State, now: datetime) -> None:
        self._since, self._in_metrics = state.mark.since, state.in_metrics
        self._stop = floor_hour(now) + 3 * HOUR
        self._new = Analysis(baseline, image_every=image_every)
        self._again = Analysis(baseline, image_every=image_every)
        self._before = Analysis(baseline, image_every=0, recent=0, least_certain=0)

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
