"""Branches of a Parallel state, and what they share with iterations of a Map: they can end before the run.

https://docs.aws.amazon.com/step-functions/latest/dg/state-parallel.html
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent
from moto.stepfunctions.parser.asl.eval.program_state import ProgramEnded, ProgramError

from loopback_aws.states.flow.attempts import PartFailed
from loopback_aws.states.flow.error_names import RUNTIME

ABORTED = ("Task", "Wait", "Map", "Parallel")
"""Types of states whose end from outside is an event."""


class Part:
    """The history as a part of a run writes it: nothing any more once the part was given up."""

    def __init__(self, recorder: Any, place: Any) -> None:
        """`place`: where in the history the part itself is; what runs inside its states has others."""
        self._recorder = recorder
        self._place = place
        self._lock = threading.Lock()
        self._given_up = False
        self.state: str | None = None
        """Type of the state that the part is in: `Task`; None between states."""

    def add_event(self, context: Any, event_type: Any, *more: Any, **keywords: Any) -> int:
        """Recorder.add_event, until the part is given up; 0 afterwards."""
        with self._lock:
            if self._given_up:
                return 0
            if context is self._place:
                self._move(str(getattr(event_type, "value", event_type)))
            return int(self._recorder.add_event(context, event_type, *more, **keywords))

    def close(self) -> str | None:
        """Write nothing any more; the type of the state that the part was in, if that was not told yet."""
        with self._lock:
            state = None if self._given_up else self.state
            self._given_up = True
        return state

    def _move(self, kind: str) -> None:
        if kind.endswith("StateEntered"):
            self.state = kind.removesuffix("StateEntered")
        elif kind.endswith("StateExited"):
            self.state = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._recorder, name)


def open_part(env: Any) -> Any:
    """A frame for a part of what `env` runs, with a history that can be closed before that of the run."""
    frame = env.open_inner_frame()
    frame.event_manager = Part(env.event_manager, frame.event_history_context)
    return frame


def give_up(frame: Any) -> str | None:
    """End a part: it writes nothing any more, and nothing in it waits any longer. The type of the state that
    it was in."""
    state: str | None = frame.event_manager.close()
    frame.set_stop(stop_date=datetime.now(UTC), error=None, cause=None)
    _interrupt_callbacks(frame)
    return state


def record_abortion(env: Any, state: str | None) -> None:
    """The event of a state that another part's failure, the last event of `env`, has ended."""
    if state in ABORTED:
        env.event_manager.add_event(
            env.event_history_context, HistoryEventType(f"{state}StateAborted"), update_source_event_id=False
        )


def _interrupt_callbacks(frame: Any) -> None:
    token = frame.states.context_object.context_object_data.get("Task", {}).get("Token")
    with suppress(KeyError):
        if token and (endpoint := frame.callback_pool_manager.get(token)):
            endpoint.interrupt_all()
    for inner in list(frame._frames):
        _interrupt_callbacks(inner)


def failure_of(env: Any, error: dict[str, Any] | None, event_type: HistoryEventType) -> PartFailed:
    """What a part's error is to the state that it belongs to."""
    details = {key: value for key, value in (error or {}).items() if value is not None}
    name = ErrorName(details["error"]) if "error" in details else None
    return PartFailed(
        FailureEvent(
            env=env,
            error_name=name,
            event_type=event_type,
            event_details={"executionFailedEventDetails": details},
        )
    )


def in_thread(name: str, call: Callable[[], object]) -> None:
    """Call on another thread, in the account and region of this one."""
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(call,), name=name, daemon=True).start()


class Branches:
    """The branches of one execution of a Parallel state."""

    def __init__(self, programs: list[Any], env: Any, given: Any) -> None:
        self._env = env
        self._programs = programs
        self._frames = [open_part(env) for _ in programs]
        for frame in self._frames:
            frame.states.reset(input_value=given)
        self._left = len(programs)
        self._error: dict[str, Any] | None = None
        self._failed: Any = None
        """Frame of the branch that has failed first."""
        self._lock = threading.Lock()
        self._over = threading.Event()

    def run(self) -> list[Any]:
        """Results in the order of the branches; PartFailed as soon as one of them fails.

        What is returned counts for nothing when the execution has ended meanwhile.
        """
        for number, (program, frame) in enumerate(zip(self._programs, self._frames, strict=True)):
            in_thread(f"branch-{number}", partial(self._branch, program, frame))
        with self._env.event_manager.waking(self._over):
            self._over.wait()
        if self._failed:
            self._end_others()
            raise failure_of(self._env, self._error, HistoryEventType.ExecutionFailed)
        results = [frame.states.get_input() for frame in self._frames]
        for frame in self._frames:
            self._env.close_frame(frame)
        return results

    def _end_others(self) -> None:
        """End all branches, and tell of the states that they were in; States.Runtime leaves no events."""
        self._env.close_frame(self._failed)
        self._env.event_history_context.source_event_id = self._failed.event_history_context.source_event_id
        told = (self._error or {}).get("error") != RUNTIME
        for frame in sorted(self._frames, key=lambda frame: frame is not self._failed):
            state = give_up(frame)
            if told and (frame is not self._failed or state == "Task"):
                record_abortion(self._env, state)
            self._env.delete_frame(frame)

    def _branch(self, program: Any, frame: Any) -> None:
        try:
            program.eval(frame)
            state = frame.program_state()
        except BaseException as error:  # noqa: BLE001 - run() waits for every branch
            state = ProgramError({"error": RUNTIME, "cause": f"{type(error).__name__}: {error}"})
        with self._lock:
            self._left -= 1
            if isinstance(state, ProgramError) and not self._over.is_set():
                self._failed, self._error = frame, state.error
                self._over.set()
            elif self._left == 0 or not isinstance(state, ProgramEnded):
                self._over.set()
