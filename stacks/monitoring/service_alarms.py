"""Alarms on what answers: the endpoint, the workflows and their functions."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.constructs.runbook import Runbook
from stacks.monitoring.metrics import (
    MICROSECONDS_PER_MILLISECOND,
    EndpointMetrics,
    function_errors,
    throttles_of,
    unsuccessful,
)
from stacks.monitoring.runbook_alarm import RunbookAlarm
from stacks.settings.monitoring import MonitoringSettings
from stacks.settings.notification import NotificationSettings


class ServiceAlarms(Construct):
    """Images are not classified, or too slowly. All share one period (`notification.period_minutes`)."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        runbook: Runbook,
        settings: MonitoringSettings,
        notification: NotificationSettings,
        endpoint_name: str,
        image_machine: sfn.IStateMachine,
        batch_machine: sfn.IStateMachine,
        functions: Mapping[str, str],
    ) -> None:
        super().__init__(scope, id)
        self._runbook = runbook
        self._limits = settings.alarms
        self._minutes = notification.period_minutes
        self._period = Duration.minutes(self._minutes)
        self._endpoint = EndpointMetrics(endpoint=endpoint_name, period=self._period)
        self.all = [
            self._endpoint_errors(),
            self._endpoint_latency(),
            self._failed_executions(
                image_machine, notification.failed_executions, settings.model.failed_executions_percent
            ),
            self._failed_batch_executions(batch_machine, notification.failed_batch_executions),
            self._function_errors(),
            self._function_throttles(functions),
        ]

    def _endpoint_errors(self) -> RunbookAlarm:
        limit = self._limits.endpoint_errors
        return RunbookAlarm(
            self,
            "endpoint-errors",
            runbook=self._runbook,
            meaning=f"The endpoint answered {limit} or more requests with 5xx within {self._minutes} minutes",
            metric=self._endpoint.invocation("Invocation5XXErrors"),
            threshold=limit,
        )

    def _endpoint_latency(self) -> RunbookAlarm:
        """Two of three periods: a single slow one is a large image or an instance that has just come."""
        limit = self._limits.endpoint_latency_ms
        return RunbookAlarm(
            self,
            "endpoint-latency",
            runbook=self._runbook,
            meaning=f"One request in 100 took the model longer than {limit} ms, in 2 of 3 periods of "
            f"{self._minutes} minutes",
            metric=self._endpoint.invocation("ModelLatency", "p99"),
            threshold=limit * MICROSECONDS_PER_MILLISECOND,
            above=True,
            periods=3,
            breaching=2,
        )

    def _failed_executions(self, machine: sfn.IStateMachine, count: int, percent: float) -> RunbookAlarm:
        """Their count, while they are more than their share: an unsure model alone does not ring."""
        return RunbookAlarm(
            self,
            "failed-executions",
            runbook=self._runbook,
            meaning=f"{count} or more executions, and more than {percent:g} % of all, did not succeed within "
            f"{self._minutes} minutes",
            metric=cloudwatch.MathExpression(
                expression=f"IF(100 * bad > {percent:g} * (bad + FILL(succeeded, 0)), bad, 0)",
                label="Executions that did not succeed, while they are more than their share",
                period=self._period,
                using_metrics={
                    "bad": unsuccessful(machine, self._period),
                    "succeeded": machine.metric_succeeded(period=self._period),
                },
            ),
            threshold=count,
        )

    def _failed_batch_executions(self, machine: sfn.IStateMachine, count: int) -> RunbookAlarm:
        return RunbookAlarm(
            self,
            "failed-batch-executions",
            runbook=self._runbook,
            meaning=f"{count} or more executions over many images did not succeed within "
            f"{self._minutes} minutes",
            metric=unsuccessful(machine, self._period),
            threshold=count,
        )

    def _function_errors(self) -> RunbookAlarm:
        limit = self._limits.function_errors
        return RunbookAlarm(
            self,
            "function-errors",
            runbook=self._runbook,
            meaning=f"Functions failed {limit} or more times within {self._minutes} minutes in a way that "
            "they do not expect",
            metric=function_errors(self._runbook.names.errors_namespace, self._period),
            threshold=limit,
        )

    def _function_throttles(self, functions: Mapping[str, str]) -> RunbookAlarm:
        limit = self._limits.function_throttles
        throttles = {
            f"m{number}": throttles_of(name, self._period)
            for number, name in enumerate(functions.values(), start=1)
        }
        return RunbookAlarm(
            self,
            "function-throttles",
            runbook=self._runbook,
            meaning=f"Lambda refused {limit} or more invocations within {self._minutes} minutes",
            metric=cloudwatch.MathExpression(
                expression=" + ".join(f"FILL({name}, 0)" for name in throttles),
                label="Invocations that Lambda refused",
                period=self._period,
                using_metrics=throttles,
            ),
            threshold=limit,
        )
