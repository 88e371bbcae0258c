"""JSONata in the fields of a state: what an expression sees, of which type its value is, and how it fails.

Failures are `States.QueryEvaluationError` with the event `EvaluationFailed`, whose `location` is the path of
the field inside the state (`Output/total`, `Choices[1]/Condition`, `Assign/list[0]`):
https://docs.aws.amazon.com/step-functions/latest/apireference/API_EvaluationFailedEventDetails.html.
"""

from __future__ import annotations

import re
from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.catch.catch_outcome import CatchOutcome
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str

from loopback_aws.states.data.jsonata.evaluation import (
    UNDEFINED,
    EvaluationError,
    UnsupportedResultError,
    evaluate,
    parse,
)
from loopback_aws.states.data.jsonata.values import bound

TYPES = {
    "Choices/Condition": ("boolean",),
    "Items": ("array", "object"),
    "Error": ("string",),
    "Cause": ("string",),
    "Timestamp": ("string",),
    "Credentials/RoleArn": ("string",),
    "Seconds": ("number",),
    "TimeoutSeconds": ("number",),
    "HeartbeatSeconds": ("number",),
    "MaxConcurrency": ("number",),
    "ItemReader/ReaderConfig/MaxItems": ("number",),
    "ToleratedFailureCount": ("number",),
    "ToleratedFailurePercentage": ("number",),
}
"""Path of a field without indexes -> JSON types that its value may have; any other field takes all."""
RANGES = {
    "Seconds": (0, 99_999_999),
    "TimeoutSeconds": (1, 99_999_999),
    "HeartbeatSeconds": (1, 99_999_999),
    "MaxConcurrency": (0, None),
    "ItemReader/ReaderConfig/MaxItems": (0, 100_000_000),
    "ToleratedFailureCount": (0, None),
    "ToleratedFailurePercentage": (0, 100),
}
"""Smallest and largest number (docs.aws.amazon.com/step-functions/latest/dg/workflow-states.html)."""
_INDEX = re.compile(r"\[\d+\]")


class EvaluationFailure(FailureEventException):
    """A field could not be evaluated, and no event says so yet."""


def push_value(component: Any, env: Any) -> None:
    """Evaluate an expression, check the value against its field and leave it on the stack."""
    location = getattr(component, "location", None) or env.next_field_name
    named = f"The JSONata expression '{component.expression}' specified for the field '{location}'"
    try:
        value = evaluate(component.expression, Scope(component.expression, env))
    except EvaluationError as error:
        raise failure(env, location, f"{named} {error}") from None
    except UnsupportedResultError:
        raise failure(env, location, f"{named} returned an unsupported result type.") from None
    if value is UNDEFINED:
        raise failure(env, location, f"{named} returned nothing (undefined).")
    if problem := misfit(location, value):
        raise failure(env, location, f"{named} {problem}")
    env.stack.append(value)


def misfit(location: str, value: Any) -> str | None:
    """Why a field cannot have this value; None when it can."""
    field = location if location.startswith("Items") else _INDEX.sub("", location)
    types = TYPES.get(field)
    if types is None:
        return None
    text = to_json_str(value, separators=(",", ":"))
    if type_of(value) not in types:
        wanted, found = types[0], type_of(value)
        return f"returned an unexpected result type. Expected '{wanted}', but was '{found}' for value: {text}"
    least, most = RANGES.get(field, (None, None))
    if least is None:
        return None
    whole = isinstance(value, int) or field == "ToleratedFailurePercentage"
    if not whole or value < least or (most is not None and value > most):
        return f"returned a value that is out of range for the field: {text}"
    return None


def type_of(value: Any) -> str:
    """The JSON type's name."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def failure(env: Any, location: str, cause: str) -> EvaluationFailure:
    """What to raise when a field cannot be evaluated; the details are those of the event."""
    name = StatesErrorName(typ=StatesErrorNameType.StatesQueryEvaluationError)
    details = {"error": name.error_name, "location": location}
    event = FailureEvent(
        env=env,
        error_name=name,
        event_type=HistoryEventType.EvaluationFailed,
        event_details=EventDetails(evaluationFailedEventDetails=details),
    )
    details["state"] = event.state_name
    details["cause"] = (
        f"An error occurred while executing the state '{event.state_name}' "
        f"(entered at the event id #{event.source_event_id}). {cause}"
    )
    return EvaluationFailure(event)


def record(env: Any, failed: FailureEventException) -> None:
    """Add the event of a failure that no retrier and no catcher has seen."""
    env.event_manager.add_event(
        context=env.event_history_context,
        event_type=failed.failure_event.event_type,
        event_details=failed.failure_event.event_details,
    )


def catch(state: Any, env: Any, failed: EvaluationFailure) -> None:
    """Have the state's catchers see a failure of its Output; raises it again when none takes it."""
    record(env, failed)
    error = state._construct_error_output_value(failed.failure_event)
    env.states.set_error_output(error)
    state._handle_catch(env, failed.failure_event)
    if env.stack[-1] != CatchOutcome.Caught:
        raise FailureEventException(failed.failure_event)


class Scope:
    """The variables of an expression by their names; null-free forms of large values are made once."""

    def __init__(self, expression: str, env: Any) -> None:
        self._parts = parse(expression).states
        self._env = env

    def __call__(self, name: str) -> Any:
        if name == "states":
            return self._states()
        store = self._env.variable_store
        for scope in (store._inner_scope, store._outer_scope):
            if name in scope:
                return _bound_once(store, name, scope[name])
        return None

    def _states(self) -> dict[str, Any]:
        states = self._env.states
        data = states._states_data
        found = {}
        for part in self._parts or data.keys():
            if part == "context":
                found[part] = self._context(states)
            elif part in data:
                found[part] = _bound_once(states, part, data[part])
        return found

    @staticmethod
    def _context(states: Any) -> dict[str, Any]:
        context = dict(states.context_object.context_object_data)
        execution = dict(context.pop("Execution"))
        given = _bound_once(states, "Execution.Input", execution.pop("Input"))
        return {"Execution": {**bound(execution), "Input": given}, **bound(context)}


def _bound_once(holder: Any, name: str, value: Any) -> Any:
    """`bound(value)`, made anew only when `holder` has another value of that name: moto replaces values."""
    if not isinstance(value, dict | list):
        return bound(value)
    kept = holder.__dict__.setdefault("_bound", {})
    if name not in kept or kept[name][0] is not value:
        kept[name] = (value, bound(value))
    return kept[name][1]
