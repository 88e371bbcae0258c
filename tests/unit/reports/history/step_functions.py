"""Executions in moto's Step Functions, of the time and outcome that a test wants."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.stepfunctions.models import Execution, stepfunctions_backends

from tests.aws import Answer, Aws, json_answer
from tests.unit.reports.clients import REGION, client

_STATES = f"arn:aws:states:{REGION}:{DEFAULT_ACCOUNT_ID}"
MACHINES = {
    "image": f"{_STATES}:stateMachine:scones-dev-classify-image",
    "batch": f"{_STATES}:stateMachine:scones-dev-classify-batch",
}
ROLE = f"arn:aws:iam::{DEFAULT_ACCOUNT_ID}:role/states"


def states_error(code: str) -> Answer:
    """A refusal by Step Functions."""
    return json_answer({"__type": code, "message": "as AWS words it"}, 400)


class Executions:
    """What the two machines of a stage ran."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self.client = client("stepfunctions")
        for arn in MACHINES.values():
            self.client.create_state_machine(name=arn.rpartition(":")[2], definition="{}", roleArn=ROLE)

    def add(
        self,
        kind: str,
        name: str,
        started: datetime,
        status: str = "SUCCEEDED",
        *,
        stopped: datetime | None = None,
        error: str | None = None,
        given: Any = None,
    ) -> str:
        """An execution, of one second unless it says otherwise, its input in `given`; its ARN."""
        machine = stepfunctions_backends[DEFAULT_ACCOUNT_ID][REGION].describe_state_machine(MACHINES[kind])
        text = given if isinstance(given, str) else json.dumps(given or {})
        execution = Execution(REGION, DEFAULT_ACCOUNT_ID, machine.name, name, machine.arn, text)
        execution.start_date, execution.status, execution.error = started, status, error
        if status not in ("RUNNING", "PENDING_REDRIVE"):
            execution.stop_date = stopped or started + timedelta(seconds=1)
        machine.executions.append(execution)
        return execution.execution_arn

    @property
    def described(self) -> list[str]:
        """ARNs of the executions that were asked for by themselves."""
        return [json.loads(request.body)["executionArn"] for request in self._aws.calls("DescribeExecution")]

    @property
    def pages(self) -> int:
        """Pages of lists that were asked for."""
        return len(self._aws.calls("ListExecutions"))
