"""The time that a run has: it stops reading early enough to write what it read."""

from __future__ import annotations

import time
from typing import Any

UNKNOWN_SECONDS = 300.0
"""What a run allows itself where nobody says how long it may take: outside of Lambda."""
READING_SHARE = 0.6
"""Share of the time for reading capture files; the rest is for executions, the page and the metrics."""
LOOKS_A_SECOND = 5
"""Executions looked at for each second left: Step Functions takes 15 a second for long, asked for twice."""


class Deadline:
    """How long a run may take, in seconds from now."""

    def __init__(self, seconds: float) -> None:
        started = time.monotonic()
        self._end = started + seconds
        self._reading_end = started + seconds * READING_SHARE

    @classmethod
    def of(cls, context: Any) -> Deadline:
        """What Lambda's context leaves."""
        remaining = getattr(context, "get_remaining_time_in_millis", None)
        return cls(remaining() / 1000 if remaining else UNKNOWN_SECONDS)

    @property
    def reading_is_over(self) -> bool:
        """Whether no further capture file may be begun."""
        return time.monotonic() >= self._reading_end

    def looks(self, most: int) -> int:
        """How many executions may be looked at in a third of the time that is left, `most` at most."""
        return max(0, min(most, int((self._end - time.monotonic()) * LOOKS_A_SECOND)))
