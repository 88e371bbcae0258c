"""State machines as they are run: what an ARN means in the emulator's stores."""

from __future__ import annotations

import copy
import random
from typing import Any

from ministack.services import stepfunctions

from loopback_aws.errors import ApiError
from loopback_aws.states.arns import Arn, parsed
from loopback_aws.states.records import Machine


def machine_to_run(arn: str) -> Machine:
    """The machine that an execution of this ARN runs: the latest revision, a version, or the version that
    an alias picks at random by its weights.

    ApiError InvalidArn or StateMachineDoesNotExist; ValidationException for the ARN of a Map state.
    """
    _refuse_map_state(parsed(arn, "stateMachine"))
    if record := stepfunctions._state_machines.get(arn):
        return _machine(record, record)
    if alias := stepfunctions._state_machine_aliases.get(arn):
        version = stepfunctions._state_machine_versions.get(picked(alias["routingConfiguration"]))
        return _version(version, arn, alias=arn)
    return _version(stepfunctions._state_machine_versions.get(arn), arn)


def machine_of_arn(arn: str) -> Machine:
    """The machine that an ARN names, of whatever version; errors as of `machine_to_run`."""
    return machine_to_run(arn)


def forget(arn: str) -> None:
    """Drop a machine with its versions, aliases and tags; nothing when there is none.

    ApiError InvalidArn; ValidationException for the ARN of a Map state
    (docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachine.html).
    """
    _refuse_map_state(parsed(arn, "stateMachine"))
    stores = (stepfunctions._state_machine_versions, stepfunctions._state_machine_aliases)
    for store in stores:
        for qualified in [key for key in list(store) if key.rpartition(":")[0] == arn]:
            store.pop(qualified, None)
    stepfunctions._state_machines.pop(arn, None)
    stepfunctions._tags.pop(arn, None)


def picked(routing: list[dict[str, Any]]) -> str | None:
    """ARN of one of the versions, as often as its weight says."""
    if not routing:
        return None
    weights = [route.get("weight", 100) for route in routing]
    choice: str = random.choices(routing, weights)[0]["stateMachineVersionArn"]
    return choice


def _refuse_map_state(arn: Arn) -> None:
    if "/" in arn.parts[0]:
        message = f"The ARN names a Map state and not a state machine: '{arn.text}'"
        raise ApiError("ValidationException", message)


def _version(version: dict[str, Any] | None, asked: str, alias: str | None = None) -> Machine:
    base = stepfunctions._state_machines.get(version["stateMachineArn"]) if version else None
    if not version or not base:
        raise ApiError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{asked}'")
    return _machine(base, version, version=version["stateMachineVersionArn"], alias=alias)


def _machine(
    base: dict[str, Any], revision: dict[str, Any], version: str | None = None, alias: str | None = None
) -> Machine:
    return Machine(
        arn=base["stateMachineArn"],
        name=base["name"],
        type=base["type"],
        definition=revision["definition"],
        role=revision["roleArn"],
        logging=copy.deepcopy(revision.get("loggingConfiguration") or {"level": "OFF"}),
        version_arn=version,
        alias_arn=alias,
        revision=revision.get("stateMachineRevisionId") or revision.get("revisionId"),
        tracing=copy.deepcopy(revision.get("tracingConfiguration")),
        encryption=copy.deepcopy(revision.get("encryptionConfiguration")),
        updated=base.get("updateDate") or revision.get("creationDate"),
    )
