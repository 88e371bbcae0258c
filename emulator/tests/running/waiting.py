"""Wait for a condition, with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

FIRST, LONGEST, GROWTH = 0.01, 0.2, 1.4
"""Seconds of the first pause and the longest, and how they grow: a look takes time of both processes."""


def looks(seconds: float) -> Iterator[None]:
    """Steps of a loop that looks at something until `seconds` have passed; the pauses grow."""
    end, pause = time.monotonic() + seconds, FIRST
    while time.monotonic() < end:
        yield
        time.sleep(pause)
        pause = min(LONGEST, pause * GROWTH)


def until(holds: Callable[[], Any], what: str = "what is waited for", seconds: float = 60) -> Any:
    """The first true value of `holds()`; AssertionError with `what` when there is none within `seconds`."""
    for _ in looks(seconds):
        if value := holds():
            return value
    raise AssertionError(f"not within {seconds:g} s: {what}")
