"""Where a run starts from: the kept state, or a fresh one that says why."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from contracts.artifact.digest import short_digest
from reports.figures.analysis import Analysis
from reports.monitor.counted_files import CountedFiles, last_closed
from reports.monitor.model import Model
from reports.monitor.notes import Note
from reports.monitor.state import Mark, State
from reports.monitor.state_store import StateStore
from reports.times import HOUR, floor_hour

_logger = logging.getLogger("scones")


class StartingPoint:
    """`window`: how far the figures reach back. `reported`: whether a report of an earlier run exists."""

    def __init__(self, model: Model, window: timedelta, now: datetime) -> None:
        self._model, self._now = model, now
        self.window_start = floor_hour(now - window)

    def state(self, store: StateStore, reported: Callable[[], bool]) -> State:
        """The state to go on from: of the deployed model, and inside the window."""
        content = store.read()
        if content is None:
            return self._first(reported)
        try:
            state = State.from_bytes(content)
        except ValueError as error:
            return self._afresh(f"The monitor's state was damaged ({error})")
        self._adapt(state)
        self._skip(state)
        state.notes = [note for note in state.notes if note.time >= self.window_start]
        return state

    def analysis(self, state: State, image_every: int) -> Analysis:
        """The kept analysis. One that this code cannot read is counted again from the capture files."""
        baseline = self._model.baseline
        if state.analysis is not None:
            try:
                return Analysis.from_state(state.analysis, baseline, image_every=image_every)
            except ValueError as error:
                self._count_again(state, f"The kept analysis could not be read ({error})")
        return Analysis(baseline, image_every=image_every)

    def _first(self, reported: Callable[[], bool]) -> State:
        if reported():
            return self._afresh("The monitor's state was gone although there is an earlier report")
        baseline = self._model.baseline
        mark = Mark(baseline.digest, baseline.threshold)
        return State(mark, CountedFiles(self.window_start), written=self._now)

    def _afresh(self, reason: str) -> State:
        """Count the window from the capture files again, without its records in the metrics again."""
        baseline = self._model.baseline
        mark = Mark(baseline.digest, baseline.threshold, self._model.stored)
        state = State(
            mark,
            CountedFiles(self.window_start),
            written=self._now,
            in_metrics=CountedFiles(floor_hour(self._now) + HOUR),
            errors=None,
        )
        self._note(
            state,
            f"{reason}: the window is counted again from the capture files. Metrics that add up "
            "(Inferences and the like) are not told again for what was before this run.",
        )
        return state

    def _adapt(self, state: State) -> None:
        """Start drift anew for a new model; count again what a new threshold judges otherwise.

        Count again, too, where the clock was so far ahead that hours are closed which are not over yet.
        """
        baseline, mark = self._model.baseline, state.mark
        if mark.digest != baseline.digest:
            since = max(state.written, self._model.stored)
            state.mark = Mark(baseline.digest, baseline.threshold, since)
            state.analysis = None
            self._note(
                state,
                f"A new model is deployed ({_short(mark.digest)} before, {_short(baseline.digest)} now): "
                f"the figures begin with records of {since:%Y-%m-%d %H:%M:%S} UTC.",
            )
        elif mark.threshold != baseline.threshold:
            state.mark = replace(mark, threshold=baseline.threshold)
            self._count_again(
                state, f"The threshold is {baseline.threshold:g} now, and was {mark.threshold:g}"
            )
        elif state.written >= self._now + HOUR and state.counted.open_from > last_closed(self._now):
            times = [f"{moment:%Y-%m-%d %H:%M}" for moment in (state.written, self._now)]
            self._count_again(state, f"The clock went back from {times[0]} to {times[1]} UTC")

    def _count_again(self, state: State, reason: str) -> None:
        state.analysis = None
        state.in_metrics = state.in_metrics.joined(state.counted) if state.in_metrics else state.counted
        state.counted = CountedFiles(self.window_start)
        self._note(state, f"{reason}: the window is counted again from the capture files.")

    def _skip(self, state: State) -> None:
        """Leave out what is older than the window, and say so where it was not counted."""
        start = min(self.window_start, last_closed(self._now))
        last = floor_hour(state.written)
        uncounted = state.counted.open_from if state.counted.open_from < last_closed(last) else last
        state.counted.skip_to(start)
        if uncounted < start:
            self._note(
                state,
                f"What was captured from {uncounted:%Y-%m-%d %H:%M} to {start:%Y-%m-%d %H:%M} UTC was left "
                "out: the monitor did not get to it before it was older than the window.",
            )

    def _note(self, state: State, text: str) -> None:
        state.notes.append(Note(self._now, text))
        _logger.warning("Monitor: %s", text)


def _short(digest: str) -> str:
    return short_digest(digest) or "unknown"
