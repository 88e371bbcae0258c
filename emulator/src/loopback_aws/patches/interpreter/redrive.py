"""moto's interpreter continued in the middle of a definition: states that had been entered are not entered
again, and branches and iterations that had succeeded keep their results."""

from __future__ import annotations

from typing import Any

from moto.stepfunctions.parser.asl.component.program.program import Program
from moto.stepfunctions.parser.asl.component.state.exec.state_map.state_map import StateMap
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel.state_parallel import StateParallel
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField
from moto.stepfunctions.parser.asl.eval.environment import Environment

from loopback_aws.states.flow.inline_map import InlineMap
from loopback_aws.states.runs.programs import starting_at
from loopback_aws.states.runs.resumption import Finished, Point

_COMPONENT = "moto.stepfunctions.parser.asl.component"
_EXEC = f"{_COMPONENT}.state.exec"
PRIVATE = (
    f"{_COMPONENT}.state.state:CommonStateField._eval_body",
    f"{_COMPONENT}.program.program:Program.eval",
    f"{_EXEC}.state_parallel.state_parallel:StateParallel._eval_execution",
    f"{_EXEC}.state_map.state_map:StateMap._eval_execution",
    "moto.stepfunctions.parser.asl.eval.environment:Environment.open_frame",
    "moto.stepfunctions.parser.asl.eval.environment:Environment.open_inner_frame",
)
"""Attributes of ours that an environment has: `resumption`, where its program goes on; `resumed`, the same of
its state once that is evaluated; `waiting_branches` and `iterations`, what the state is to hand on."""


def apply() -> None:
    """Wrap what evaluates programs, states, branches and iterations."""
    for owner, name, wrapper in (
        (Program, "eval", evaluate_program),
        (CommonStateField, "_eval_body", evaluate_state),
        (Environment, "open_frame", open_frame),
        (Environment, "open_inner_frame", open_inner_frame),
        (StateParallel, "_eval_execution", execute),
        (StateMap, "_eval_execution", execute),
        (InlineMap, "_run_one", run_iteration),
    ):
        setattr(owner, name, _wrapped(getattr(owner, name), wrapper))


def taken(env: Any, name: str) -> Any:
    """The attribute's value, which is used once: a Retry starts everything anew."""
    return env.__dict__.pop(name, None)


def evaluate_program(original: Any, program: Any, env: Any) -> None:
    """Start at the point, or end at once with the result that is known."""
    point = env.__dict__.get("resumption")
    if isinstance(point, Finished):
        env.next_state_name = program.start_at.start_at_name
        env.states.reset(point.output)
        env.set_ended()
        return
    if isinstance(point, Point):
        program = starting_at(program, point.state)
        env.states.reset(point.input)
        for name, value in point.variables.items():
            env.variable_store.set(name, value)
        env.variable_store.reset_tracing()
    original(program, env)


def evaluate_state(original: Any, state: Any, env: Any) -> None:
    """Evaluate a state that had been entered without entering it again."""
    point = taken(env, "resumption")
    if point and point.entered:
        env.resumed = point
        env.event_manager = WithoutNext(env)
    original(state, env)


def open_frame(original: Any, env: Any, *arguments: Any) -> Any:
    """Hand the state's point to the frame that the state is executed in."""
    frame = original(env, *arguments)
    if point := taken(env, "resumed"):
        frame.resumed = point
    return frame


def open_inner_frame(original: Any, env: Any, *arguments: Any) -> Any:
    """Hand each branch of a Parallel state its point; they are opened in order."""
    frame = original(env, *arguments)
    if branches := env.__dict__.get("waiting_branches"):
        point = branches.pop(0)
        if point is not None:
            frame.resumption = point
    return frame


def execute(original: Any, state: Any, env: Any) -> None:
    """Execute a Parallel or Map state with what is known of its branches."""
    point = env.__dict__.get("resumed")
    if point and point.branches:
        del env.resumed
        env.event_manager = WithoutNext(env)
        if isinstance(state, StateParallel):
            number = len(state.branches.programs)
            env.waiting_branches = [point.branches.get(index) for index in range(number)]
        else:
            env.iterations = dict(point.branches)
    original(state, env)


def run_iteration(original: Any, state: Any, index: int, env: Any) -> Any:
    """Keep the result of an iteration that had succeeded; have another one go on where it was."""
    known = state._env.__dict__.get("iterations", {}).pop(index, None)
    if isinstance(known, Finished):
        state._results[index] = known.output
        return 0
    if known is not None:
        env.resumption = known
    return original(state, index, env)


class WithoutNext:
    """An environment's recorder that does not record its next event."""

    def __init__(self, env: Any) -> None:
        self._env = env
        self._recorder = env.event_manager

    def add_event(self, context: Any, *_: Any, **__: Any) -> int:
        """Record nothing, this once."""
        self._env.event_manager = self._recorder
        return int(context.source_event_id)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._recorder, name)


def _wrapped(original: Any, wrapper: Any) -> Any:
    def call(self: Any, *arguments: Any, **keywords: Any) -> Any:
        return wrapper(original, self, *arguments, **keywords)

    return call
