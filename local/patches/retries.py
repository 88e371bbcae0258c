"""Step Functions: the longest pause and the jitter of a Retry, which the emulator ignores."""

from __future__ import annotations

import random
from typing import Any

from ministack.services import stepfunctions

PRIVATE = ("ministack.services.stepfunctions:_find_matching_retrier",)


def apply() -> None:
    """Wrap the choice of a Retry: what is handed on has the pause worked out already."""
    find = stepfunctions._find_matching_retrier

    def find_matching_retrier(
        retriers: list[dict[str, Any]], error: str, counts: dict[int, int]
    ) -> tuple[dict[str, Any] | None, int]:
        retrier, index = find(retriers, error, counts)
        if retrier is None:
            return None, index
        return {"IntervalSeconds": pause(retrier, counts.get(index, 0)), "BackoffRate": 1.0}, index

    stepfunctions._find_matching_retrier = find_matching_retrier


def pause(retrier: dict[str, Any], attempts: int) -> float:
    """Seconds before the next attempt after `attempts` retries."""
    seconds: float = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** attempts
    seconds = min(seconds, retrier.get("MaxDelaySeconds", seconds))
    return random.uniform(0, seconds) if retrier.get("JitterStrategy") == "FULL" else seconds
