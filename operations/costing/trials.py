"""Trials of a design: its executions, one after the other, and what they used."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from contracts.names import RUN_STEPS, STEPS
from costs.billed import lambda_usage
from costs.transitions import transitions
from lambda_src.core.run.map_results import read_batch_result
from lambda_src.core.run.prices import Usage, express_gb_seconds
from operations.aws.deployment import Deployment
from operations.aws.errors import OperationError
from operations.costing.counts import billed_since
from operations.simulation.batch_run import BatchRun

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions import SFNClient

SINGLES = 40
"""Images classified one by one."""
WARM_UP = 5
"""Executions that come first and are not counted: cold functions would stand for more than they do."""
DEADLINE_SECONDS = 600.0
"""Longest wait for one execution."""
LOOK_SECONDS = 0.1
PAUSE_SECONDS = 1.0
"""Between phases: a log line must not be taken for one of the next phase."""


@dataclass(frozen=True)
class Clients:
    """What a measurement calls."""

    s3: S3Client
    states: SFNClient
    logs: CloudWatchLogsClient
    functions: LambdaClient


class RunUsage(NamedTuple):
    """A run over many: what its batches used together, and what it used itself."""

    images: int
    batches: int
    batch: Usage
    run: Usage


@dataclass(frozen=True)
class Trials:
    """On one stage. All methods raise OperationError when an execution fails."""

    deployment: Deployment
    clients: Clients

    def singles(self, machine: str, functions: Sequence[str], keys: Sequence[str]) -> tuple[Usage, int]:
        """Usage of one image of a machine of one image, and the memory of its first function."""
        for key in keys[:WARM_UP]:
            self._single(machine, key)
        time.sleep(PAUSE_SECONDS)
        ended = [self._single(machine, key) for key in keys[:SINGLES]]
        since = ended[0]["startDate"].timestamp()
        billed = [billed_since(self.clients.logs, name, since, SINGLES) for name in functions]
        counted = (transitions(self.clients.states, one["executionArn"]) for one in ended)
        used = Usage(standard_transitions=sum(counted))
        for invocations in billed:
            used = used.plus(lambda_usage(invocations))
        return used.times(1 / SINGLES), billed[0][0].memory_mb

    def run(self, name: str, keys: Sequence[str], size: int) -> RunUsage:
        """One run over the images of `keys`, one batch of `size` after the other."""
        machine = self.deployment.batch_state_machine
        given = {
            "images": [{"s3_key": key} for key in keys],
            "batch_size": size,
            "max_concurrency": 1,
            "threshold": 0,
        }
        ended = self._execute(machine, given, name)
        execution, since = ended["executionArn"], ended["startDate"].timestamp()
        system = BatchRun(self.clients.s3, self.clients.states, self.deployment.data_bucket, machine)
        children = [read_batch_result(row) for row in system.batches(name)]
        count = len(children)
        if count != math.ceil(len(keys) / size):
            raise OperationError(f"{execution} has {count} batches of {size} for {len(keys)} images.")
        batch = Usage(
            standard_transitions=count,
            express_requests=count,
            express_gb_seconds=sum(express_gb_seconds(child.seconds) for child in children),
        )
        names = self.deployment.names
        for step in STEPS:
            batch = batch.plus(self._billed(names.function(step), since, count))
        run = Usage(standard_transitions=transitions(self.clients.states, execution), notifications=1)
        for run_step in RUN_STEPS:
            run = run.plus(self._billed(names.function(run_step), since, 1))
        time.sleep(PAUSE_SECONDS)
        return RunUsage(len(keys), count, batch, run)

    def _billed(self, function: str, since: float, invocations: int) -> Usage:
        return lambda_usage(billed_since(self.clients.logs, function, since, invocations))

    def _single(self, machine: str, key: str) -> dict[str, Any]:
        """Classify one image, whatever the confidence; what DescribeExecution says in the end."""
        given = {"s3_bucket": self.deployment.data_bucket, "s3_key": key, "threshold": 0}
        return self._execute(machine, given)

    def _execute(self, machine: str, given: dict[str, Any], name: str | None = None) -> dict[str, Any]:
        states, named = self.clients.states, {} if name is None else {"name": name}
        started = states.start_execution(stateMachineArn=machine, input=json.dumps(given), **named)
        execution = started["executionArn"]
        end = time.monotonic() + DEADLINE_SECONDS
        while (said := states.describe_execution(executionArn=execution))["status"] == "RUNNING":
            if time.monotonic() > end:
                raise OperationError(f"{execution} still runs after {DEADLINE_SECONDS:.0f} s.")
            time.sleep(LOOK_SECONDS)
        if said["status"] != "SUCCEEDED":
            raise OperationError(
                f"{execution} is {said['status']}: {said.get('error')}: {said.get('cause')}. "
                "Only runs without a failure can be measured."
            )
        return dict(said)
