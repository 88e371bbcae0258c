"""Retry and Catch."""

from __future__ import annotations

from collections.abc import Iterator

from loopback_aws.states.definitions.diagnostics import Diagnostic
from loopback_aws.states.definitions.paths import payload, result_path, template
from loopback_aws.states.definitions.shapes import Shape, Value
from loopback_aws.states.definitions.values import anything, decimal, each, one_of, text, whole

LONGEST = 99_999_999
"""Seconds, and attempts: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html."""
_ERRORS = each(text, empty=False)

RETRIER = Shape(
    fields={
        "Comment": anything,
        "ErrorEquals": _ERRORS,
        "IntervalSeconds": whole(1, LONGEST),
        "MaxAttempts": whole(0, LONGEST),
        "BackoffRate": decimal(1.0),
        "MaxDelaySeconds": whole(1, 31_622_399),
        "JitterStrategy": one_of("FULL", "NONE"),
    },
    required=("ErrorEquals",),
)
CATCHER = Shape(
    fields={"Comment": anything, "ErrorEquals": _ERRORS, "Next": text, "Assign": template},
    jsonpath={"ResultPath": result_path},
    jsonata={"Output": payload},
    required=("ErrorEquals", "Next"),
)


def retry(value: Value) -> Iterator[Diagnostic]:
    yield from each(RETRIER)(value)
    yield from _wildcards(value)


def catch(value: Value) -> Iterator[Diagnostic]:
    yield from each(CATCHER)(value)
    yield from _wildcards(value)


def _wildcards(value: Value) -> Iterator[Diagnostic]:
    """States.ALL stands alone in its list, in the last element."""
    given = value.of if isinstance(value.of, list) else []
    for index, item in enumerate(given):
        errors = item.get("ErrorEquals") if isinstance(item, dict) else None
        if not isinstance(errors, list) or "States.ALL" not in errors:
            continue
        if len(errors) > 1 or index + 1 < len(given):
            yield from (
                value.at(index)
                .at("ErrorEquals")
                .problem("States.ALL must appear alone and at the end of the list")
            )
