"""The confidence below which a prediction is not kept."""

from __future__ import annotations

from lambda_src.core.excerpt import excerpt


def threshold_problem(value: object) -> str | None:
    """What is wrong with a threshold; None for a number from 0 to 1 (NaN and true are no such numbers)."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
        return None
    return f"must be a number from 0 to 1, not {excerpt(value)}"
