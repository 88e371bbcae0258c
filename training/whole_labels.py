"""Labels as lists have them: whole numbers of existing classes, if need be written as 3.0."""

from __future__ import annotations

from math import isfinite


def whole_label(text: str, class_count: int) -> int:
    """The label that `text` says; ValueError says what is wrong with it."""
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"the label {text.strip()[:40]!r} is no number") from None
    if not isfinite(number) or number != int(number):
        raise ValueError(
            f"the label {text.strip()[:40]} is no whole number: labels number the classes from 0 on"
        )
    if not 0 <= number < class_count:
        raise ValueError(
            f"the label is {text.strip()[:40]}, but there are {class_count} classes, 0 to {class_count - 1}"
        )
    return int(number)
