"""Fields of a model.json that nobody relies on: of the wrong type is as good as missing."""

from __future__ import annotations

from math import isfinite
from typing import Any


def as_object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def as_number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:  # a whole number of more than 308 digits
        return None
    return number if isfinite(number) else None


def as_share(value: object) -> float | None:
    """A number from 0 to 1."""
    number = as_number(value)
    return number if number is not None and 0 <= number <= 1 else None


def as_numbers(values: object) -> tuple[float, ...] | None:
    if not isinstance(values, list) or not values:
        return None
    numbers = tuple(number for value in values if (number := as_number(value)) is not None)
    return numbers if len(numbers) == len(values) else None


def as_count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
