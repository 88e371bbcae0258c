"""Numbers as the document writes them: six digits behind the point."""

from __future__ import annotations

from typing import overload

DIGITS = 6


@overload
def rounded(value: float) -> float: ...


@overload
def rounded(value: float | None) -> float | None: ...


def rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)


def share(part: float, whole: float) -> float | None:
    """None of nothing."""
    return rounded(part / whole) if whole else None


def mean(total: int, count: int, unit: int) -> float | None:
    """Of `count` values whose sum is `total` / `unit`; None without any."""
    return rounded(total / unit / count) if count else None
