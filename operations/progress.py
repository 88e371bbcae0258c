"""Progress of long steps on standard error: a bar an activity for a person, now and then a line in a log."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from operations.terminal import progress_console, tell
from training.staging.example import UNKNOWN
from training.staging.example import Progress as Report

BAR_SECONDS = 0.1
"""Seconds between two looks of a bar: steps may be thousands a second."""
LINE_SECONDS = 10.0
"""Seconds between two lines where nobody can redraw a bar."""


@contextmanager
def progress_bars() -> Iterator[Report]:
    """A function to report progress to."""
    console = progress_console()
    if not console.is_terminal:
        yield Lines(tell)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[counts]}"))
    with Progress(*columns, TimeRemainingColumn(), console=console) as bars:
        yield _Bars(bars)


class _Bars:
    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}
        self._next = 0.0

    def __call__(self, activity: str, done: int, total: int) -> None:
        now = time.monotonic()
        if activity in self._tasks and now < self._next and done != total:
            return
        self._next = now + BAR_SECONDS
        if activity not in self._tasks:
            self._tasks[activity] = self._bars.add_task(activity, total=None, counts="")
        self._bars.update(
            self._tasks[activity],
            completed=done,
            total=None if total == UNKNOWN else total,
            counts=counted(done, total),
        )


class Lines:
    """Tells how an activity stands when it, or the last line about it, is some seconds old."""

    def __init__(self, write: Callable[[str], None], now: Callable[[], float] = time.monotonic) -> None:
        self._write = write
        self._now = now
        self._activity = ""
        self._began = self._last = now()

    def __call__(self, activity: str, done: int, total: int) -> None:
        now = self._now()
        if activity != self._activity:
            self._activity, self._began, self._last = activity, now, now
        if now < self._last + LINE_SECONDS:
            return
        self._last = now
        left = f", {(now - self._began) / done * (total - done):.0f} s left" if total > 0 < done else ""
        self._write(f"{activity}: {counted(done, total)}{left}")


def counted(done: int, total: int) -> str:
    """How much of how much, as far as that is known."""
    return f"{done:,}" if total == UNKNOWN else f"{done:,} of {total:,}"
