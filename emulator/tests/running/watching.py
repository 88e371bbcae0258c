"""Alarms, metrics and their resources for tests."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.running.emulator import Emulator
from tests.running.topics import read_marked, subscribe_queue
from tests.running.waiting import until


def alarm(aws: Emulator, **settings: Any) -> str:
    """An alarm on more than 2 of a metric of its own in 10 seconds; its name, which is the metric's, too."""
    name = settings.pop("AlarmName", f"test-{uuid.uuid4().hex[:8]}")
    defaults: dict[str, Any] = {
        "EvaluationPeriods": 1,
        "Threshold": 2,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }
    if "Metrics" not in settings:
        defaults |= {"Namespace": "test", "MetricName": name, "Period": 10, "Statistic": "Sum"}
    aws.client("cloudwatch").put_metric_alarm(AlarmName=name, **(defaults | settings))
    return name


def put(aws: Emulator, name: str, *values: float, seconds_ago: float = 0, **more: Any) -> None:
    """Publish values of the metric `name`."""
    moment = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    data = [{"MetricName": name, "Value": value, "Timestamp": moment, **more} for value in values]
    aws.client("cloudwatch").put_metric_data(Namespace="test", MetricData=data)


def described(aws: Emulator, name: str) -> dict[str, Any]:
    """An alarm, metric or composite."""
    found = aws.client("cloudwatch").describe_alarms(
        AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    (only,) = found["MetricAlarms"] + found["CompositeAlarms"]
    return dict(only)


def wait_for(aws: Emulator, name: str, state: str, seconds: float = 60) -> dict[str, Any]:
    """The alarm once it is in that state."""
    until(lambda: described(aws, name)["StateValue"] == state, f"{name} is {state}", seconds)
    return described(aws, name)


def total(aws: Emulator, namespace: str, name: str, statistic: str = "Sum", **dimensions: str) -> float:
    """A statistic of a metric over the last ten minutes and the next; 0 without data."""
    now = datetime.now(UTC)
    found = aws.client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        StartTime=now - timedelta(minutes=10),
        EndTime=now + timedelta(minutes=1),
        Period=86_400,
        Statistics=[statistic],
    )["Datapoints"]
    return float(sum(point[statistic] for point in found))


class Topic:
    """A topic and what it sent."""

    def __init__(self, aws: Emulator) -> None:
        self._aws = aws
        self.arn: str = aws.client("sns").create_topic(Name=f"test-{uuid.uuid4().hex[:8]}")["TopicArn"]
        self._queue = subscribe_queue(aws, self.arn)

    def messages(self, count: int = 0) -> list[dict[str, Any]]:
        """The messages since the last call, at least `count`."""
        found = read_marked(self._aws, self.arn, self._queue, count)
        return [json.loads(one["Message"]) for one in found]
