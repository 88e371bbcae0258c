"""Alarms: evaluated by the values of their metrics, moved to another state, told about."""

from __future__ import annotations

import contextlib
import json
import logging
import threading
import time
from collections.abc import Mapping
from typing import Any

from ministack.core.responses import new_uuid
from ministack.services import cloudwatch, sns

from loopback_aws.cloudwatch.evaluation import judge, rule_of
from loopback_aws.cloudwatch.messages import message, subject
from loopback_aws.cloudwatch.metrics import METRICS, Changed
from loopback_aws.cloudwatch.reasons import reason, reason_data
from loopback_aws.cloudwatch.watches import watch_of

Alarm = dict[str, Any]
"""An alarm as the emulator keeps it."""
ACTIONS = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}
CHANGING = threading.RLock()
"""Held while an alarm changes its state or is replaced."""
_log = logging.getLogger("loopback_aws.cloudwatch.alarms")


def check(alarm: Mapping[str, Any]) -> None:
    """ValueError, which says what, when an alarm cannot be evaluated here."""
    rule_of(alarm)
    watch_of(alarm)


def watches(alarm: Mapping[str, Any], changed: set[Changed], account: str, region: str) -> bool:
    """Whether one of the metrics that have news is watched by the alarm."""
    with contextlib.suppress(ValueError):
        return any((account, region, *metric) in changed for metric in watch_of(alarm).watched)
    return False


def evaluate(alarm: Alarm, now: float, *, fresh: bool = False) -> None:
    """Bring an alarm of the account and region at hand to the state that the last periods give it.

    A `fresh` one stays as it is as long as none of its metrics has any data in them.
    """
    rule, watch = rule_of(alarm), watch_of(alarm)
    if fresh and not watch.has_data(METRICS.between, now, rule.looked_at):
        return
    verdict = judge(rule, watch.by_period(METRICS.between, now, rule.looked_at))
    with CHANGING:
        old = alarm["StateValue"]
        if verdict is None or verdict.state == old or cloudwatch._alarms.get(alarm["AlarmName"]) is not alarm:
            return
        data = reason_data(rule, verdict, watch, now)
        alarm |= {
            "StateValue": verdict.state,
            "StateReason": reason(rule, verdict, watch.period, now, old),
            "StateReasonData": json.dumps(data, separators=(",", ":")),
            "StateUpdatedTimestamp": int(time.time()),
            "StateTransitionedTimestamp": int(time.time()),
        }
        cloudwatch._record_history(
            alarm["AlarmName"], old, verdict.state, alarm["StateReason"], "MetricAlarm", data
        )
        cloudwatch._dispatch_alarm_actions(alarm, old, verdict.state, alarm["StateReason"])
        cloudwatch._evaluate_parent_alarms(alarm)


def notify(alarm: Alarm, old: str) -> None:
    """Send an alarm's change of state to the topics among the actions of its new state."""
    if not alarm.get("ActionsEnabled", True):
        return
    text = json.dumps(message(alarm, old), ensure_ascii=False)
    for action in alarm.get(ACTIONS.get(alarm["StateValue"], "")) or []:
        if cloudwatch._is_sns_action_arn(action):
            try:
                sns._fanout(action, new_uuid(), text, subject(alarm))
            except Exception:  # noqa: BLE001 - one topic's subscriber must not keep an alarm from changing
                _log.exception("Alarm %s could not tell %s", alarm["AlarmName"], action)
