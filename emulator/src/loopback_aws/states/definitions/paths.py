"""JSONPath: paths, reference paths, and payload templates whose `name.$` fields hold one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from loopback_aws.states.definitions.diagnostics import Diagnostic
from loopback_aws.states.definitions.shapes import Check, Value

QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
OPERATORS = re.compile(r"\.\.|[@,:?*]")
"""What a reference path must not have, being the place of a single value."""


def path(value: Value) -> Iterator[Diagnostic]:
    """Into the input, a variable or the context object; null takes nothing."""
    if value.of is not None and not is_path(value.of):
        yield from value.problem("Value must be a valid JSONPath.")


def path_or_function(value: Value) -> Iterator[Diagnostic]:
    if not is_path(value.of) and not is_function(value.of):
        yield from value.problem("Value must be a valid JSONPath or a valid intrinsic function call")


def reference_path(*, context: bool = True) -> Check:
    """A path to one value; `context` says whether it may lead into the context object (`$$`)."""

    def check(value: Value) -> Iterator[Diagnostic]:
        if not is_path(value.of) or _is_ambiguous(value.of) or (value.of.startswith("$$") and not context):
            yield from value.problem("Value is not a Reference Path")

    return check


def result_path(value: Value) -> Iterator[Diagnostic]:
    """Where a result goes; null drops it."""
    if value.of is not None:
        yield from reference_path(context=False)(value)


def template(value: Value) -> Iterator[Diagnostic]:
    """A payload template: an object (of JSONata: any value), evaluated by its language."""
    if value.language == "JSONPath":
        if not isinstance(value.of, dict):
            yield from value.problem("Expected value of type Object")
        yield from _fields(value.of, value)


def payload(value: Value) -> Iterator[Diagnostic]:
    """Like a template, but any JSON value may stand at its top."""
    if value.language == "JSONPath":
        yield from _fields(value.of, value)


def is_path(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("$")


def is_function(value: Any) -> bool:
    """Whether it is a call of an intrinsic function."""
    return isinstance(value, str) and value.startswith("States.") and value.endswith(")")


def _is_ambiguous(path: str) -> bool:
    return OPERATORS.search(QUOTED.sub("", path)) is not None


def _fields(node: Any, value: Value) -> Iterator[Diagnostic]:
    if isinstance(node, dict):
        for name, inner in node.items():
            if name.endswith(".$"):
                if not is_path(inner) and not is_function(inner):
                    yield from value.problem(
                        f"The value for the field '{name}' must be a valid JSONPath "
                        "or a valid intrinsic function call"
                    )
            else:
                yield from _fields(inner, value)
    elif isinstance(node, list):
        for inner in node:
            yield from _fields(inner, value)
