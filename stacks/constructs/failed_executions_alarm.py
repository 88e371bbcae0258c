"""The alarm on executions that did not succeed."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct


class FailedExecutionsAlarm(Construct):
    """The net under the notifications: in a period, `limit` or more executions did not succeed, however."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        limit: int,
        period_minutes: int,
        state_machine: sfn.StateMachine,
        failures: sns.ITopic,
    ) -> None:
        super().__init__(scope, id)
        machine = state_machine.state_machine_name
        period = Duration.minutes(period_minutes)
        unsuccessful = cloudwatch.MathExpression(
            expression="FILL(failed, 0) + FILL(timedOut, 0) + FILL(aborted, 0)",
            label="Executions that did not succeed",
            period=period,
            using_metrics={
                "failed": state_machine.metric_failed(period=period),
                "timedOut": state_machine.metric_timed_out(period=period),
                "aborted": state_machine.metric_aborted(period=period),
            },
        )
        alarm = cloudwatch.Alarm(
            self,
            "Alarm",
            alarm_name=name,
            alarm_description=(
                f"{limit} or more executions of {machine} did not "
                f"succeed within {period_minutes} minutes: see the list of executions in its console"
            ),
            metric=unsuccessful,
            threshold=limit,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(failures))
