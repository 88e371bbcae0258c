"""Which of the worker processes can answer, told among them."""

from __future__ import annotations

import mmap


class Readiness:
    """One byte a worker in memory that forked processes share; set once its model has answered."""

    def __init__(self, workers: int) -> None:
        self._flags = mmap.mmap(-1, workers + 1)
        self._everyone = b"\1" * workers
        self._workers = workers

    def announce(self, worker: int) -> None:
        self._flags[worker] = 1

    def complete(self) -> bool:
        """Whether every worker has been ready; one that is replaced later does not take this back."""
        return self._flags[: self._workers] == self._everyone

    def first_failure(self) -> bool:
        """Whether this worker is the first to fail: all fail for the same reason, and one says it."""
        first = self._flags[self._workers] == 0
        self._flags[self._workers] = 1
        return first
