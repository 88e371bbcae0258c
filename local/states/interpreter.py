"""Runs executions: moto's interpreter on a thread, ended by itself, by a time-out or by a stop."""

from __future__ import annotations

import contextvars
import json
import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

from moto.stepfunctions.parser.asl.component.common.flow.start_at import StartAt
from moto.stepfunctions.parser.asl.component.program.program import Program
from moto.stepfunctions.parser.asl.eval.program_state import ProgramEnded, ProgramError
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str

from local.states.environment import Resume, environment_of
from local.states.event_details import cut
from local.states.programs import parse
from local.states.recorder import EVENTS, Recorder
from local.states.records import Event, Execution, now
from local.states.timers import Timer, Timers

EXPRESS_SECONDS = 300
"""Longest run of an Express execution (docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html)."""
_log = logging.getLogger("local.states.interpreter")


class Keeper(Protocol):
    """What of the store the interpreter writes to."""

    def put_execution(self, execution: Execution) -> None: ...

    def add_event(self, arn: str, event: Event) -> None: ...


class Log(Protocol):
    """Delivery of events to CloudWatch Logs."""

    def write(self, execution: Execution, events: list[Event]) -> None: ...


class Run:
    """One execution while it runs."""

    def __init__(
        self,
        execution: Execution,
        recorder: Recorder,
        ended: Callable[[Run], None],
        resume: Resume | None = None,
        *,
        interpreter: Interpreter,
    ) -> None:
        self.execution = execution
        self.interpreter = interpreter
        self.recorder = recorder
        self.resume = resume
        self.environment = environment_of(execution, recorder, resume)
        recorder.run = self
        self.map_runs: dict[str, Any] = {}
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
            if self.interpreter.left:
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


class Interpreter:
    """All executions that run now."""

    def __init__(
        self, *, store: Keeper, timers: Timers, log: Log, ended: Callable[[Execution], None]
    ) -> None:
        self._store = self.store = store
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
        """Run on this thread, to the execution's end."""
        run = self._prepare(execution, None)
        context = contextvars.copy_context()
        thread = threading.Thread(target=context.run, args=(run.evaluate,), name="express", daemon=True)
        thread.start()
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
            keep=self._store.add_event if execution.machine.type == "STANDARD" else None,
            log=self._log.write,
            last_id=resume.last_event if resume else 0,
        )
        run = Run(execution, recorder, self._end, resume, interpreter=self)
        seconds = time_out_of(execution)
        timer = self._timers.after(seconds, run.time_out) if seconds else None
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
            self._store.put_execution(run.execution)
        self._tell(run.execution)


def wait_until_gone(runs: list[Run], seconds: float) -> None:
    """Wait for the threads of runs that were ended, at most `seconds` in all."""
    end = time.monotonic() + seconds
    for run in runs:
        run.gone.wait(max(0.0, end - time.monotonic()))


def time_out_of(execution: Execution) -> float | None:
    """`TimeoutSeconds` of the definition; an Express execution has at most five minutes."""
    try:
        declared = json.loads(execution.machine.definition).get("TimeoutSeconds")
    except ValueError:
        declared = None
    if execution.machine.type == "EXPRESS":
        return float(min(declared or EXPRESS_SECONDS, EXPRESS_SECONDS))
    return float(declared) if declared else None


def starting_at(program: Any, state: str) -> Any:
    """The program with another first state; the given one is shared and stays as it is."""
    return Program(
        query_language=program.query_language,
        start_at=StartAt(start_at_name=state),
        states=program.states,
        timeout_seconds=program.timeout_seconds,
        comment=program.comment,
        version=program.version,
    )
