"""The monitor function of a stage: its name, and what it was deployed with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from lambda_src.core.errors import InvalidConfiguration
from operations.aws.deployment import PROJECT, Deployment, deploy_command
from operations.aws.errors import error_code
from operations.operation_error import OperationError
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
    return deployment.outputs.get("MonitorFunctionName") or f"{PROJECT}-{deployment.stage}-monitor"


def monitor_settings(deployment: Deployment, functions: LambdaClient) -> MonitorEnvironment:
    """What the stage's monitor watches, and its limits. Raises OperationError where there is no monitor."""
    name = monitor_function(deployment)
    try:
        configuration = functions.get_function_configuration(FunctionName=name)
    except ClientError as error:
        if error_code(error) != "ResourceNotFoundException":
            raise
        raise no_monitor(deployment) from error
    try:
        return MonitorEnvironment.read(configuration.get("Environment", {}).get("Variables", {}))
    except InvalidConfiguration as error:
        raise OperationError(
            f"The function {name} was deployed by another version: {error} "
            f"({deploy_command(deployment.stage)})."
        ) from error


def no_monitor(deployment: Deployment) -> OperationError:
    """What to say where a stage has no monitor function."""
    return OperationError(
        f"There is no function {monitor_function(deployment)} in {deployment}: its monitoring stack is not "
        f"deployed. Deploy it: {deploy_command(deployment.stage)}"
    )
