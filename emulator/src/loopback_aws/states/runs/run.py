"""One execution while it runs: ended by itself, by a time-out, by a stop, or left as it is."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

from moto.stepfunctions.parser.asl.eval.program_state import ProgramEnded, ProgramError
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str

from loopback_aws.states.history.recorder import EVENTS, Recorder, cut
from loopback_aws.states.history.store import Store
from loopback_aws.states.records import Execution, MapRun, now
from loopback_aws.states.runs.environment import environment_of
from loopback_aws.states.runs.programs import parse
from loopback_aws.states.runs.redrive import Resume

_log = logging.getLogger("loopback_aws.states.runs.run")


class Host(Protocol):
    """Where a run runs: the interpreter of all that run now."""

    @property
    def store(self) -> Store:
        """What keeps the run, and the map runs that it starts."""

    @property
    def left(self) -> bool:
        """Whether the local AWS ends: what still runs counts for nothing."""

    def child(self, execution: Execution, resume: Resume | None = None) -> Run:
        """The run of a map run's child, which the caller evaluates."""


class LiveMapRun(Protocol):
    """A map run while it runs."""

    map_run: MapRun
    """What is known of it now."""

    def update(
        self, concurrency: int | None = None, count: int | None = None, percentage: float | None = None
    ) -> None:
        """Change its limits; None leaves one as it is."""


class Run:
    """One execution while it runs."""

    def __init__(
        self,
        execution: Execution,
        recorder: Recorder,
        ended: Callable[[Run], None],
        resume: Resume | None = None,
        *,
        host: Host,
    ) -> None:
        self.execution = execution
        self.host = host
        self.recorder = recorder
        self.resume = resume
        self.environment = environment_of(execution, recorder, resume)
        recorder.run = self
        self.map_runs: dict[str, LiveMapRun] = {}
        """ARN of a map run of this execution -> what is known of it while it runs."""
        self.done = threading.Event()
        self.gone = threading.Event()
        """Set when its thread is through with it, and with what it started: nothing is written any more."""
        self._ended = ended
        recorder.full = self._overflow

    def evaluate(self) -> None:
        """Run the definition to its end on this thread."""
        try:
            self._evaluate()
        finally:
            self.gone.set()

    def _evaluate(self) -> None:
        try:
            program = parse(self.execution.machine.definition)[0]
            if self.resume is None:
                self._record_start()
            else:
                self._record_redrive()
            program.eval(self.environment)
        except Exception as error:  # noqa: BLE001 - a fault of the interpreter ends the execution, never silently
            if self.host.left:
                return
            _log.exception("%s could not be interpreted", self.execution.arn)
            self._fail("States.Runtime", f"{type(error).__name__}: {error}")
            return
        self._finish()

    def stop(self, error: str | None, cause: str | None) -> bool:
        """End as ABORTED, at once; False when it had ended already."""
        details = {key: value for key, value in (("error", error), ("cause", cause)) if value is not None}
        return self._end("ABORTED", "ExecutionAborted", details, error, cause)

    def time_out(self) -> bool:
        """End as TIMED_OUT, at once; False when it had ended already."""
        return self._end("TIMED_OUT", "ExecutionTimedOut", {}, None, None)

    def leave(self) -> None:
        """Go no further and tell nobody: the execution stays as it is kept."""
        self.recorder.close()
        self._interrupt(None, None)
        self.done.set()

    def _record_start(self) -> None:
        machine = self.execution.machine
        details = {
            "input": self.execution.input,
            "inputDetails": {"truncated": False},
            "roleArn": machine.role,
            "stateMachineAliasArn": machine.alias_arn,
            "stateMachineVersionArn": machine.version_arn,
        }
        place = self.environment.event_history_context
        self.recorder.add_event(
            place, "ExecutionStarted", {"executionStartedEventDetails": details}, update_source_event_id=False
        )

    def _record_redrive(self) -> None:
        details = {"redriveCount": self.execution.redrives}
        place = self.environment.event_history_context
        self.recorder.add_event(place, "ExecutionRedriven", {"executionRedrivenEventDetails": details})

    def _finish(self) -> None:
        """Take over how the interpreter came to its end, unless the run had been ended from outside."""
        state = self.environment.program_state()
        if self.recorder.ended_from_outside or not isinstance(state, (ProgramEnded, ProgramError)):
            return
        if isinstance(state, ProgramError):
            failure = state.error or {}
            self._set("FAILED", error=failure.get("error"), cause=failure.get("cause"))
        else:
            output = to_json_str(self.environment.states.get_input(), separators=(",", ":"))
            self._set("SUCCEEDED", output=output)

    def _end(
        self, status: Any, kind: str, details: dict[str, Any], error: str | None, cause: str | None
    ) -> bool:
        if not self.recorder.end(kind, details, previous=0 if status == "ABORTED" else self._place()):
            return False
        self._interrupt(error, cause)
        self._set(status, error=error, cause=cause)
        return True

    def _fail(self, error: str, cause: str) -> None:
        self._end("FAILED", "ExecutionFailed", {"error": error, "cause": cause}, error, cause)

    def _overflow(self) -> None:
        self.recorder.closed = False
        self._fail(
            "States.Runtime",
            f"The execution reached the maximum number of history events ({EVENTS}).",
        )

    def _place(self) -> int:
        return int(self.environment.event_history_context.source_event_id)

    def _interrupt(self, error: str | None, cause: str | None) -> None:
        """Have everything that waits inside the interpreter wait no longer."""
        self.environment.set_stop(stop_date=datetime.now(UTC), error=error, cause=cause)
        for endpoint in list(self.environment.callback_pool_manager._pool.values()):
            endpoint.interrupt_all()

    def _set(
        self, status: Any, output: str | None = None, error: str | None = None, cause: str | None = None
    ) -> None:
        execution = self.execution
        execution.stop = now()
        execution.output = output
        execution.error, execution.cause = cut("error", error), cut("cause", cause)
        execution.status = status
        self._ended(self)
        self.done.set()


def wait_until_gone(runs: list[Run], seconds: float) -> None:
    """Wait for the threads of runs that were ended, at most `seconds` in all."""
    end = time.monotonic() + seconds
    for run in runs:
        run.gone.wait(max(0.0, end - time.monotonic()))
