"""Several worker processes on one socket: started together, replaced when they crash, stopped together."""

from __future__ import annotations

import mmap
import os
import signal
import socket
import time
import traceback
from collections.abc import Callable

from serving.limits import GRACE_SECONDS
from serving.logs import log

WorkerMain = Callable[[int, int], int]
"""(worker's number, pipe that ends with the supervisor) -> exit code; called in the worker's own process."""

SOONEST_CRASH_SECONDS = 10
"""A worker that crashes younger than this would crash again: the server ends instead of trying for ever."""

_HANDLED = (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)


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


class Supervisor:
    """Forks before any library is loaded, so that no thread or event loop is ever forked."""

    def __init__(self, workers: int, worker_main: WorkerMain, listener: socket.socket) -> None:
        self._worker_main = worker_main
        self._listener = listener
        self._numbers = range(workers)
        self._children: dict[int, tuple[int, float]] = {}
        self._pipe_read, self._pipe_write = os.pipe()
        self._stopping = False
        self._exit_code = 0

    def run(self) -> int:
        """The exit code, once every worker has ended."""
        for number in _HANDLED:
            signal.signal(number, self._on_signal)
        for worker in self._numbers:
            self._start(worker)
        while self._children:
            process, status = os.wait()
            if process in self._children:  # as a container's first process it inherits orphans, too
                worker, started = self._children.pop(process)
                self._worker_ended(worker, os.waitstatus_to_exitcode(status), time.monotonic() - started)
        return self._exit_code

    def _start(self, worker: int) -> None:
        """Fork; signals wait meanwhile, so that none finds a child that is not written down yet."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _HANDLED)
        process = os.fork()
        if process == 0:
            self._become(worker)
        self._children[process] = (worker, time.monotonic())
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HANDLED)

    def _become(self, worker: int) -> None:
        code = 1
        try:
            for number in _HANDLED:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _HANDLED)
            os.close(self._pipe_write)
            code = self._worker_main(worker, self._pipe_read)
        except Exception:  # noqa: BLE001 - the process ends here: a defect is logged whole
            log("defect", level="error", worker=worker, traceback=traceback.format_exc())
        finally:
            os._exit(code)

    def _worker_ended(self, worker: int, code: int, seconds: float) -> None:
        if self._stopping:
            return
        if code < 0:
            log("worker_crashed", level="error", worker=worker, signal=-code, seconds=round(seconds, 1))
        if code < 0 and seconds >= SOONEST_CRASH_SECONDS:
            self._start(worker)
        else:
            self._exit_code = code if code > 0 else 1
            self._stop()

    def _stop(self) -> None:
        self._stopping = True
        self._listener.close()
        signal.alarm(GRACE_SECONDS + 3)
        self._send(signal.SIGTERM)

    def _send(self, number: signal.Signals) -> None:
        for process in list(self._children):
            os.kill(process, number)

    def _on_signal(self, number: int, _frame: object) -> None:
        if number == signal.SIGALRM:
            log("killing_workers", level="error", seconds=GRACE_SECONDS)
            self._send(signal.SIGKILL)
        elif not self._stopping:
            log("stopping", signal=signal.Signals(number).name)
            self._stop()
