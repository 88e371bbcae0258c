"""Step Functions: activities are created once and deleted at most once, as often as that is asked for.

API reference: CreateActivity is idempotent by name; DeleteActivity knows no error for what does not exist.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.core.responses import error_response_json, get_account_id, get_region, json_response
from ministack.services import stepfunctions

from local.errors import ApiError
from local.states import arns
from local.states.requests import name_in, required

PRIVATE = (
    "ministack.services.stepfunctions:_activities",
    "ministack.services.stepfunctions:_create_activity",
    "ministack.services.stepfunctions:_delete_activity",
    "ministack.services.stepfunctions:_describe_activity",
)
Operation = Callable[[dict[str, Any]], Any]


def apply() -> None:
    """Put checks in front of the emulator's operations."""
    stepfunctions._create_activity = checked(existing, stepfunctions._create_activity)
    stepfunctions._delete_activity = checked(nothing_to_delete, stepfunctions._delete_activity)
    stepfunctions._describe_activity = checked(refuse_unknown, stepfunctions._describe_activity)


def checked(check: Callable[[dict[str, Any]], dict[str, Any] | None], operation: Operation) -> Operation:
    """The operation, unless the check has an answer or raises ApiError."""

    def handle(request: dict[str, Any]) -> Any:
        try:
            answer = check(request)
        except ApiError as error:
            return error_response_json(error.code, error.message, error.status)
        return operation(request) if answer is None else json_response(answer)

    return handle


def existing(request: dict[str, Any]) -> dict[str, Any] | None:
    """The activity of this name, if there is one. ApiError InvalidName."""
    required(request, "name")
    arn = f"arn:aws:states:{get_region()}:{get_account_id()}:activity:{name_in(request)}"
    activity = stepfunctions._activities.get(arn)
    return {"activityArn": arn, "creationDate": activity["creationDate"]} if activity else None


def nothing_to_delete(request: dict[str, Any]) -> dict[str, Any] | None:
    """An empty answer for an activity that does not exist. ApiError InvalidArn."""
    return None if _arn_of(request) in stepfunctions._activities else {}


def refuse_unknown(request: dict[str, Any]) -> None:
    """ApiError InvalidArn, ActivityDoesNotExist."""
    arn = _arn_of(request)
    if arn not in stepfunctions._activities:
        raise ApiError("ActivityDoesNotExist", f"Activity Does Not Exist: '{arn}'")


def _arn_of(request: dict[str, Any]) -> str:
    return arns.parsed(required(request, "activityArn"), "activity").text
