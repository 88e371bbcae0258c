"""What requests that make, change or tag a state machine may say; the emulator takes more than AWS does."""

from __future__ import annotations

import re
from typing import Any

from ministack.services import stepfunctions

from loopback_aws.errors import ApiError
from loopback_aws.states.api.requests import name_in

CHANGES = (
    "definition",
    "encryptionConfiguration",
    "loggingConfiguration",
    "roleArn",
    "tracingConfiguration",
)
"""What UpdateStateMachine can change: it needs one of them."""
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/.+")


def check_creation(request: dict[str, Any]) -> None:
    """ApiError InvalidName, or InvalidArn for a role that is none.

    docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
    """
    name_in(request)
    _check_role(request)


def check_change(request: dict[str, Any]) -> None:
    """ApiError MissingRequiredParameter when nothing is to be changed, or InvalidArn for a role that is none.

    docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateStateMachine.html
    """
    _check_role(request)
    known = request.get("stateMachineArn") in stepfunctions._state_machines
    if known and not any(request.get(member) is not None for member in CHANGES):
        raise ApiError(
            "MissingRequiredParameter",
            "Either the definition, the role ARN, the LoggingConfiguration, the EncryptionConfiguration or "
            "the TracingConfiguration must be specified",
        )


def check_tagged(request: dict[str, Any]) -> None:
    """ApiError ResourceNotFound when there is no machine or activity of this ARN.

    docs.aws.amazon.com/step-functions/latest/apireference/API_TagResource.html
    """
    arn = request.get("resourceArn")
    kind = str(arn).split(":")[5:6]
    stores = {"stateMachine": stepfunctions._state_machines, "activity": stepfunctions._activities}
    if kind and kind[0] in stores and arn not in stores[kind[0]]:
        raise ApiError("ResourceNotFound", f"Resource not found: '{arn}'")


def _check_role(request: dict[str, Any]) -> None:
    role = request.get("roleArn")
    if role is not None and not _ROLE.fullmatch(str(role)):
        raise ApiError("InvalidArn", f"Invalid Role Arn: '{role}'")
