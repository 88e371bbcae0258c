"""Executions of the two machines on moto, which runs none and knows of no map runs.

A test says how one ends, and what its map run counts.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.stepfunctions.models import stepfunctions_backends

from tests.aws import REGION, Answer, Aws, Request, json_answer

_STATES = f"arn:aws:states:{REGION}:{DEFAULT_ACCOUNT_ID}"
IMAGE_MACHINE = f"{_STATES}:stateMachine:scones-local-classify-image"
BATCH_MACHINE = f"{_STATES}:stateMachine:scones-local-classify-batch"
START = datetime(2026, 11, 20, 9, 15, tzinfo=UTC)
Execution = Any
"""Moto's own: it has name, execution_arn, execution_input, status and so on."""


@dataclass
class Executions:
    """Executions of the two machines. `on_start` gets one and may let it end; `on_look` before each look."""

    aws: Aws
    on_start: Callable[[Execution], None] = field(default=lambda _: None)
    on_look: Callable[[Execution], None] = field(default=lambda _: None)
    map_runs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """By execution what DescribeMapRun answers, one look after the other; the last stays."""
    most_at_once: int = 0
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _unseen: set[str] = field(default_factory=set)
    """Those whose end nobody has looked at."""

    def __post_init__(self) -> None:
        for machine in (IMAGE_MACHINE, BATCH_MACHINE):
            name, role = machine.rpartition(":")[2], f"arn:aws:iam::{DEFAULT_ACCOUNT_ID}:role/any"
            self._moto.create_state_machine(name, "{}", role)
        self.aws.answers |= {
            "StartExecution": self._start,
            "DescribeExecution": self._look,
            "ListMapRuns": self._list_map_runs,
            "DescribeMapRun": self._describe_map_run,
        }

    @property
    def _moto(self) -> Any:
        return stepfunctions_backends[DEFAULT_ACCOUNT_ID][REGION]

    @property
    def executions(self) -> dict[str, Execution]:
        """All that were started, by ARN."""
        return {one.execution_arn: one for machine in self._moto.state_machines for one in machine.executions}

    def started(self, machine: str) -> list[dict[str, Any]]:
        """Inputs of the executions of a machine, in the order of their start."""
        found = self._moto.describe_state_machine(machine).executions
        return [json.loads(execution.execution_input) for execution in found]

    def add(self, machine: str, name: str, given: dict[str, Any], **more: Any) -> Execution:
        """An execution that runs, unless `more` says how it ended; each starts a minute after the last."""
        execution = self._moto.start_execution(machine, name, json.dumps(given))
        execution.start_date = START + timedelta(minutes=len(self.executions) - 1)
        if more:
            end(execution, **more)
        return execution

    def _start(self, request: Request) -> Answer:
        asked = json.loads(request.body)
        with self._lock:
            execution = self.add(asked["stateMachineArn"], asked["name"], json.loads(asked["input"]))
            self._unseen.add(execution.execution_arn)
            self.most_at_once = max(self.most_at_once, len(self._unseen))
            self.on_start(execution)
        return json_answer(
            {"executionArn": execution.execution_arn, "startDate": execution.start_date.timestamp()}
        )

    def _look(self, request: Request) -> None:
        execution = self.executions.get(json.loads(request.body)["executionArn"])
        if execution is not None:
            with self._lock:
                self.on_look(execution)
                if execution.status != "RUNNING":
                    self._unseen.discard(execution.execution_arn)

    def _list_map_runs(self, request: Request) -> Answer:
        arn = json.loads(request.body)["executionArn"]
        run = {"mapRunArn": arn.replace(":execution:", ":mapRun:"), "executionArn": arn}
        return json_answer({"mapRuns": [run] if arn in self.map_runs else []})

    def _describe_map_run(self, request: Request) -> Answer:
        arn = json.loads(request.body)["mapRunArn"].replace(":mapRun:", ":execution:")
        answers = self.map_runs[arn]
        return json_answer(answers.pop(0) if len(answers) > 1 else answers[0])


def end(execution: Execution, seconds: float = 1.5, output: Any = None, **more: Any) -> None:
    """Let an execution end: succeeded unless `status` says otherwise; `more` are others of its fields."""
    execution.stop_date = execution.start_date + timedelta(seconds=seconds)
    execution.output = None if output is None else json.dumps(output)
    for name, value in {"status": "SUCCEEDED", **more}.items():
        setattr(execution, name, value)


def map_run(status: str = "RUNNING", **items: int) -> dict[str, Any]:
    """An answer of DescribeMapRun with these item counts."""
    names = ("pending", "running", "succeeded", "failed", "timedOut", "aborted")
    counts = {name: items.get(name, 0) for name in names}
    return {"status": status, "itemCounts": counts | {"total": sum(counts.values())}}
