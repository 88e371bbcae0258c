"""Waiting inside an execution: until a time has passed, or nobody needs to wait any more."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Any

_speed = 1.0


def set_speed(times: float) -> None:
    """Let waits, retries, time-outs and heartbeats of definitions pass `times` as fast as they say.

    What functions do takes its own time all the same.
    """
    global _speed
    _speed = times


def real_seconds(seconds: float) -> float:
    """How long `seconds` of a definition last by this machine's clock."""
    return seconds / _speed


class Latch(threading.Event):
    """Stays set: whoever waits later than the end of an execution, or of a branch of it, does not wait."""

    def clear(self) -> None:
        return None


def pause(env: Any, seconds: float) -> None:
    """Wait for `seconds` of a definition, or until the part of the execution that `env` is of has ended."""
    end = time.monotonic() + real_seconds(seconds)
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
