"""A map run while it runs: its counts, its workers, and what may be changed from outside."""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Protocol

from loopback_aws.states.map_run.children import OUTCOMES, count, ended
from loopback_aws.states.map_run.tolerance import exceeded
from loopback_aws.states.records import Child, Execution, MapRun

WORKERS = 40
"""Most children of a map run that run at once here; AWS runs up to 10,000."""
SAVED_EVERY = 1.0
"""Seconds between two writes of the counts."""


class Run(Protocol):
    """A child's run."""

    execution: Execution

    def evaluate(self) -> None: ...

    def stop(self, error: str | None, cause: str | None) -> bool: ...


class Keeper(Protocol):
    """What of the store is written to here."""

    def put_map_run(self, map_run: MapRun) -> None: ...

    def put_child(self, map_run: str, child: Child, /) -> None: ...

    def put_execution(self, execution: Execution) -> None: ...


class LiveMapRun:
    """Takes children one by one, runs them on its workers, and counts how they end."""

    def __init__(self, map_run: MapRun, store: Keeper, prepare: Callable[[Child], tuple[Child, Run]]) -> None:
        self.map_run = map_run
        """Its counts are of now."""
        self.finished = threading.Event()
        """Set when no child runs any more, when too many have failed, or by whoever ends the run."""
        self.fault: Exception | None = None
        """What went wrong in a worker itself."""
        self._store = store
        self._prepare = prepare
        self._lock = threading.Lock()
        self._children: Iterator[Child] = iter(())
        self._running: dict[int, tuple[Child, Run]] = {}
        self._workers = 0
        self._over = False
        self._saved = time.monotonic()

    def run(self, children: Iterator[Child]) -> None:
        """Start workers for these children; `finished` tells the end."""
        with self._lock:
            self._children = children
            if not self._left():
                self.finished.set()
            self._hire()

    def update(
        self, concurrency: int | None = None, count: int | None = None, percentage: float | None = None
    ) -> None:
        """Change MaxConcurrency and the thresholds, for the children still to come; None changes nothing."""
        with self._lock:
            if concurrency is not None:
                self.map_run.max_concurrency = concurrency
            if count is not None:
                self.map_run.tolerated_failure_count = count
            if percentage is not None:
                self.map_run.tolerated_failure_percentage = percentage
            if exceeded(self.map_run):
                self.finished.set()
            if not self.finished.is_set():
                self._hire()
        self._store.put_map_run(self.map_run)

    def end(self) -> None:
        """Start no child any more and abort those that run."""
        with self._lock:
            self._over = True
            running = list(self._running.values())
        for child, run in running:
            run.stop(None, None)
            self._settle(child, run.execution)

    @property
    def _limit(self) -> int:
        return min(self.map_run.max_concurrency or WORKERS, WORKERS)

    def _left(self) -> int:
        return self.map_run.children.pending + self.map_run.children.pendingRedrive

    def _hire(self) -> None:
        """Start as many workers as there is work for, in the account and region of the caller."""
        while self._workers < min(self._limit, self._left() + len(self._running)):
            self._workers += 1
            work = contextvars.copy_context().run
            threading.Thread(target=work, args=(self._work,), name="map-run", daemon=True).start()

    def _work(self) -> None:
        try:
            while (taken := self._take()) is not None:
                child, run = taken
                run.evaluate()
                self._settle(child, run.execution)
        except Exception as error:  # noqa: BLE001 - raised again by the state, which waits
            self.fault = error
            self.finished.set()

    def _take(self) -> tuple[Child, Run] | None:
        """The next child, counted as running; None when this worker is to end."""
        with self._lock:
            child = None
            if not self._over and self._workers <= self._limit:
                child = next(self._children, None)
            if child is None:
                self._workers -= 1
                if not self._running and not self._left():
                    self.finished.set()
                return None
            count(self.map_run, child, "pending" if child.start is None else "pendingRedrive", -1)
            count(self.map_run, child, "running")
            child, run = self._prepare(child)
            self._running[child.index] = (child, run)
        return child, run

    def _settle(self, child: Child, execution: Execution) -> None:
        """Count and keep how a child has ended; once for each, whoever comes first."""
        row = ended(child, execution)
        with self._lock:
            if self._running.pop(child.index, None) is None:
                return
            count(self.map_run, child, "running", -1)
            count(self.map_run, child, OUTCOMES[execution.status])
            if row.status == "SUCCEEDED":
                count(self.map_run, child, "resultsWritten")
            self._store.put_child(self.map_run.arn, row)
            if execution.machine.type == "EXPRESS":  # can be described, unlike those that no map run started
                self._store.put_execution(execution)
            if exceeded(self.map_run):
                self._over = True
                self.finished.set()
            self._save()

    def _save(self) -> None:
        if time.monotonic() - self._saved > SAVED_EVERY:
            self._saved = time.monotonic()
            with suppress(RuntimeError):
                self._store.put_map_run(self.map_run)
