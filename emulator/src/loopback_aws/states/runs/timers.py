"""One thread for everything that happens when a time has passed."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

_log = logging.getLogger("loopback_aws.states.runs.timers")


@dataclass(order=True)
class Timer:
    """A call that is due at `due` (monotonic seconds)."""

    due: float
    number: int
    call: Callable[[], object] | None = field(compare=False)

    def cancel(self) -> None:
        """Do not call; what the call holds is let go at once."""
        self.call = None


class Timers:
    """Calls functions after a time, one after the other; they must be short."""

    def __init__(self) -> None:
        self._heap: list[Timer] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="state-timers", daemon=True)
        self._thread.start()

    def after(self, seconds: float, call: Callable[[], object]) -> Timer:
        """Have `call` called in `seconds`; the timer can be cancelled."""
        timer = Timer(time.monotonic() + seconds, next(self._numbers), call)
        with self._changed:
            self._forget_cancelled()
            heapq.heappush(self._heap, timer)
            self._changed.notify()
        return timer

    def stop(self) -> None:
        """Call nothing any more and end the thread."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self._thread.join()

    def _forget_cancelled(self) -> None:
        """Keep the heap as small as what is waited for: time-outs are long and executions short."""
        if len(self._heap) > 64 and sum(timer.call is None for timer in self._heap) * 2 > len(self._heap):
            self._heap = [timer for timer in self._heap if timer.call is not None]
            heapq.heapify(self._heap)

    def _run(self) -> None:
        while (timer := self._next()) is not None:
            if timer.call is not None:
                try:
                    timer.call()
                except Exception:  # noqa: BLE001 - one call's fault must not end the thread of all
                    _log.exception("a timed call failed")

    def _next(self) -> Timer | None:
        """Wait until a timer is due and take it; None once stopped."""
        with self._changed:
            while not self._stopped:
                wait = self._heap[0].due - time.monotonic() if self._heap else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._heap)
                self._changed.wait(wait)
            return None
