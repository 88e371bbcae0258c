"""A run over many images as it goes on: a bar on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from operations.runs.watch import RunState
from operations.terminal import progress_console, tell

LINE_SECONDS = 5.0
"""Seconds between two lines where nobody can redraw a bar."""


@contextmanager
def run_progress() -> Iterator[Callable[[RunState], None]]:
    """A function to report a run's state to, which shows it on standard error."""
    console = progress_console()
    if not console.is_terminal:
        yield Lines(tell)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bars:
        task = bars.add_task("starting", total=None)

        def report(state: RunState) -> None:
            counts = state.counts
            bars.update(
                task,
                description=str(state),
                total=counts.total if counts and counts.total else None,
                completed=counts.done if counts else 0,
            )

        yield report


class Lines:
    """Tells a state that is another than before when the last line is some seconds old, the end at once."""

    def __init__(self, write: Callable[[str], None], now: Callable[[], float] = time.monotonic) -> None:
        self._write = write
        self._now = now
        self._last: tuple[str, float] | None = None

    def __call__(self, state: RunState) -> None:
        words, now = str(state), self._now()
        early = self._last is not None and now < self._last[1] + LINE_SECONDS
        if self._last and (words == self._last[0] or (early and not state.ended)):
            return
        self._last = words, now
        self._write(words)
