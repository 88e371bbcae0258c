"""ValidateStateMachineDefinition."""

from __future__ import annotations

from typing import Any

from loopback_aws.errors import ApiError
from loopback_aws.states.definitions.check import diagnose

MOST_RESULTS = 100
LONGEST = 1_048_576
"""Characters of a definition: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html."""


def validate(request: dict[str, Any]) -> dict[str, Any]:
    """The answer to a request in the API's form; ApiError (ValidationException) when it has none.

    https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html
    """
    text, most = request.get("definition"), request.get("maxResults") or MOST_RESULTS
    check_length(text)
    severity, machine_type = request.get("severity", "ERROR"), request.get("type", "STANDARD")
    _check_choice("severity", severity, ("ERROR", "WARNING"))
    _check_choice("type", machine_type, ("EXPRESS", "STANDARD"))
    if not isinstance(most, int) or not 0 <= most <= MOST_RESULTS:
        raise _invalid("maxResults", str(most), f"have value less than or equal to {MOST_RESULTS}")
    found = diagnose(text or "", machine_type)
    failed = any(problem.severity == "ERROR" for problem in found)
    listed = [problem.as_answer() for problem in found if problem.severity in ("ERROR", severity)]
    return {
        "result": "FAIL" if failed else "OK",
        "diagnostics": listed[:most],
        "truncated": len(listed) > most,
    }


def check_length(text: Any) -> None:
    """Raise ApiError for a definition that no operation takes: none, or more than 1 MiB."""
    if not isinstance(text, str):
        raise _invalid("definition", "null", "not be null")
    if len(text) > LONGEST:
        raise ApiError(
            "ValidationException",
            "1 validation error detected: Value at 'definition' failed to satisfy constraint: "
            f"Member must have length less than or equal to {LONGEST}",
        )


def _check_choice(name: str, value: Any, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise _invalid(name, str(value), f"satisfy enum value set: [{', '.join(allowed)}]")


def _invalid(name: str, value: str, constraint: str) -> ApiError:
    return ApiError(
        "ValidationException",
        f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: "
        f"Member must {constraint}",
    )
