"""Executions of the two machines: their names, how they start, and how they end."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from botocore.exceptions import ClientError

from lambda_src.core.excerpt import one_line
from lambda_src.core.limits import MAX_STATE_BYTES
from operations.aws.errors import OperationError, error_code
from reports.history.descriptions import json_object
from reports.history.executions import execution_arn

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_stepfunctions.type_defs import DescribeExecutionOutputTypeDef

    from operations.aws.deployment import Deployment

Kind = Literal["image", "batch"]
RUNNING = ("RUNNING", "PENDING_REDRIVE")
SUCCEEDED = "SUCCEEDED"
NOT_SUCCEEDED = ("FAILED", "TIMED_OUT", "ABORTED")
_SHOWN_CAUSE = 2_000


class Execution(NamedTuple):
    """An execution of one of the stage's machines."""

    kind: Kind
    arn: str
    name: str
    description: DescribeExecutionOutputTypeDef

    @property
    def status(self) -> str:
        return self.description["status"]

    @property
    def given(self) -> dict[str, Any]:
        """Its input; empty where it is no object or may not be seen."""
        return json_object(self.description.get("input"))


class Failure(NamedTuple):
    """Why an execution did not succeed: a name, and a sentence."""

    error: str
    cause: str


def fresh_name(kind: str) -> str:
    """A name that sorts by time and that nobody else has: `batch-20261120T091500Z-3f9a2c1b`."""
    return f"{kind}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


def start_execution(stepfunctions: SFNClient, machine: str, name: str, given: Mapping[str, Any]) -> str:
    """Start an execution; its ARN. The name makes a repeated call start nothing twice."""
    text = json.dumps(given)
    if len(text) > MAX_STATE_BYTES:
        raise OperationError(
            f"The input of an execution has at most {MAX_STATE_BYTES:,} bytes; this one has {len(text):,}."
        )
    return stepfunctions.start_execution(stateMachineArn=machine, name=name, input=text)["executionArn"]


def execution_name(arn: str) -> str:
    """The last part of an execution's ARN."""
    return arn.rpartition(":")[2]


def find_execution(stepfunctions: SFNClient, deployment: Deployment, execution: str) -> Execution:
    """The execution of this name or ARN, of either machine. Raises OperationError where there is none."""
    machines: dict[Kind, str] = {"batch": deployment.batch_state_machine, "image": deployment.state_machine}
    for kind, machine in machines.items():
        prefix = execution_arn(machine, "")
        if ":" in execution and not execution.startswith(prefix):
            continue
        name = execution.removeprefix(prefix)
        try:
            description = stepfunctions.describe_execution(executionArn=prefix + name)
        except ClientError as error:
            if not _is_missing(error):
                raise
            continue
        return Execution(kind, prefix + name, name, description)
    raise OperationError(
        f"There is no execution {execution!r} in {deployment}. `scones executions` lists the recent ones; "
        "Step Functions forgets them 90 days after their end."
    )


def failure(description: Mapping[str, Any]) -> Failure:
    """Error and cause of an execution, of a function's error the sentence in it."""
    status = str(description.get("status", ""))
    error = description.get("error") or {"TIMED_OUT": "States.Timeout", "ABORTED": "Aborted"}.get(
        status, status
    )
    said = {"TIMED_OUT": "it ran out of time", "ABORTED": "somebody stopped it"}
    cause = readable_cause(description.get("cause") or "") or said.get(status, "no cause was given")
    return Failure(error, cause)


def readable_cause(cause: str) -> str:
    """The sentence in what a function raised, else the cause itself, on one line."""
    message = json_object(cause).get("errorMessage")
    return one_line(message or cause, _SHOWN_CAUSE) if cause else ""


def _is_missing(error: ClientError) -> bool:
    return error_code(error) in ("ExecutionDoesNotExist", "InvalidArn", "ValidationException", "InvalidName")
