"""What an alarm sends to its topics when its state changes, in AWS's form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ministack.core.responses import get_account_id, get_region

from loopback_aws.cloudwatch.reasons import changed_at, triggers

REGION_NAMES = {"us-east-1": "US East (N. Virginia)"}
"""Regions as AWS names them in these messages; others are sent by their code."""


def subject(alarm: Mapping[str, Any]) -> str:
    """The subject line: state, name, region."""
    return f'{alarm["StateValue"]}: "{alarm["AlarmName"]}" in {_region()}'[:100]


def message(alarm: Mapping[str, Any], old: str) -> dict[str, Any]:
    """The message of an alarm, metric or composite, that went from state `old` to its present one."""
    told = {
        "AlarmName": alarm["AlarmName"],
        "AlarmDescription": alarm.get("AlarmDescription") or None,
        "AWSAccountId": get_account_id(),
        "NewStateValue": alarm["StateValue"],
        "NewStateReason": alarm["StateReason"],
        "StateChangeTime": changed_at(alarm),
        "Region": _region(),
        "AlarmArn": alarm["AlarmArn"],
        "OldStateValue": old,
        "OKActions": alarm.get("OKActions") or [],
        "AlarmActions": alarm.get("AlarmActions") or [],
        "InsufficientDataActions": alarm.get("InsufficientDataActions") or [],
    }
    if "AlarmRule" in alarm:
        return told | {"AlarmRule": alarm["AlarmRule"], "TriggeringChildren": _children(alarm)}
    return told | {"Trigger": _trigger(alarm)}


def _children(alarm: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "Arn": child["arn"],
            "State": {"Value": child["state"]["value"], "Timestamp": child["state"]["timestamp"]},
        }
        for child in triggers(alarm)
    ]


def _trigger(alarm: Mapping[str, Any]) -> dict[str, Any]:
    """What a metric alarm watches."""
    compared = {
        "EvaluationPeriods": alarm.get("EvaluationPeriods", 1),
        "DatapointsToAlarm": alarm.get("DatapointsToAlarm", alarm.get("EvaluationPeriods", 1)),
        "ComparisonOperator": alarm.get("ComparisonOperator", ""),
        "Threshold": alarm.get("Threshold", 0),
        "TreatMissingData": alarm.get("TreatMissingData", "missing"),
        "EvaluateLowSampleCountPercentile": alarm.get("EvaluateLowSampleCountPercentile", ""),
    }
    if alarm.get("Metrics"):
        return {"Metrics": alarm["Metrics"], **compared}
    percentile = alarm.get("ExtendedStatistic")
    return {
        "MetricName": alarm.get("MetricName", ""),
        "Namespace": alarm.get("Namespace", ""),
        "StatisticType": "ExtendedStatistic" if percentile else "Statistic",
        **({"ExtendedStatistic": percentile} if percentile else {"Statistic": alarm.get("Statistic", "")}),
        "Unit": alarm.get("Unit"),
        "Dimensions": [
            {"name": dimension["Name"], "value": dimension["Value"]}
            for dimension in alarm.get("Dimensions") or []
        ],
        "Period": alarm.get("Period", 60),
        **compared,
    }


def _region() -> str:
    region = get_region()
    return REGION_NAMES.get(region, region)
