"""Retries in place, where giving up would throw away what the other images of a batch have cost.

A state's retry repeats the whole batch, and of a thousand reads one is slowed down nearly every time.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from lambda_src.core.errors import ClassificationError, ModelFailed

RETRY_SECONDS = 5.0
"""After so long the state machine's retry, which waits longer, has the better chance."""
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.1, 1.0

Result = TypeVar("Result")


def with_retries(call: Callable[[], Result], seconds: float = RETRY_SECONDS) -> Result:
    """What `call` returns, asked again while it is throttled or not served, for so many `seconds`.

    The pauses double and are random (full jitter). ModelFailed is raised at once: it may be the images.
    """
    until = time.monotonic() + seconds
    pause = FIRST_PAUSE_SECONDS
    while True:
        try:
            return call()
        except ClassificationError as error:
            if not error.retried or isinstance(error, ModelFailed) or time.monotonic() + pause > until:
                raise
        time.sleep(random.uniform(0, pause))
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
