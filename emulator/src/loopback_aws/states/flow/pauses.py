"""Waiting inside an execution: until a time has passed, or nobody needs to wait any more."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Any


class Latch(threading.Event):
    """Stays set: whoever waits later than the end of an execution, or of a branch of it, does not wait."""

    def clear(self) -> None:
        return None


def pause(env: Any, seconds: float) -> None:
    """Wait for `seconds`, or until the part of the execution that `env` belongs to has ended."""
    end = time.monotonic() + seconds
    while env.is_running() and (left := end - time.monotonic()) > 0:
        env.program_state_event.wait(min(left, threading.TIMEOUT_MAX))


def seconds_until(timestamp: str) -> float | None:
    """Seconds until a time in RFC 3339's form, with an offset or Z; None when it is none."""
    if "T" not in timestamp:
        return None
    try:
        moment = datetime.fromisoformat(timestamp)
    except ValueError:
        return None
    return (moment - datetime.now(UTC)).total_seconds() if moment.tzinfo else None
