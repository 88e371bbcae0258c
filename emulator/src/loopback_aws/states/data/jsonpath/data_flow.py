"""How states take, choose and place data in JSONPath: paths, variables, functions, results and comparisons.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-input-output-filtering.html and
https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.utils.json_path import NoSuchJsonPathError

from loopback_aws.states.data.jsonpath import intrinsics
from loopback_aws.states.data.jsonpath.paths import copied, extract, parse

ASSIGN_BYTES = 262_144
"""Most bytes of one variable, and of all that one Assign sets (dg/workflow-variables.html)."""
VARIABLES_BYTES = 10 * 1024 * 1024
"""Most bytes of all variables of an execution."""
_VARIABLE = re.compile(r"\$([A-Za-z_]\w*)(.*)", re.DOTALL)


class Entered(dict[str, Any]):
    """The State of the context object, and the event by which the state was entered."""

    event: int


class FatalError(BaseException):
    """States.Runtime, which no retrier and no catcher sees; its cause. Never leaves a state."""


def enter(env: Any) -> None:
    """Make the context object's State as AWS has it, right after the state was entered."""
    context = env.states.context_object.context_object_data
    entered = Entered(context["State"])
    entered["EnteredTime"] = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    entered.event = env.event_history_context.source_event_id
    context["State"] = entered


def reset(states: Any, input_value: Any) -> None:
    """Begin with another input; there is no result yet, and no error."""
    states._states_data["input"] = copied(input_value)
    for name in ("result", "errorOutput"):
        states._states_data.pop(name, None)


def entered_event(env: Any) -> int | None:
    """The number of the event by which the current state was entered."""
    state = env.states.context_object.context_object_data.get("State")
    return state.event if isinstance(state, Entered) else None


def failed(env: Any, kind: StatesErrorNameType, cause: str) -> FailureEventException:
    """What to raise to fail the state with a `States.…` error."""
    details = {"error": kind.to_name(), "cause": cause}
    event = FailureEvent(
        env=env,
        error_name=StatesErrorName(typ=kind),
        event_type=HistoryEventType.TaskFailed,
        event_details=EventDetails(taskFailedEventDetails=details),
    )
    if kind not in (StatesErrorNameType.StatesRuntime, StatesErrorNameType.StatesStatesDataLimitExceeded):
        details["cause"] = where(event) + cause
    return FailureEventException(event)


def where(event: FailureEvent) -> str:
    """The sentence that AWS begins a cause with."""
    return (
        f"An error occurred while executing the state '{event.state_name}' "
        f"(entered at the event id #{event.source_event_id}). "
    )


def not_found(error: NoSuchJsonPathError, field: str | None) -> str:
    """The cause for a path that selects nothing."""
    text = json.dumps(error.data, separators=(",", ":"), ensure_ascii=False, default=str)
    named = getattr(error, "field", None) or field
    return (
        f"The JSONPath '{error.json_path}' specified for the field '{named}' "
        f"could not be found in the input '{text}'"
    )


def push_context(component: Any, env: Any) -> None:
    """Leave what a path into the context object selects on the stack."""
    context = env.states.context_object.context_object_data
    try:
        env.stack.append(copied(extract(component.json_path, context)))
    except NoSuchJsonPathError as error:
        raise NoSuchJsonPathError(json_path=f"${error.json_path}", data=context) from None


def push_variable(component: Any, env: Any) -> None:
    """Leave what `$variable` or `$variable.path` selects on the stack."""
    env.stack.append(copied(variable_of(component.expression, env)))


def push_function(component: Any, env: Any) -> None:
    """Leave the value of an intrinsic function on the stack."""
    source = component.intrinsic_function_derivation
    prefix = f"The function '{source}' had the following error: "
    given = env.stack[-1]

    def look_up(path: str) -> Any:
        if path.startswith("$$"):
            return extract(path[1:], env.states.context_object.context_object_data)
        if _VARIABLE.fullmatch(path):
            return variable_of(path, env)
        return extract(path, given)

    try:
        value = copied(intrinsics.evaluate(intrinsics.parse(source), look_up))
    except NoSuchJsonPathError as error:
        text = json.dumps(error.data, separators=(",", ":"), ensure_ascii=False, default=str)
        missing = f"for the field '{error.json_path}' could not be found in the input '{text}'"
        cause = f"{prefix}The JsonPath argument {missing}"
        raise failed(env, StatesErrorNameType.StatesRuntime, cause) from None
    except (intrinsics.IntrinsicError, ValueError) as error:
        raise failed(env, StatesErrorNameType.StatesIntrinsicFailure, f"{prefix}{error}") from None
    env.stack.append(value)


def variable_of(expression: str, env: Any) -> Any:
    """What `$variable` or `$variable.path` selects."""
    match = _VARIABLE.fullmatch(expression)
    store = env.variable_store
    for scope in (store._inner_scope, store._outer_scope):
        if match and match[1] in scope:
            return extract(f"${match[2]}", scope[match[1]])
    raise NoSuchJsonPathError(json_path=expression, data={**store._outer_scope, **store._inner_scope})


def place_result(component: Any, env: Any) -> None:
    """Put the result, which is on the stack, into the state's input by ResultPath."""
    given = env.states.get_input()
    if component.result_path_src is None:
        env.stack.clear()
        env.stack.append(given)
        return
    result = env.stack.pop()
    try:
        env.stack.append(placed(given, component.result_path_src, copied(result)))
    except LookupError:
        text = json.dumps(given, separators=(",", ":"), ensure_ascii=False)
        cause = f"Unable to apply ReferencePath {component.result_path_src} to input {text}"
        raise failed(env, StatesErrorNameType.StatesResultPathMatchFailure, cause) from None


def placed(given: Any, path: str, value: Any) -> Any:
    """`given` with `value` at a reference path, objects made on the way; LookupError where it cannot be."""
    steps, definite = parse(path)
    if not definite or steps is None:
        raise LookupError(path)
    keys = [key[0] if kind == "names" else key for kind, key in steps]
    return _put(given, keys, value)


def _put(given: Any, keys: list[Any], value: Any) -> Any:
    if not keys:
        return value
    key, *rest = keys
    if isinstance(key, str) and isinstance(given, dict):
        given[key] = _put(given.get(key, {}), rest, value)
    elif isinstance(key, int) and isinstance(given, list):
        given[key] = _put(given[key], rest, value)
    else:
        raise LookupError(key)
    return given


def check_variables(env: Any, before: dict[str, Any]) -> None:
    """Refuse an Assign that sets too much. `before`: the variables before it."""
    store = env.variable_store
    changed = {k: v for k, v in store._inner_scope.items() if before.get(k, store) is not v}
    if _bytes(changed) <= ASSIGN_BYTES // 4 and len(store._inner_scope) + len(store._outer_scope) < 32:
        return  # nothing can be over a limit: each of fewer than 32 variables is at most 256 KiB
    if sum(_bytes(value) for value in changed.values()) > ASSIGN_BYTES:
        problem = f"The variables of one Assign exceed {ASSIGN_BYTES} bytes"
    elif _bytes({**store._outer_scope, **store._inner_scope}) > VARIABLES_BYTES:
        problem = f"The variables of the execution exceed {VARIABLES_BYTES} bytes"
    else:
        return
    raise failed(env, StatesErrorNameType.StatesStatesDataLimitExceeded, problem)


def _bytes(value: Any) -> int:
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass"))
