"""CloudWatch: alarms on one metric or on an expression, evaluated as on AWS, by a clock of their own.

The emulator evaluates an alarm when a client puts data: over all dimensions, without missing data, never back
to INSUFFICIENT_DATA; it refuses expressions. What is evaluated here, and how, is in `cloudwatch`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from loopback_aws.cloudwatch.alarms import CHANGING, Alarm, check, notify
from loopback_aws.cloudwatch.clock import Clock

PRIVATE = (
    "ministack.services.cloudformation.provisioners:_cw_metric_alarm_record",
    "ministack.services.cloudwatch:_alarms",
    "ministack.services.cloudwatch:_dispatch_alarm_actions",
    "ministack.services.cloudwatch:_error",
    "ministack.services.cloudwatch:_evaluate_alarm",
    "ministack.services.cloudwatch:_evaluate_all_alarms",
    "ministack.services.cloudwatch:_evaluate_parent_alarms",
    "ministack.services.cloudwatch:_is_sns_action_arn",
    "ministack.services.cloudwatch:_p",
    "ministack.services.cloudwatch:_put_metric_alarm",
    "ministack.services.cloudwatch:_record_history",
    "ministack.services.cloudwatch:_set_alarm_state",
    "ministack.services.sns:_fanout",
)
SINGLE_METRIC = ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Dimensions", "Unit")
"""Members of an alarm that one on an expression does not have."""
_NONE = {"Metrics": None, "MetricName": "-", "Namespace": "-"}
"""What the emulator takes in place of an expression."""
Operation = Callable[..., Any]


def apply(clock: Clock) -> None:
    """Teach the emulator's CloudWatch and its CloudFormation type; `clock` evaluates from now on."""
    record = provisioners._cw_metric_alarm_record

    def metric_alarm_record(name: str, properties: dict[str, Any]) -> Alarm:
        check({"Threshold": 0} | properties)
        if not properties.get("Metrics"):
            alarm: Alarm = record(name, properties)
            return alarm
        return on_expression(record(name, properties | _NONE), properties["Metrics"])

    def evaluate_soon(alarm: Alarm) -> None:
        clock.look_at(get_account_id(), get_region(), alarm["AlarmName"])

    def set_alarm_state(params: Any, data: dict[str, Any], is_cbor: bool, is_json: bool = False) -> Any:
        name = data.get("AlarmName") or cloudwatch._p(params, "AlarmName")
        clock.hold(get_account_id(), get_region(), name)
        with CHANGING:
            return set_state(params, data, is_cbor, is_json)

    set_state = cloudwatch._set_alarm_state
    provisioners._cw_metric_alarm_record = metric_alarm_record
    cloudwatch._evaluate_alarm = evaluate_soon
    cloudwatch._evaluate_all_alarms = lambda: None  # the clock hears of each value
    cloudwatch._dispatch_alarm_actions = lambda alarm, old, *_: notify(alarm, old)
    cloudwatch._set_alarm_state = set_alarm_state
    cloudwatch._put_metric_alarm = checking(cloudwatch._put_metric_alarm)


def checking(put: Operation) -> Operation:
    """PutMetricAlarm, which refuses what is not evaluated here and takes expressions."""

    def put_metric_alarm(params: Any, data: dict[str, Any], is_cbor: bool, is_json: bool = False) -> Any:
        if not (is_cbor or is_json):
            return _by_query(put, params)
        try:
            check({"Threshold": 0} | data)
        except (KeyError, ValueError) as error:
            return cloudwatch._error("ValidationError", str(error), 400, use_json=is_json, use_cbor=is_cbor)
        metrics = data.get("Metrics")
        with CHANGING:
            answer = put(params, data | _NONE if metrics else data, is_cbor, is_json)
            if metrics and answer[0] == 200:
                name = data["AlarmName"]
                cloudwatch._alarms[name] = on_expression(cloudwatch._alarms[name], metrics)
        return answer

    return put_metric_alarm


def _by_query(put: Operation, params: Any) -> Any:
    """The form that older clients send, in which the emulator reads single metrics only."""
    if cloudwatch._p(params, "Metrics.member.1.Id"):
        text = "The local AWS takes alarms on expressions by CBOR or JSON only: use a newer SDK or CLI"
        return cloudwatch._error("ValidationError", text, 400)
    with CHANGING:
        return put(params, {}, False, False)


def on_expression(alarm: Alarm, metrics: list[dict[str, Any]]) -> Alarm:
    """The emulator's alarm with an expression in place of its metric."""
    return {key: alarm[key] for key in alarm if key not in SINGLE_METRIC} | {"Metrics": metrics}
