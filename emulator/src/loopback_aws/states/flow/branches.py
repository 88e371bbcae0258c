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


class Part:
    """The history as a part of a run writes it: nothing any more once the part was given up."""

    def __init__(self, recorder: Any) -> None:
        self._recorder = recorder
        self._lock = threading.Lock()
        self._given_up = False

    def add_event(self, *args: Any, **keywords: Any) -> int:
        """Recorder.add_event, until the part is given up; 0 afterwards."""
        with self._lock:
            return 0 if self._given_up else int(self._recorder.add_event(*args, **keywords))

    def close(self) -> None:
        """Write nothing any more."""
        with self._lock:
            self._given_up = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._recorder, name)


def open_part(env: Any) -> Any:
    """A frame for a part of what `env` runs, with a history that can be closed before that of the run."""
    frame = env.open_inner_frame()
    frame.event_manager = Part(env.event_manager)
    return frame


def give_up(frame: Any) -> None:
    """End a part: it writes nothing any more, and nothing in it waits any longer."""
    frame.event_manager.close()
    frame.set_stop(stop_date=datetime.now(UTC), error=None, cause=None)
    _interrupt_callbacks(frame)


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
        self._failed = False
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
            for frame in self._frames:
                give_up(frame)
        results = [frame.states.get_input() for frame in self._frames]
        for frame in self._frames:
            self._env.close_frame(frame)
        if self._failed:
            raise failure_of(self._env, self._error, HistoryEventType.ExecutionFailed)
        return results

    def _branch(self, program: Any, frame: Any) -> None:
        try:
            program.eval(frame)
            state = frame.program_state()
        except BaseException as error:  # noqa: BLE001 - run() waits for every branch
            state = ProgramError({"error": RUNTIME, "cause": f"{type(error).__name__}: {error}"})
        with self._lock:
            self._left -= 1
            if isinstance(state, ProgramError) and not self._over.is_set():
                self._failed, self._error = True, state.error
                self._over.set()
            elif self._left == 0 or not isinstance(state, ProgramEnded):
                self._over.set()
