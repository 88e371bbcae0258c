"""Activities as they are created and listed, in the emulator's store, which CloudFormation reads as well."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import stepfunctions

from loopback_aws.errors import ApiError
from loopback_aws.states import arns
from loopback_aws.states.api import pages
from loopback_aws.states.api.answers import known, seconds
from loopback_aws.states.api.requests import name_in, required
from loopback_aws.states.records import now

OWN_KEY = {"type": "AWS_OWNED_KEY"}
"""EncryptionConfiguration of what does not say."""


def create(request: dict[str, Any]) -> dict[str, Any]:
    """CreateActivity; one of the name that exists is the answer, whatever its tags.

    ApiError InvalidName; ActivityAlreadyExists when its encryption differs
    (docs.aws.amazon.com/step-functions/latest/apireference/API_CreateActivity.html).
    """
    required(request, "name")
    arn = f"arn:aws:states:{get_region()}:{get_account_id()}:activity:{name_in(request)}"
    encryption = request.get("encryptionConfiguration") or OWN_KEY
    record = stepfunctions._activities.get(arn)
    if record is None:
        record = {"activityArn": arn, "name": request["name"], "creationDate": now().isoformat()}
        stepfunctions._activities[arn] = record | {"encryptionConfiguration": encryption}
        stepfunctions._tags[arn] = list(request.get("tags") or [])
    elif record.get("encryptionConfiguration", OWN_KEY) != encryption:
        raise ApiError(
            "ActivityAlreadyExists",
            f"Activity Already Exists: '{arn}'. EncryptionConfiguration may not be updated.",
        )
    return {"activityArn": arn, "creationDate": _created(record)}


def delete(request: dict[str, Any]) -> dict[str, Any]:
    """DeleteActivity; nothing happens when there is none. ApiError InvalidArn."""
    arn = arns.parsed(required(request, "activityArn"), "activity").text
    stepfunctions._activities.pop(arn, None)
    stepfunctions._tags.pop(arn, None)
    return {}


def describe(request: dict[str, Any]) -> dict[str, Any]:
    """DescribeActivity. ApiError InvalidArn, ActivityDoesNotExist."""
    arn = arns.parsed(required(request, "activityArn"), "activity").text
    record = stepfunctions._activities.get(arn)
    if record is None:
        raise ApiError("ActivityDoesNotExist", f"Activity Does Not Exist: '{arn}'")
    return _item(record) | {"encryptionConfiguration": record.get("encryptionConfiguration", OWN_KEY)}


def list_page(request: dict[str, Any]) -> dict[str, Any]:
    """ListActivities, in order of their ARNs. ApiError InvalidToken."""
    size, after = pages.size_of(request), pages.place_of(request)
    left = sorted(arn for arn in stepfunctions._activities if after is None or arn > after)
    page = left[:size]
    token = pages.token_for(request, page[-1]) if len(left) > size else None
    return known({"activities": [_item(stepfunctions._activities[arn]) for arn in page], "nextToken": token})


def _item(record: dict[str, Any]) -> dict[str, Any]:
    return {
        "activityArn": record["activityArn"],
        "name": record["name"],
        "creationDate": _created(record),
    }


def _created(record: dict[str, Any]) -> float | None:
    return seconds(datetime.fromisoformat(record["creationDate"]))
