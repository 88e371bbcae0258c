"""Rules of a Choice state: comparisons of JSONPath, conditions of JSONata."""

from __future__ import annotations

from collections.abc import Iterator

from loopback_aws.states.definitions.diagnostics import Diagnostic
from loopback_aws.states.definitions.paths import path, payload, template
from loopback_aws.states.definitions.shapes import Check, Shape, Value
from loopback_aws.states.definitions.values import anything, boolean, decimal, each, text, timestamp

_ORDERS = ("Equals", "GreaterThan", "GreaterThanEquals", "LessThan", "LessThanEquals")
_number = decimal(float("-inf"))
COMPARISONS: dict[str, Check] = {
    **{f"String{order}": text for order in _ORDERS},
    **{f"Numeric{order}": _number for order in _ORDERS},
    **{f"Timestamp{order}": timestamp for order in _ORDERS},
    "BooleanEquals": boolean,
    "StringMatches": text,
    **{f"Is{kind}": boolean for kind in ("Null", "Present", "Numeric", "String", "Boolean", "Timestamp")},
}
COMPARISONS |= {f"{name}Path": path for name in tuple(COMPARISONS) if not name.startswith(("Is", "StringM"))}
LOGIC = ("And", "Or", "Not")


def rule(value: Value) -> Iterator[Diagnostic]:
    """A rule of `Choices`: where it leads, and when."""
    if value.language == "JSONata":
        yield from _CONDITION(value)
    else:
        yield from _test(value, next_state=True)


def _inner_rule(value: Value) -> Iterator[Diagnostic]:
    """A rule within And, Or, Not: it leads nowhere itself."""
    yield from _test(value, next_state=False)


def _test(value: Value, *, next_state: bool) -> Iterator[Diagnostic]:
    names = value.of if isinstance(value.of, dict) else {}
    comparing = any(name in COMPARISONS for name in names)
    leading: dict[str, Check] = {"Next": text, "Assign": template} if next_state else {}
    shape = Shape(
        fields={"Comment": anything, **leading},
        jsonpath={
            "Variable": path,
            **COMPARISONS,
            "And": each(_inner_rule, empty=False),
            "Or": each(_inner_rule, empty=False),
            "Not": _inner_rule,
        },
        jsonata={"Condition": boolean, "Output": payload},
        required=(("Next",) if next_state else ()) + (("Variable",) if comparing else ()),
        one_of=((*LOGIC, *COMPARISONS),),
        needs_one_of=() if comparing else ((*LOGIC, "Variable"),),
    )
    yield from shape(value)
    if "Variable" in names and not comparing:
        yield from value.problem("There should be a comparison operator for 'Variable'")


_CONDITION = Shape(
    fields={"Comment": anything, "Next": text, "Assign": template},
    jsonata={"Condition": boolean, "Output": payload},
    jsonpath={"Variable": anything, **dict.fromkeys((*COMPARISONS, *LOGIC), anything)},
    required=("Next", "Condition"),
)
