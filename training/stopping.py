"""A training that is asked to stop ends at a step, after it kept what it has."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class TrainingStopped(RuntimeError):
    """The process that asked for the training is gone or wants it to end."""


@contextmanager
def stops_at_a_step() -> Iterator[threading.Event]:
    """SIGINT and SIGTERM set the event instead of interrupting; the second one interrupts.

    If it was set, the block ends with TrainingStopped at the latest.
    """
    asked = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            signal.default_int_handler(number, frame)
        asked.set()

    in_main_thread = threading.current_thread() is threading.main_thread()
    endings = (signal.SIGINT, signal.SIGTERM) if in_main_thread else ()
    before = {ending: signal.signal(ending, ask) for ending in endings}
    try:
        yield asked
    finally:
        for ending, handler in before.items():
            signal.signal(ending, handler)
    if asked.is_set():
        raise TrainingStopped("training was stopped")
