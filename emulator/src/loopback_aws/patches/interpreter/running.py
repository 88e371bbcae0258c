"""moto's evaluation of programs and states: on the execution's own thread, without a thread for each.

moto starts a thread for every program and every task, and keeps all of them for ever. Here only a task with a
time-out of its own gets one.
"""

from __future__ import annotations

import contextvars
import copy
import importlib
import threading
from typing import Any

from moto.stepfunctions.parser.asl.component.common.timeouts.timeout import EvalTimeoutError
from moto.stepfunctions.parser.asl.component.eval_component import EvalComponent
from moto.stepfunctions.parser.asl.component.program.program import Program
from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState

from loopback_aws.states.flow.branches import Part, give_up
from loopback_aws.states.flow.pauses import real_seconds
from loopback_aws.states.runs.task_threads import TaskThreads

_STATES = "moto.stepfunctions.parser.asl.component.state.exec"
THREAD_KEEPERS = (
    "moto.stepfunctions.parser.asl.component.program.program",
    "moto.stepfunctions.parser.backend.execution_worker",
    f"{_STATES}.execute_state",
    f"{_STATES}.state_map.iteration.inline_iteration_component",
    f"{_STATES}.state_parallel.branch_worker",
    f"{_STATES}.state_task.service.state_task_service_callback",
)
"""Modules that append every thread that they start to one list."""
PRIVATE = (
    *(f"{module}:TMP_THREADS" for module in THREAD_KEEPERS),
    "moto.stepfunctions.parser.asl.component.eval_component:EvalComponent._log_exception",
    "moto.stepfunctions.parser.asl.component.eval_component:EvalComponent._log_failure_event_exception",
    "moto.stepfunctions.parser.asl.component.program.program:Program.eval",
    f"{_STATES}.execute_state:ExecutionState._evaluate_with_timeout",
    f"{_STATES}.execute_state:ExecutionState._eval_execution",
    f"{_STATES}.execute_state:ExecutionState._is_language_query_jsonpath",
)

_threads = TaskThreads()


class Forgetful(list[Any]):
    """A list that keeps nothing."""

    def append(self, _: Any) -> None: ...


def apply() -> None:
    """Replace how programs and states are evaluated."""
    for module in THREAD_KEEPERS:
        importlib.import_module(module).TMP_THREADS = Forgetful()  # type: ignore[attr-defined]
    Program.eval = evaluate_program
    ExecutionState._evaluate_with_timeout = evaluate_state
    EvalComponent._log_exception = EvalComponent._log_failure_event_exception = say_nothing


def say_nothing(component: Any, **_: Any) -> None:
    """moto logs each failure at each level that it passes, with all its data: the history has it."""


def evaluate_program(program: Any, env: Any) -> None:
    """Run a program on this thread; the time-out of a whole execution is the interpreter's."""
    env.next_state_name = program.start_at.start_at_name
    EvalComponent.eval(program, env)


def evaluate_state(state: Any, env: Any) -> None:
    """Execute a Task, Parallel or Map state within its time-out, and apply what it makes of the result."""
    state.timeout.eval(env=env)
    seconds = env.stack.pop()
    frame = env.open_frame()
    frame.states.reset(input_value=env.states.get_input())
    frame.stack = copy.deepcopy(env.stack)
    try:
        if state.timeout.is_default_value():
            state._eval_execution(frame)
        else:
            _execute_within(seconds, state, frame)
    finally:
        frame.set_ended()
        env.close_frame(frame)
    if not env.is_running():
        return
    result = frame.stack.pop()
    env.stack.append(result)
    _apply_result(state, env, result)


def _execute_within(seconds: float, state: Any, frame: Any) -> None:
    """Execute on another thread; EvalTimeoutError when it takes longer; the execution's end is no error."""
    finished = threading.Event()
    failures: list[BaseException] = []

    def execute() -> None:
        try:
            state._eval_execution(frame)
        except BaseException as error:  # noqa: BLE001 - it is raised again on the execution's thread
            failures.append(error)
        finally:
            finished.set()

    context = contextvars.copy_context()
    frame.event_manager = Part(frame.event_manager, frame.event_history_context)
    with frame.event_manager.waking(finished):
        _threads.start(lambda: context.run(execute))
        in_time = finished.wait(real_seconds(seconds))
    if not in_time:
        give_up(frame)  # an answer that comes now leaves no trace
        raise EvalTimeoutError
    if failures:
        raise failures[0]


def _apply_result(state: Any, env: Any, result: Any) -> None:
    if not state._is_language_query_jsonpath():
        env.states.set_result(result)
    if state.assign_decl:
        state.assign_decl.eval(env=env)
    if state.result_selector:
        state.result_selector.eval(env=env)
    if state.result_path:
        state.result_path.eval(env)
    else:
        env.states.reset(input_value=env.stack.pop())
