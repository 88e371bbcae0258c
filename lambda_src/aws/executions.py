"""Starting executions of one state machine, each name once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lambda_src.aws.client import aws_client
from lambda_src.aws.inbox_errors import named_errors

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

READ_TIMEOUT_SECONDS = 10


class StateMachine:
    """A Standard state machine by its ARN."""

    def __init__(self, arn: str) -> None:
        self._arn = arn
        self._states: SFNClient = aws_client("stepfunctions", READ_TIMEOUT_SECONDS)

    def start(self, name: str, given: dict[str, Any]) -> None:
        """Start the execution of this name, unless it has been; raises what `named_errors` names.

        Step Functions answers a start of the same name and input with the execution that runs, and one of a
        name that has ended, within 90 days, with ExecutionAlreadyExists.
        """
        with named_errors("Step Functions", f"the execution {name}"):
            try:
                self._states.start_execution(stateMachineArn=self._arn, name=name, input=json.dumps(given))
            except self._states.exceptions.ExecutionAlreadyExists:
                return
