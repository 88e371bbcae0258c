"""Revisions of a state machine: a new one with each change, a version of each at most.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-state-machine-version.html
"""

from __future__ import annotations

import copy
import json
from typing import Any

from ministack.services import stepfunctions

from loopback_aws.errors import ApiError
from loopback_aws.states.api.answers import known
from loopback_aws.states.definitions.references import variable_references

INITIAL = "INITIAL"
"""Revision of a machine that was not changed since it was made: may be named to publish it, is not told."""
COMPARED = ("roleArn", "loggingConfiguration", "tracingConfiguration", "encryptionConfiguration")
"""What makes a revision, beside the definition."""
NOT_TRACED = {"enabled": False}

Record = dict[str, Any]
"""A machine, or a version of it, in the emulator's store."""


def told(revision: str | None) -> str | None:
    """A revision id as answers have it; None for the initial one."""
    return None if revision in (None, "", INITIAL) else revision


def made(machine: Record, request: dict[str, Any]) -> None:
    """Complete the record of a machine that CreateStateMachine, or a template, has just made."""
    machine["revisionId"] = INITIAL
    machine["tracingConfiguration"] = request.get("tracingConfiguration") or dict(NOT_TRACED)
    for version in versions(machine):
        version["stateMachineRevisionId"] = INITIAL
        version["tracingConfiguration"] = machine["tracingConfiguration"]


def before(machine: Record) -> Record:
    """What UpdateStateMachine may change, as it is before."""
    return copy.deepcopy(machine)


def changed(machine: Record, old: Record, request: dict[str, Any]) -> None:
    """Complete the record of a machine after UpdateStateMachine: what is as it was is the same revision."""
    if tracing := request.get("tracingConfiguration"):
        machine["tracingConfiguration"] = tracing
    same = json.loads(machine["definition"]) == json.loads(old["definition"])
    if same and all(machine.get(name) == old.get(name) for name in COMPARED):
        machine["revisionId"] = old.get("revisionId")


def published(machine: Record, revision: str | None) -> Record | None:
    """The version that there is already of the machine's revision; None when it is to be made.

    ApiError ConflictException when `revision` is given and is another one.
    """
    current = machine.get("revisionId") or INITIAL
    if revision and revision != current:
        raise ApiError(
            "ConflictException",
            f"Failed to publish the State Machine version for revision {revision}. "
            f"The current State Machine revision is {current}.",
        )
    return next(
        (v for v in versions(machine) if (v.get("stateMachineRevisionId") or INITIAL) == current), None
    )


def versions(machine: Record) -> list[Record]:
    """Versions of a machine, oldest first."""
    arn = machine["stateMachineArn"]
    return [v for v in stepfunctions._state_machine_versions.values() if v["stateMachineArn"] == arn]


def check_description(request: dict[str, Any]) -> None:
    """ApiError ValidationException for a description of a version that is not to be published."""
    if request.get("versionDescription") and not request.get("publish"):
        raise ApiError("ValidationException", "Version description can only be set when publish is true")


def described(answer: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    """The emulator's answer to DescribeStateMachine as AWS gives it.

    docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachine.html
    """
    version = stepfunctions._state_machine_versions.get(answer["stateMachineArn"]) or {}
    answer = answer | {
        "revisionId": told(answer.get("revisionId")),
        "description": answer.get("description") or None,
        "tracingConfiguration": answer.get("tracingConfiguration")
        or version.get("tracingConfiguration")
        or NOT_TRACED,
        "variableReferences": variable_references(answer["definition"]) or None,
    }
    if request.get("includedData") == "METADATA_ONLY":
        answer |= {"definition": "{}", "variableReferences": None}
    return known(answer)
