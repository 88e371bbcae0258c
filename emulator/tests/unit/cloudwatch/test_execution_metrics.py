"""AWS/States: how executions are counted."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from loopback_aws.cloudwatch.execution_metrics import count
from loopback_aws.states.records import Execution, Machine
from ministack.core.responses import request_scope
from ministack.services import cloudwatch

STATES = "arn:aws:states:us-east-1:000000000000"


@pytest.fixture(autouse=True)
def account() -> Iterator[None]:
    """An account that has no metrics yet."""
    with request_scope(f"{uuid.uuid4().int % 10**12:012}", "us-east-1"):
        yield


def execution(machine: str, status: Any) -> Execution:
    arn = f"{STATES}:stateMachine:{machine}"
    members: dict[str, Any] = {"name": machine, "type": "STANDARD", "definition": "{}", "role": "r"}
    ran = Machine(arn=arn, logging={}, **members)
    return Execution(arn="e", name="n", machine=ran, input="{}", start=datetime.now(UTC), status=status)


def test_what_happens_within_a_second_is_one_value_with_a_count(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("loopback_aws.cloudwatch.metrics.time.time", lambda: now[0])
    for moment in (100.0, 100.2, 100.9, 101.5):
        now[0] = moment
        count(execution("orders/each", "SUCCEEDED"))
    (points,) = cloudwatch._metrics.values()
    assert [(point["Timestamp"], point.get("Count", 1)) for point in points] == [(100.0, 3), (101.5, 1)]
    assert cloudwatch._calc_stats(points)["Sum"] == 4


def test_a_status_counts_as_its_metric_of_its_machine() -> None:
    count(execution("orders", "TIMED_OUT"))
    ((namespace, name, dimensions),) = cloudwatch._metrics.keys()
    assert (namespace, name) == ("AWS/States", "ExecutionsTimedOut")
    assert dimensions == f"StateMachineArn={STATES}:stateMachine:orders"
