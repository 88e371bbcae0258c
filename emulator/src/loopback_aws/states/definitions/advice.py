"""Warnings: values that look like a path where none is evaluated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from loopback_aws.states.definitions.diagnostics import Diagnostic
from loopback_aws.states.definitions.paths import is_function
from loopback_aws.states.definitions.scopes import Scope, State

_TEMPLATES = ("Parameters", "ResultSelector", "ItemSelector", "Assign")
_TEXTS = ("Error", "Cause")


def advice(scope: Scope) -> Iterator[Diagnostic]:
    """Warnings on the JSONPath states directly in a scope."""
    for state in scope.states:
        if state.language == "JSONPath" and isinstance(state.fields, dict):
            yield from _warnings(state)


def _warnings(state: State) -> Iterator[Diagnostic]:
    for name in _TEMPLATES:
        for field, location in _static(state.fields.get(name), f"{state.path}/{name}"):
            yield _warning(
                "NO_DOLLAR",
                f"The field '{field}' appears to be a JSONPath or Intrinsic Function; "
                f"to evaluate it, name it '{field}.$'",
                location,
            )
    for name in _TEXTS:
        if _looks_evaluated(state.fields.get(name)):
            yield _warning(
                "NO_PATH",
                f"The value of '{name}' looks like a path; to evaluate it, use '{name}Path'",
                f"{state.path}/{name}",
            )
    if state.type == "Pass":
        for _, location in _static(state.fields.get("Result"), f"{state.path}/Result", dollars=True):
            message = "The Result of a Pass state is not evaluated; use Parameters"
            yield _warning("PASS_RESULT_IS_STATIC", message, location)


def _static(node: Any, location: str, *, dollars: bool = False) -> Iterator[tuple[str, str]]:
    """Name and place of each text that looks evaluated and is not; `dollars`: not even below `name.$`."""
    if isinstance(node, dict):
        for name, value in node.items():
            if dollars or not name.endswith(".$"):
                yield from _static(value, f"{location}/{name}", dollars=dollars)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _static(value, f"{location}[{index}]", dollars=dollars)
    elif _looks_evaluated(node):
        yield location.rpartition("/")[2], location


def _looks_evaluated(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    return value == "$" or value.startswith(("$.", "$$.", "$[")) or is_function(value)


def _warning(code: str, message: str, location: str) -> Diagnostic:
    return Diagnostic(code=code, message=message, location=location, severity="WARNING")
