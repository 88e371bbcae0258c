"""When an alarm is in which state: M of N periods, and what missing data means, as AWS documents it.

AWS looks at some periods more than the alarm evaluates (its tables of missing data show two more); the
latest N of those that have data decide. Only when there are fewer than N is missing data looked at all.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loopback_aws.cloudwatch.expressions import Series

MORE_PERIODS = 2
"""Periods that are looked at beyond those that are evaluated."""
COMPARISONS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}
MISSING = ("missing", "ignore", "breaching", "notBreaching")


@dataclass(frozen=True)
class Rule:
    """The numbers of an alarm that say when it rings."""

    comparison: str
    threshold: float
    periods: int
    """N: periods that are evaluated."""
    needed: int
    """M: periods of these that must breach."""
    missing: str

    @property
    def looked_at(self) -> int:
        return self.periods + MORE_PERIODS

    def breaches(self, value: float) -> bool:
        return COMPARISONS[self.comparison][0](value, self.threshold)


@dataclass(frozen=True)
class Verdict:
    """A state, the data it rests on (place of the period, value; the latest first), how many were missing."""

    state: str
    data: Sequence[tuple[int, float]]
    missing: int


def rule_of(alarm: Mapping[str, Any]) -> Rule:
    """The rule of an alarm; ValueError for one that is not evaluated here."""
    if alarm.get("ThresholdMetricId"):
        raise ValueError("The local AWS does not detect anomalies: an alarm has a fixed Threshold here")
    comparison, missing = str(alarm.get("ComparisonOperator")), alarm.get("TreatMissingData") or "missing"
    if comparison not in COMPARISONS:
        raise ValueError(f"The local AWS does not compare by {comparison}; it knows {', '.join(COMPARISONS)}")
    if missing not in MISSING:
        raise ValueError(f"TreatMissingData is one of {', '.join(MISSING)}, not {missing}")
    periods = int(alarm.get("EvaluationPeriods") or 1)
    needed = int(alarm.get("DatapointsToAlarm") or periods)
    if not 1 <= needed <= periods:
        raise ValueError(f"DatapointsToAlarm is 1 to EvaluationPeriods ({periods}), not {needed}")
    return Rule(comparison, float(alarm["Threshold"]), periods, needed, missing)


def judge(rule: Rule, series: Series) -> Verdict | None:
    """The state by the values of `rule.looked_at` periods, the latest first; None: it stays as it is."""
    known = [(place, value) for place, value in enumerate(series) if value is not None][: rule.periods]
    breaching = [place for place, value in known if rule.breaches(value)]
    absent = rule.periods - len(known)
    filled = absent if rule.missing == "breaching" else 0
    if len(breaching) + filled >= rule.needed:
        return Verdict("ALARM", known, absent)
    if absent and not len(known) > len(breaching):
        return _without_a_good_one(rule, known, absent)
    return Verdict("OK", known, absent)


def _without_a_good_one(rule: Rule, known: Sequence[tuple[int, float]], absent: int) -> Verdict | None:
    """Nothing that is known is within the threshold, and not enough is known for an alarm."""
    if rule.missing in ("breaching", "notBreaching"):
        return Verdict("OK", known, absent)
    if rule.missing == "ignore":
        return None
    if not known:
        return Verdict("INSUFFICIENT_DATA", known, absent)
    oldest = known[-1][0] + 1
    return Verdict("ALARM", known, absent) if oldest >= rule.needed else None
