"""An alarm that has a section in the runbook, and the incidents that such alarms make up."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from stacks.constructs.runbook import Runbook

MAX_DESCRIPTION = 1024
"""Characters that CloudWatch takes."""


class RunbookAlarm(Construct):
    """The alarm `scones-<stage>-<slug>`. It tells nobody itself: its incident does.

    `slug` is the heading of its section in docs/operations.md; `meaning` is what it says, on one line.
    """

    def __init__(
        self,
        scope: Construct,
        slug: str,
        *,
        runbook: Runbook,
        meaning: str,
        metric: cloudwatch.IMetric,
        threshold: float,
        above: bool = False,
        below: bool = False,
        periods: int = 1,
        breaching: int | None = None,
        missing: cloudwatch.TreatMissingData = cloudwatch.TreatMissingData.NOT_BREACHING,
    ) -> None:
        """`threshold` is reached, or exceeded if `above`, or not reached if `below`, in `breaching` (all) of
        `periods`."""
        super().__init__(scope, slug)
        self.slug = slug
        self.meaning = meaning
        self.alarm = cloudwatch.Alarm(
            self,
            "Alarm",
            alarm_name=runbook.names.alarm(slug),
            alarm_description=f"{meaning}. Runbook: {runbook.section(slug)}",
            metric=metric,
            threshold=threshold,
            comparison_operator=_operator(above, below),
            evaluation_periods=periods,
            datapoints_to_alarm=breaching,
            treat_missing_data=missing,
        )


class Incident(Construct):
    """A composite alarm `scones-<stage>-<id>` over `alarms`: however many of them ring, people hear once."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        runbook: Runbook,
        alarms: Sequence[RunbookAlarm],
        topic: sns.ITopic,
    ) -> None:
        super().__init__(scope, id)
        states = [cloudwatch.AlarmRule.from_alarm(one.alarm, cloudwatch.AlarmState.ALARM) for one in alarms]
        self.alarm = cloudwatch.CompositeAlarm(
            self,
            "Alarm",
            composite_alarm_name=runbook.names.alarm(id),
            alarm_description=_description(runbook, alarms),
            alarm_rule=cloudwatch.AlarmRule.any_of(*states),
        )
        self.alarm.add_alarm_action(actions.SnsAction(topic))


def _description(runbook: Runbook, alarms: Sequence[RunbookAlarm]) -> str:
    lines = [f"{one.slug}: {one.meaning}." for one in alarms]
    which = f"In ALARM is at least one of these, as the dashboard {runbook.names.dashboard} shows"
    return "\n".join([f"{which}; what to do is in {runbook}:", *lines])


def _operator(above: bool, below: bool) -> cloudwatch.ComparisonOperator:
    operators = cloudwatch.ComparisonOperator
    if below:
        return operators.LESS_THAN_THRESHOLD
    return operators.GREATER_THAN_THRESHOLD if above else operators.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
