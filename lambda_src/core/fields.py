"""Fields of the JSON objects that functions are handed, read one by one: a state's input can be edited."""

from __future__ import annotations

from typing import Any, TypeGuard

from lambda_src.core.errors import InvalidInput
from lambda_src.core.excerpt import excerpt
from lambda_src.core.limits import MAX_NUMBER


def text_field(fields: dict[str, Any], name: str) -> str:
    """A string, perhaps empty. Raises InvalidInput for anything else."""
    value = fields.get(name)
    if not isinstance(value, str):
        raise InvalidInput(f"{name} must be a string, not {excerpt(value)}")
    return value


def list_field(fields: dict[str, Any], name: str) -> list[Any]:
    """An array of anything. Raises InvalidInput."""
    value = fields.get(name)
    if not isinstance(value, list):
        raise InvalidInput(f"{name} must be an array, not {excerpt(value)}")
    return value


def number_field(fields: dict[str, Any], name: str) -> int:
    """A whole number from 0 to MAX_NUMBER. Raises InvalidInput."""
    value = fields.get(name)
    if not is_number(value):
        raise InvalidInput(f"{name} must be a whole number from 0 to {MAX_NUMBER}, not {excerpt(value)}")
    return value


def is_number(value: object) -> TypeGuard[int]:
    """Whether a value can number an image or a batch: whole, from 0 to MAX_NUMBER."""
    return type(value) is int and 0 <= value <= MAX_NUMBER


def threshold_field(fields: dict[str, Any]) -> float | None:
    """`threshold`; None, the stage's own, where it is null or not there. Raises InvalidInput."""
    value: float | None = fields.get("threshold")
    if value is not None and (problem := threshold_problem(value)):
        raise InvalidInput(f"threshold {problem}")
    return value


def threshold_problem(value: object) -> str | None:
    """What is wrong with the confidence below which a prediction is not kept.

    None for a number from 0 to 1 (NaN and true are no such numbers).
    """
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
        return None
    return f"must be a number from 0 to 1, not {excerpt(value)}"
