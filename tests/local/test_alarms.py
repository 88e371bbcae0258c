"""The application's alarms on a running local AWS: one incident rings once, the monitor is seen to run."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.outputs import FAILURE_TOPIC, MONITOR
from tests.local.deployed.deployment import read_marked, subscribe_queue
from tests.local.deployed.emulator import Emulator


def until(holds: Callable[[], object], what: str, seconds: float = 120) -> None:
    """Return once `holds()` is true; AssertionError with `what` when it is not within `seconds`."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds:g} s: {what}"
        time.sleep(0.1)


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


def test_an_incident_of_the_application_tells_its_topic_once(aws: Emulator, deployed: dict[str, str]) -> None:
    queue, cloudwatch = subscribe_queue(aws, deployed[FAILURE_TOPIC]), aws.client("cloudwatch")
    children = ("scones-local-drift", "scones-local-low-confidence", "scones-local-unfamiliar-pictures")
    for child in children:
        cloudwatch.set_alarm_state(AlarmName=child, StateValue="ALARM", StateReason="by hand")
    told = read_marked(aws, deployed[FAILURE_TOPIC], queue, count=1, alarms=True)
    for child in children:
        cloudwatch.set_alarm_state(AlarmName=child, StateValue="OK", StateReason="by hand")
    assert [one["Subject"] for one in told if "ALARM" in one.get("Subject", "")] == [
        'ALARM: "scones-local-model" in US East (N. Virginia)'
    ]
    assert described(aws, "scones-local-model")["StateValue"] == "OK"


def test_the_applications_monitor_runs_by_itself_and_its_alarm_sees_it(
    aws: Emulator, deployed: dict[str, str]
) -> None:
    assert deployed[MONITOR]
    until(lambda: total(aws, "scones", "MonitorRuns", Stage="local") >= 1, "a run is counted")
    assert wait_for(aws, "scones-local-monitor-not-running", "OK")["StateValue"] == "OK"
