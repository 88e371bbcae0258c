"""Runs executions: moto's interpreter on a thread for each."""

from __future__ import annotations

import contextvars
import json
import threading
from collections.abc import Callable

from loopback_aws.states.flow.pauses import real_seconds
from loopback_aws.states.history.recorder import Recorder
from loopback_aws.states.history.store import Store
from loopback_aws.states.records import Event, Execution
from loopback_aws.states.runs.redrive import Resume
from loopback_aws.states.runs.run import Run, wait_until_gone
from loopback_aws.states.runs.timers import Timer, Timers

EXPRESS_SECONDS = 300
"""Longest run of an Express execution (docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html)."""


class Interpreter:
    """All executions that run now."""

    def __init__(
        self,
        *,
        store: Store,
        timers: Timers,
        log: Callable[[Execution, list[Event]], None],
        ended: Callable[[Execution], None],
    ) -> None:
        """`log` is given events as they are recorded; `ended` is told of executions that have ended."""
        self.store = store
        self._timers = timers
        self._log = log
        self._tell = ended
        self._runs: dict[str, tuple[Run, Timer | None]] = {}
        self._lock = threading.Lock()
        self.left = False
        """Whether the local AWS ends: what still runs counts for nothing."""

    def start(self, execution: Execution, resume: Resume | None = None) -> Run:
        """Run on a thread of its own, in the caller's account and region."""
        run = self._prepare(execution, resume)
        context = contextvars.copy_context()
        name = f"execution-{execution.name[:32]}"
        threading.Thread(target=context.run, args=(run.evaluate,), name=name, daemon=True).start()
        return run

    def run(self, execution: Execution) -> Run:
        """Run as `start` does, and wait for the end; a time-out ends the wait though its task goes on."""
        run = self.start(execution)
        run.done.wait()
        return run

    def child(self, execution: Execution, resume: Resume | None = None) -> Run:
        """A run that the caller evaluates, on a thread that it keeps for many of them."""
        run = self._prepare(execution, resume)
        self._tell(execution)  # that it runs; who starts others tells it before
        return run

    def running(self, arn: str) -> Run | None:
        """The run of an execution; None once it has ended: ended runs are not kept."""
        with self._lock:
            entry = self._runs.get(arn)
        return entry[0] if entry else None

    def runs(self) -> list[Run]:
        """All that run now."""
        with self._lock:
            return [run for run, _ in self._runs.values()]

    def leave(self) -> None:
        """Have all that run, and whatever is started later, go no further; nobody is told."""
        self.left = True
        for run in self.runs():
            run.leave()

    def wait(self, seconds: float) -> None:
        """After `leave`: until what was left has come to rest, at most so long."""
        wait_until_gone(self.runs(), seconds)

    def _prepare(self, execution: Execution, resume: Resume | None) -> Run:
        recorder = Recorder(
            execution,
            keep=self.store.add_event if execution.machine.type == "STANDARD" else None,
            log=self._log,
            last_id=resume.last_event if resume else 0,
        )
        run = Run(execution, recorder, self._end, resume, host=self)
        seconds = time_out_of(execution)
        timer = self._timers.after(real_seconds(seconds), run.time_out) if seconds else None
        with self._lock:
            self._runs[execution.arn] = (run, timer)
        if self.left:
            run.leave()
        return run

    def _end(self, run: Run) -> None:
        with self._lock:
            _, timer = self._runs.pop(run.execution.arn, (None, None))
        if timer:
            timer.cancel()
        if self.left:
            return
        if run.execution.machine.type == "STANDARD":
            self.store.put_execution(run.execution)
        self._tell(run.execution)


def time_out_of(execution: Execution) -> float | None:
    """`TimeoutSeconds` of the definition; an Express execution has at most five minutes."""
    try:
        declared = json.loads(execution.machine.definition).get("TimeoutSeconds")
    except ValueError:
        declared = None
    if execution.machine.type == "EXPRESS":
        return float(min(declared or EXPRESS_SECONDS, EXPRESS_SECONDS))
    return float(declared) if declared else None
