"""moto's inline Map state: at most 40 workers, which loop, and iterations that end with the first failure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.component.common.path.items_path import ItemsPath
from moto.stepfunctions.parser.asl.component.common.string.string_expression import StringJSONata
from moto.stepfunctions.parser.asl.component.state.exec.state_map.items.items import ItemsJSONata
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration import inline_iteration_component
from moto.stepfunctions.parser.asl.component.state.exec.state_map.state_map import StateMap
from moto.stepfunctions.parser.asl.eval.environment import Environment

from loopback_aws.states.data.jsonpath.data_flow import FatalError
from loopback_aws.states.flow.attempts import attempt, record_map_failure
from loopback_aws.states.flow.inline_map import InlineMap, listed
from loopback_aws.states.map_run.errors import InvalidField
from loopback_aws.states.map_run.state import MapState

_MAP = "moto.stepfunctions.parser.asl.component.state.exec.state_map"
_ITERATION = f"{_MAP}.iteration"
PRIVATE = (
    "moto.stepfunctions.parser.asl.component.common.path.items_path:ItemsPath._eval_body",
    f"{_MAP}.items.items:ItemsJSONata._eval_body",
    f"{_MAP}.state_map:StateMap._eval_execution",
    f"{_MAP}.state_map:StateMap._eval_state",
    f"{_ITERATION}.inline_iteration_component:InlineIterationComponent._eval_body",
    f"{_ITERATION}.inline_iteration_component:InlineIterationComponent._create_worker",
    f"{_ITERATION}.inline_iteration_component:InlineIterationComponent._get_iteration_program",
    f"{_ITERATION}.itemprocessor.inline_item_processor_worker:InlineItemProcessorWorker._eval_input",
    f"{_ITERATION}.iterator.inline_iterator_worker:InlineIteratorWorker._eval_input",
    "moto.stepfunctions.parser.asl.eval.environment:Environment.as_inner_frame_of",
)
NO_ARRAY = "Map state input must be an array"
"""How moto's cause begins when the items are something else."""


def apply() -> None:
    """Replace how iterations run; give what runs inside one its item in the context object."""
    inline_iteration_component.InlineIterationComponent._eval_body = evaluate_iterations
    StateMap._eval_state = evaluate_state
    StateMap._eval_execution = _refusing_other_items(StateMap._eval_execution)
    _accept_objects()
    open_frame = Environment.as_inner_frame_of.__func__

    def with_item(cls: Any, env: Any, *args: Any, **keywords: Any) -> Any:
        frame = open_frame(cls, env, *args, **keywords)
        if item := env.states.context_object.context_object_data.get("Map"):
            frame.states.context_object.context_object_data["Map"] = item
        return frame

    Environment.as_inner_frame_of = classmethod(with_item)


def _accept_objects() -> None:
    """The items may be those of an object, which moto refuses."""
    path = ItemsPath._eval_body

    def of_path(component: Any, env: Any) -> None:
        path(component, env)
        env.stack[-1] = listed(env.stack[-1])

    def of_expression(component: Any, env: Any) -> None:
        component.string_jsonata.eval(env)  # which refuses what is neither array nor object
        env.stack[-1] = listed(env.stack[-1])

    ItemsPath._eval_body = of_path
    ItemsJSONata._eval_body = of_expression


def _refusing_other_items(evaluate: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """moto has JSONata's error for items that are no array; with JSONPath it is States.Runtime."""

    def execute(state: Any, env: Any) -> None:
        if not (state.items_path or state.items or state.item_reader):  # JSONata; moto has no default
            state.items = _whole_input()
        try:
            evaluate(state, env)
        except FailureEventException as failed:
            details = failed.failure_event.event_details.get("evaluationFailedEventDetails", {})
            if not state.items_path or not str(details.get("cause")).startswith(NO_ARRAY):
                raise
            path = state.items_path.string_sampler.literal_value
            raise FatalError(f'Reference path "{path}" must point to array.') from None

    return execute


def _whole_input() -> Any:
    expression = StringJSONata("$states.input")
    expression.location = "Items"
    return ItemsJSONata(expression)


def evaluate_iterations(component: Any, env: Any) -> None:
    """Run the iterations that the value on the stack describes; leave their results there."""
    given = env.stack.pop()
    too_many = None
    if fields := getattr(component, "tolerance", None):
        try:
            too_many = MapState(fields, env).tolerance().exceeded
        except InvalidField as error:
            raise FatalError(error.cause) from None
    env.stack.append(InlineMap(component, env, given, too_many).run())


def evaluate_state(state: Any, env: Any) -> None:
    """Evaluate a Map state, inline or distributed."""
    attempt(state, env, at_last=record_map_failure)
