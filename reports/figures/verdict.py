"""Is it well? One word, one sentence, and the checks that they rest on."""

from __future__ import annotations

from typing import Any

from reports.figures.check_words import ATTENTION, UNKNOWN, WELL, percent
from reports.figures.checks import find_checks
from reports.figures.limits import Limits

_ESSENTIAL = ("captured", "low_confidence", "drift")
"""Without these nothing is known of the model; without executions or labels much still is."""


def find_verdict(numbers: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """The part "verdict" of the numbers, from all other parts."""
    checks = find_checks(numbers, limits)
    states = {check["name"]: check["state"] for check in checks}
    if ATTENTION in states.values():
        state = ATTENTION
        wanting = "; ".join(
            f"{check['label']}: {check['value']}" for check in checks if check["state"] == ATTENTION
        )
        summary = f"Needs attention. {wanting}."
    elif any(states[name] != WELL for name in _ESSENTIAL):
        state, summary = UNKNOWN, _unknown(numbers, limits)
    else:
        state, summary = WELL, _well(numbers, checks)
    return {"state": state, "summary": summary, "checks": checks}


def _unknown(numbers: dict[str, Any], limits: Limits) -> str:
    count = numbers["captured"]["inferences"]
    if not count:
        return "Nothing can be said: no inferences were captured in this time."
    if count < limits.min_inferences:
        return (
            f"Nothing can be said yet: {count:,} of the {limits.min_inferences:,} inferences that it takes."
        )
    return (
        f"{count:,} inferences were captured, but the model's artifact has no complete baseline to judge "
        "them by."
    )


def _well(numbers: dict[str, Any], checks: list[dict[str, Any]]) -> str:
    low = percent(numbers["low_confidence"]["share"])
    value = {check["name"]: check["value"] for check in checks}
    return f"All is well: {value['captured']}, {low} of them of low confidence, no drift."
