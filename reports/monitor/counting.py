"""What a number of capture files adds: to the kept analysis, and to the metrics that are still to be told."""

from __future__ import annotations

from datetime import datetime

from reports.captured.files import CaptureFile
from reports.figures.analysis import Analysis
from reports.figures.baseline import Baseline
from reports.monitor.metric_counts import News
from reports.monitor.state import State
from reports.times import HOUR, floor_hour, key_hour


class Count:
    """Reads files apart from what is kept, so that a run which fails before it is added has changed nothing.

    Three analyses: of files whose records are news, of files that were told before and are counted again,
    and of records before the model's first, which are told but belong to no figure of this model.
    """

    def __init__(self, baseline: Baseline, image_every: int, state: State, now: datetime) -> None:
        self._since, self._told, self._stop = state.mark.since, state.told, floor_hour(now) + 3 * HOUR
        self._fresh = Analysis(baseline, image_every=image_every)
        self._again = Analysis(baseline, image_every=image_every)
        self._before = Analysis(baseline, image_every=0, recent=0, least_certain=0)

    def read(self, file: CaptureFile) -> None:
        """Count the records of a file.

        Those far ahead, which no listed file of a clock that is a little ahead holds, are left out: no run
        would ever forget their hours again.
        """
        hour, since = key_hour(file.name), self._since
        is_news = self._told is None or self._told.is_new(file.name)
        analysis = self._fresh if is_news else self._again
        analysis.read(file.name, file.lines(), start=since, stop=self._stop)
        if since is not None and is_news and hour is not None and hour <= since + HOUR:
            self._before.read(file.name, file.lines(), stop=since)

    def add_to(self, analysis: Analysis, news: News) -> int:
        """Merge what was read; the number of inferences among it that figures of this model count."""
        news.add(self._fresh.totals)
        news.add(self._before.totals, unreadable=False)
        inferences = self._fresh.totals.inferences + self._again.totals.inferences
        analysis.merge(self._fresh)
        analysis.merge(self._again)
        return inferences
