"""A coarse scale for times, so that those of a second fall together and a metric stays small."""

from __future__ import annotations

import math

_STEP = math.log(1.02)


def rounded(value: float) -> float:
    """`value` within 1 %, on a scale of steps of 2 %; 0 for what is not above 0."""
    return math.exp(round(math.log(value) / _STEP) * _STEP) if value > 0 else 0.0
