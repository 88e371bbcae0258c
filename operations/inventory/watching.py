"""What watches: log groups, alarms, the dashboard, metrics."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from contracts.names import (
    METRICS,
    build_log_group,
    endpoint_log_group,
    function_log_group,
    machine_log_group,
)
from operations.aws.accounts import Account
from operations.inventory import prices
from operations.inventory.found import GIB, Found
from operations.inventory.ownership import Ownership, tag_map

FOLDERS = tuple(
    group("") for group in (function_log_group, machine_log_group, endpoint_log_group, build_log_group)
)


def log_groups(account: Account, whose: Ownership) -> Iterator[Found]:
    """Log groups: a function that logs once more after its group went makes it anew, kept for ever."""
    client = account.client("logs")
    for folder in FOLDERS:
        prefix = f"{folder}{whose.names.prefix}"
        for group in account.pages("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=prefix):
            name = group["logGroupName"]
            if not whose.by_name(name.removeprefix(folder)):
                continue
            stored, days = group.get("storedBytes", 0), group.get("retentionInDays")
            yield Found(
                kind="log group",
                name=name,
                ids=frozenset({name}),
                monthly=stored / GIB * prices.LOG_GIB,
                note=f"{stored:,} bytes, kept {f'{days} days' if days else 'for ever'}",
                delete=partial(client.delete_log_group, logGroupName=name),
            )


def alarms(account: Account, whose: Ownership) -> Iterator[Found]:
    """Alarms, those over several before those that they look at, for so they can be deleted."""
    client = account.client("cloudwatch")
    request: dict[str, Any] = {
        "AlarmNamePrefix": f"{whose.names.prefix}-",
        "AlarmTypes": ["CompositeAlarm", "MetricAlarm"],
    }
    for member in ("CompositeAlarms", "MetricAlarms"):
        for alarm in account.pages("cloudwatch", "describe_alarms", member, **request):
            name, arn = alarm["AlarmName"], alarm["AlarmArn"]
            if whose.owns(name, tag_map(client.list_tags_for_resource(ResourceARN=arn).get("Tags"))):
                delete = partial(client.delete_alarms, AlarmNames=[name])
                yield Found(
                    kind="alarm",
                    name=name,
                    ids=frozenset({name, arn}),
                    monthly=_alarm_price(alarm),
                    delete=delete,
                )


def _alarm_price(alarm: dict[str, Any]) -> float:
    if "AlarmRule" in alarm:
        return prices.COMPOSITE_ALARM
    metrics = [query for query in alarm.get("Metrics") or () if "MetricStat" in query]
    return prices.ALARM_METRIC * max(len(metrics), 1)


def dashboards(account: Account, whose: Ownership) -> Iterator[Found]:
    """The dashboard."""
    client = account.client("cloudwatch")
    name = whose.names.dashboard
    for listed in account.pages(
        "cloudwatch", "list_dashboards", "DashboardEntries", DashboardNamePrefix=name
    ):
        if listed["DashboardName"] == name:
            delete = partial(client.delete_dashboards, DashboardNames=[name])
            yield Found(
                kind="dashboard", name=name, ids=frozenset({name}), monthly=prices.DASHBOARD, delete=delete
            )


def metrics(account: Account, whose: Ownership) -> Iterator[Found]:
    """The product's own metrics: nothing deletes them, and nobody pays for one that gets no more data."""
    dimension = {"Name": "Stage", "Value": whose.names.stage}
    found = list(
        account.pages("cloudwatch", "list_metrics", "Metrics", Namespace=METRICS, Dimensions=[dimension])
    )
    found += account.pages("cloudwatch", "list_metrics", "Metrics", Namespace=whose.names.errors_namespace)
    if found:
        note = "CloudWatch forgets them 15 months after their last value"
        yield Found(kind="metrics", name=f"{len(found)} in {METRICS}, stage {whose.names.stage}", note=note)
