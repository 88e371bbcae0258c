"""Comparisons of Choice rules (https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.state.choice.comparison.operator.factory import OperatorFactory
from moto.stepfunctions.parser.asl.utils.json_path import NoSuchJsonPathError

from loopback_aws.states.data.jsonpath.data_flow import failed, variable_of
from loopback_aws.states.data.jsonpath.paths import extract

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def timestamp(text: Any) -> datetime | None:
    """The moment of a timestamp in RFC 3339 with upper-case T and Z; None for anything else."""
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def matches(text: Any, pattern: Any) -> bool:
    """StringMatches: `*` is any text, `\\*` an asterisk and `\\\\` a backslash."""
    if not isinstance(text, str) or not isinstance(pattern, str):
        return False
    parts = re.findall(r"\\.|\*|[^\\*]+|\\", pattern, re.DOTALL)
    expression = "".join(".*" if part == "*" else re.escape(_literal(part)) for part in parts)
    return re.fullmatch(expression, text, re.DOTALL) is not None


def _literal(part: str) -> str:
    return part[1] if len(part) == 2 and part[0] == "\\" and part[1] in "*\\" else part


def push_comparison(component: Any, env: Any) -> None:
    """Compare a Choice rule's variable, which only IsPresent may find missing."""
    component.variable.eval(env)
    function = component.comparison_function
    if type(env.stack[-1]).__name__ == "NoSuchVariable" and function.operator_type.name != "IsPresent":
        raise _no_value(env, component.variable.string_sampler.literal_value)
    try:
        _compare(function, env)
    except NoSuchJsonPathError as error:
        raise _no_value(env, error.json_path) from None
    except TypeError:
        raise _no_value(env, _other_path(function) or str(function.value)) from None


def _compare(function: Any, env: Any) -> None:
    """Replace the variable on the stack by whether the comparison holds.

    moto's operators read their other side from what lies below the variable. For another variable it has the
    two sides the wrong way round, and it does not know the context object.
    """
    path = _other_path(function)
    if path is None:
        function.eval(env)
        return
    if path.startswith("$$"):
        other = extract(path[1:], env.states.context_object.context_object_data)
    else:
        other = variable_of(path, env)
    variable = env.stack.pop()
    env.stack += [other, variable]
    OperatorFactory.get(function.operator_type).eval(env=env, value="$")
    holds = env.stack.pop()
    env.stack[-1] = holds


def _other_path(function: Any) -> str | None:
    """The path of a comparison's other side when it leads to a variable or into the context object."""
    sample = getattr(function, "string_variable_sample", None)
    if sample is not None:
        return str(sample.expression)
    value = function.value
    named = function.operator_type.name.endswith("Path")
    return value if named and isinstance(value, str) and value.startswith("$$") else None


def _no_value(env: Any, path: str) -> FailureEventException:
    cause = f"Invalid path '{path}': The choice state's condition path references an invalid value."
    return failed(env, StatesErrorNameType.StatesRuntime, cause)
