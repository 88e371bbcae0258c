"""The alarm on executions that did not succeed."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.settings import StageSettings


class FailedExecutionsAlarm(Construct):
    """The net under the notifications: too many executions in a period did not succeed, however."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        settings: StageSettings,
        state_machine: sfn.StateMachine,
        failures: sns.ITopic,
    ) -> None:
        super().__init__(scope, id)
        machine = state_machine.state_machine_name
        limits = settings.notification
        period = Duration.minutes(limits.period_minutes)
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
            alarm_name=settings.named("failed-executions"),
            alarm_description=(
                f"{limits.failed_executions} or more executions of {machine} did not "
                f"succeed within {limits.period_minutes} minutes: see the list of executions in its console"
            ),
            metric=unsuccessful,
            threshold=limits.failed_executions,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(failures))
