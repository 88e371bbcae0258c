"""Threads that are kept from task to task: to start one takes as long as a short function."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue

KEPT = 64
"""Most threads that wait for another task; what runs beside is not limited."""
Call = Callable[[], object]


class TaskThreads:
    """Runs each call on a thread of its own at once. A call must not raise."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._idle: list[SimpleQueue[Call]] = []
        self._lock = threading.Lock()

    def start(self, call: Call) -> None:
        """Run `call` on a thread that is idle, or else on a new one; returns before it has ended."""
        with self._lock:
            inbox = self._idle.pop() if self._idle else None
        if inbox is None:
            inbox = SimpleQueue()
            threading.Thread(target=self._serve, args=(inbox,), name="task", daemon=True).start()
        inbox.put(call)

    def _serve(self, inbox: SimpleQueue[Call]) -> None:
        while True:
            inbox.get()()
            with self._lock:
                if len(self._idle) >= self._kept:
                    return
                self._idle.append(inbox)
