"""Why an alarm changed its state, in AWS's words and as data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from loopback_aws.cloudwatch.evaluation import COMPARISONS, Rule, Verdict
from loopback_aws.cloudwatch.watches import ONLY, Watch


def reason(rule: Rule, verdict: Verdict, period: int, now: float, old: str) -> str:
    """The sentence of StateReason."""
    absent = verdict.missing
    if verdict.state == "INSUFFICIENT_DATA":
        return f"Insufficient Data: {absent} {_plural(absent, 'datapoint was', 'datapoints were')} unknown."
    if not verdict.data:
        treated = "Breaching" if rule.missing == "breaching" else "NonBreaching"
        return (
            f"Threshold Crossed: no datapoints were received for {absent} "
            f"{_plural(absent, 'period', 'periods')} and {absent} missing "
            f"{_plural(absent, 'datapoint was', 'datapoints were')} treated as [{treated}]."
        )
    alarm = verdict.state == "ALARM"
    shown = [(place, value) for place, value in verdict.data if rule.breaches(value) == alarm]
    data = ", ".join(f"{value} ({_day(now - (place + 1) * period)})" for place, value in shown)
    least = rule.needed if alarm else rule.periods - rule.needed + 1
    return (
        f"Threshold Crossed: {len(shown)} out of the last {rule.periods} datapoints [{data}] "
        f"{_plural(len(shown), 'was', 'were')} {'' if alarm else 'not '}{COMPARISONS[rule.comparison][1]} "
        f"the threshold ({rule.threshold}) (minimum {least} {_plural(least, 'datapoint', 'datapoints')} "
        f"for {old} -> {verdict.state} transition)."
    )


def reason_data(rule: Rule, verdict: Verdict, watch: Watch, now: float) -> dict[str, Any]:
    """StateReasonData: the values that the state rests on."""
    data = verdict.data
    only = watch.statistics.get(ONLY)
    return {
        "version": "1.0",
        "queryDate": stamp(now),
        **({"startDate": stamp(now - (data[-1][0] + 1) * watch.period)} if data else {}),
        **({"statistic": only.name} if only else {}),
        "period": watch.period,
        "recentDatapoints": [value for _, value in reversed(data)],
        "threshold": rule.threshold,
        "evaluatedDatapoints": [
            {"timestamp": stamp(now - (place + 1) * watch.period), "value": value} for place, value in data
        ],
    }


def stamp(seconds: float) -> str:
    """A moment as CloudWatch writes it: 2026-11-21T15:09:06.120+0000."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}+0000"


def changed_at(alarm: Mapping[str, Any]) -> str:
    """When an alarm got its state."""
    return stamp(float(alarm.get("StateUpdatedTimestamp") or 0))


def triggers(alarm: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What set a composite alarm off, by its StateReasonData."""
    found: list[dict[str, Any]] = json.loads(alarm.get("StateReasonData") or "{}").get("triggeringAlarms", [])
    return found


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%d/%m/%y %H:%M:%S")


def _plural(count: int, one: str, many: str) -> str:
    return one if count == 1 else many
