"""Wait for a condition, with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")


def until(holds: Callable[[], Value], what: str, seconds: float = 120) -> Value:
    """The first true value of `holds()`; AssertionError with `what` when there is none within `seconds`."""
    end, pause = time.monotonic() + seconds, 0.02
    while time.monotonic() < end:
        if value := holds():
            return value
        time.sleep(pause)
        pause = min(2 * pause, 0.3)
    raise AssertionError(f"not within {seconds:g} s: {what}")
