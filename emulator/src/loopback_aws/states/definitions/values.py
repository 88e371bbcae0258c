"""Checks of single values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from loopback_aws.states.definitions.diagnostics import Diagnostic
from loopback_aws.states.definitions.shapes import Check, Value

TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
"""The profile of ISO 8601 in RFC 3339, with an upper-case T and Z."""


def anything(value: Value) -> Iterator[Diagnostic]:  # noqa: ARG001 - has the form of all checks
    yield from ()


def text(value: Value) -> Iterator[Diagnostic]:
    if not isinstance(value.of, str):
        yield from value.problem("Expected value of type String")


def boolean(value: Value) -> Iterator[Diagnostic]:
    if not isinstance(value.of, bool) and not value.is_expression:
        yield from value.problem("Expected value of type Boolean")


def structure(value: Value) -> Iterator[Diagnostic]:
    if not isinstance(value.of, dict) and not value.is_expression:
        yield from value.problem("Expected value of type Object")


def timestamp(value: Value) -> Iterator[Diagnostic]:
    if value.is_expression:
        return
    if not isinstance(value.of, str) or not TIMESTAMP.fullmatch(value.of):
        yield from value.problem("Value must be a timestamp of the RFC3339 profile of ISO 8601")


def whole(minimum: int, maximum: int | None = None) -> Check:
    """A whole number within the bounds."""

    def check(value: Value) -> Iterator[Diagnostic]:
        if not value.is_expression:
            yield from _number(value, "Integer", minimum, maximum)

    return check


def decimal(minimum: float, maximum: float | None = None) -> Check:
    """A number within the bounds."""

    def check(value: Value) -> Iterator[Diagnostic]:
        if not value.is_expression:
            yield from _number(value, "Number", minimum, maximum)

    return check


def one_of(*allowed: str, expressions: bool = False) -> Check:
    """One of the words; `expressions` says whether one of JSONata may give it."""

    def check(value: Value) -> Iterator[Diagnostic]:
        if value.of not in allowed and not (expressions and value.is_expression):
            yield from value.problem(f"Value is not valid. It must be one of: [{', '.join(allowed)}]")

    return check


def each(check: Check, *, empty: bool = True) -> Check:
    """An array whose elements all pass; `empty` says whether it may have none."""

    def check_all(value: Value) -> Iterator[Diagnostic]:
        if not isinstance(value.of, list):
            yield from value.problem("Expected value of type Array")
        elif not value.of and not empty:
            yield from value.problem("Array must have at least one element")
        else:
            for index in range(len(value.of)):
                yield from check(value.at(index))

    return check_all


def _number(value: Value, kind: str, minimum: float, maximum: float | None) -> Iterator[Diagnostic]:
    if not _is_number(value.of, kind):
        yield from value.problem(f"Expected value of type {kind}")
    elif value.of < minimum:
        yield from value.problem(f"Minimum value is {minimum}")
    elif maximum is not None and value.of > maximum:
        yield from value.problem(f"Maximum value is {maximum}")


def _is_number(value: Any, kind: str) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return kind == "Number" or float(value).is_integer()
