"""Step Functions in memory: lists and descriptions, as far as a report asks for them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

REGION = "arn:aws:states:eu-west-1:123456789012"
MACHINES = {
    "image": f"{REGION}:stateMachine:scones-dev-classify-image",
    "batch": f"{REGION}:stateMachine:scones-dev-classify-batch",
}


def refusal(operation: str, code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "as AWS words it"}}, operation)


class MemoryStates:
    """Executions by ARN; `throttled` calls of DescribeExecution are refused before the next is answered."""

    def __init__(self, page: int = 3) -> None:
        self.executions: dict[str, dict[str, Any]] = {}
        self.described: list[str] = []
        self.pages = 0
        self.throttled = 0
        self.page = page
        self._lock = threading.Lock()

    def add(self, kind: str, name: str, started: datetime, status: str = "SUCCEEDED", **more: Any) -> str:
        """An execution of one second, its input in `given`; its ARN."""
        machine = MACHINES[kind]
        arn = f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
        given = more.pop("given", {})
        self.executions[arn] = {
            "executionArn": arn,
            "stateMachineArn": machine,
            "name": name,
            "status": status,
            "startDate": started,
            "input": given if isinstance(given, str) else json.dumps(given),
        } | more
        if status not in ("RUNNING", "PENDING_REDRIVE"):
            self.executions[arn].setdefault("stopDate", started + timedelta(seconds=1))
        return arn

    def describe_execution(self, executionArn: str) -> dict[str, Any]:
        with self._lock:
            self.described.append(executionArn)
            if self.throttled:
                self.throttled -= 1
                raise refusal("DescribeExecution", "ThrottlingException")
            if executionArn not in self.executions:
                raise refusal("DescribeExecution", "ExecutionDoesNotExist")
            return self.executions[executionArn]

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_executions"
        return SimpleNamespace(paginate=self._pages)

    def _pages(self, stateMachineArn: str, maxResults: int) -> Iterator[dict[str, Any]]:
        assert 1 <= maxResults <= 1000
        members = ("executionArn", "stateMachineArn", "name", "status", "startDate", "stopDate")
        found = [
            {member: one[member] for member in members if member in one}
            for one in self.executions.values()
            if one["stateMachineArn"] == stateMachineArn
        ]
        found.sort(key=lambda one: one["startDate"], reverse=True)
        for index in range(0, max(len(found), 1), self.page):
            self.pages += 1
            yield {"executions": found[index : index + self.page]}
