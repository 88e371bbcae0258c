"""AWS/States: how executions are counted, and what alarms on one metric see of that."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from ministack.core.responses import request_scope
from ministack.services import cloudwatch

from local.patches.alarms import NAMESPACE, count, evaluate_sum, single_stat
from local.states.records import Execution, Machine

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


def alarm(machine: str, **changes: Any) -> dict[str, Any]:
    dimensions = [{"Name": "StateMachineArn", "Value": f"{STATES}:stateMachine:{machine}"}]
    metric = {"Namespace": NAMESPACE, "MetricName": "ExecutionsFailed", "Dimensions": dimensions}
    compared = {"ComparisonOperator": "GreaterThanThreshold", "Threshold": 2, "EvaluationPeriods": 1}
    state = {"AlarmName": machine, "StateValue": "INSUFFICIENT_DATA", "Period": 60, "Statistic": "Sum"}
    return metric | compared | state | changes


def test_what_happens_within_a_second_is_one_value_with_a_count(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("local.patches.alarms.time.time", lambda: now[0])
    for moment in (100.0, 100.2, 100.9, 101.5):
        now[0] = moment
        count(execution("orders/each", "SUCCEEDED"))
    (points,) = cloudwatch._metrics.values()
    assert [(point["Timestamp"], point.get("Count", 1)) for point in points] == [(100.0, 3), (101.5, 1)]
    assert cloudwatch._calc_stats(points)["Sum"] == 4


def test_an_alarm_sees_its_own_machine_only() -> None:
    for _ in range(3):
        count(execution("orders/each", "FAILED"))
    count(execution("orders", "FAILED"))
    own = alarm("orders")
    evaluate_sum(own, [(single_stat(own), None)])
    assert own["StateValue"] == "OK"
    children = alarm("orders/each")
    evaluate_sum(children, [(single_stat(children), None)])
    assert children["StateValue"] == "ALARM"


def test_an_alarm_without_data_stays_as_it_is() -> None:
    own = alarm("silent")
    evaluate_sum(own, [(single_stat(own), None)])
    assert own["StateValue"] == "INSUFFICIENT_DATA"
