"""Where in a state an expression stands: `Output/total`, `Choices[1]/Condition`, `Assign/list[0]`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.stepfunctions.parser.asl.component.common.string.string_expression import StringJSONata
from moto.stepfunctions.parser.asl.component.component import Component
from moto.stepfunctions.parser.asl.component.program.program import Program
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField

_LABELS = {
    "AssignDecl": "Assign",
    "CatcherDecl": "Catch[]",
    "Cause": "Cause",
    "ChoiceRule": "Choices[]",
    "ConditionStringJSONata": "Condition",
    "Credentials": "Credentials",
    "Error": "Error",
    "HeartbeatSecondsJSONata": "HeartbeatSeconds",
    "ItemReader": "ItemReader",
    "ItemSelector": "ItemSelector",
    "ItemsArray": "Items",
    "ItemsJSONata": "Items",
    "MaxConcurrencyJSONata": "MaxConcurrency",
    "MaxItemsStringJSONata": "MaxItems",
    "Output": "Output",
    "ReaderConfig": "ReaderConfig",
    "ResultWriter": "ResultWriter",
    "RoleArn": "RoleArn",
    "SecondsJSONata": "Seconds",
    "TimeoutSecondsJSONata": "TimeoutSeconds",
    "Timestamp": "Timestamp",
    "ToleratedFailureCountStringJSONata": "ToleratedFailureCount",
    "ToleratedFailurePercentageStringJSONata": "ToleratedFailurePercentage",
}
"""Class of moto's component -> name of the field; `[]` for one of a list. Arguments have a base class."""
_BINDINGS = (
    "JSONataTemplateBinding",
    "AssignTemplateBindingValue",
    "AssignTemplateBindingStringExpressionSimple",
)


def locate(state: Any) -> None:
    """Tell each expression of a state the path of its field; done once for a parsed state."""
    if not getattr(state, "located", False):
        for expression, location in _expressions(vars(state), ""):
            expression.location = location
        state.located = True


def locate_field(component: Any, path: str) -> None:
    """Tell each expression of a component that it stands in the field `path`; empty: in the state itself."""
    for expression, location in _expressions(component, path):
        expression.location = location.lstrip("/")


def _expressions(value: Any, path: str, index: int | None = None) -> Iterator[tuple[Any, str]]:
    if isinstance(value, StringJSONata):
        yield value, path
    elif isinstance(value, dict):
        for name, member in list(value.items()):  # other executions of the state may mark it meanwhile
            yield from _expressions(member, path) if name != "continue_with" else ()
    elif isinstance(value, list):
        for number, member in enumerate(value):
            yield from _expressions(member, path, number)
    elif isinstance(value, Component) and not isinstance(value, Program | CommonStateField):
        yield from _expressions(vars(value), _path_of(value, path, index))


def _path_of(component: Any, path: str, index: int | None) -> str:
    """The path of a component inside its state, from the path of what it is part of."""
    kind = type(component).__name__
    bases = {base.__name__ for base in type(component).__mro__}
    label = "Arguments" if "Arguments" in bases else _LABELS.get(kind)
    if label:
        return f"{path}/{label}".lstrip("/").replace("[]", f"[{index}]")
    if kind in _BINDINGS:
        return f"{path}/{component.identifier}"
    if index is not None and kind.startswith(("JSONataTemplateValue", "AssignTemplateValue")):
        return f"{path}[{index}]"
    return path
