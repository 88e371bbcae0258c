"""The monitor function of a stage: what it was deployed with, and a run of it by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from contracts.names import function_log_group
from contracts.outputs import MONITOR
from lambda_src.core.errors import InvalidConfiguration
from operations.aws.deployment import Deployment, deploy_command
from operations.aws.errors import OperationError, error_code
from reports.monitor.environment import MonitorEnvironment

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

LONGEST_RUN = 900
"""Seconds that a function may take at most."""


def lambda_client() -> LambdaClient:
    """Waits for a whole run and asks for none twice."""
    config = Config(read_timeout=LONGEST_RUN + 10, tcp_keepalive=True, retries={"total_max_attempts": 1})
    return boto3.client("lambda", config=config)


def monitor_function(deployment: Deployment) -> str:
    """Name of the stage's monitor function."""
    return deployment.outputs.get(MONITOR) or deployment.names.monitor


def monitor_settings(deployment: Deployment, functions: LambdaClient) -> MonitorEnvironment:
    """What the stage's monitor watches, and its limits. Raises OperationError where there is no monitor."""
    name = monitor_function(deployment)
    try:
        configuration = functions.get_function_configuration(FunctionName=name)
    except ClientError as error:
        if error_code(error) != "ResourceNotFoundException":
            raise
        raise _no_monitor(deployment) from error
    try:
        return MonitorEnvironment.read(configuration.get("Environment", {}).get("Variables", {}))
    except InvalidConfiguration as error:
        raise OperationError(
            f"The function {name} was deployed by another version: {error} "
            f"({deploy_command(deployment.stage)})."
        ) from error


def invoke_monitor(functions: LambdaClient, deployment: Deployment) -> tuple[dict[str, Any], str]:
    """What the monitor answers; or nothing, and why it failed. Raises OperationError where there is none."""
    name = monitor_function(deployment)
    try:
        said = functions.invoke(FunctionName=name, Payload=b"{}")
    except ClientError as error:
        if error_code(error) == "ResourceNotFoundException":
            raise _no_monitor(deployment) from error
        if error_code(error) == "TooManyRequestsException":
            raise OperationError(
                f"{name} runs already, by its schedule or by hand: wait for its end."
            ) from error
        raise
    answer = _answer(said["Payload"].read())
    if "FunctionError" not in said:
        return answer, ""
    log = f"Its log: aws logs tail {function_log_group(name)}"
    message = answer.get("errorMessage") or answer
    return {}, f"{answer.get('errorType') or said['FunctionError']}: {message}. {log}"


def _no_monitor(deployment: Deployment) -> OperationError:
    """What to say where a stage has no monitor function."""
    return OperationError(
        f"There is no function {monitor_function(deployment)} in {deployment}: its monitoring stack is not "
        f"deployed. Deploy it: {deploy_command(deployment.stage)}"
    )


def _answer(payload: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(payload)
    except ValueError:
        return {"errorMessage": payload.decode("utf-8", "replace")}
    return answer if isinstance(answer, dict) else {}
