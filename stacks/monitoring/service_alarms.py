"""Alarms on what answers: the endpoint, the workflows and their functions."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.constructs.python_function import PythonFunction
from stacks.monitoring.metrics import (
    MICROSECONDS_PER_MILLISECOND,
    EndpointMetrics,
    function_errors,
    unsuccessful,
)
from stacks.monitoring.runbook_alarm import RunbookAlarm
from stacks.settings import StageSettings


class ServiceAlarms(Construct):
    """Images are not classified, or too slowly. All share one period (`notification.period_minutes`)."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        settings: StageSettings,
        classify_image: sfn.StateMachine,
        classify_batch: sfn.StateMachine,
        functions: Sequence[PythonFunction],
    ) -> None:
        super().__init__(scope, id)
        self._settings = settings
        self._limits = settings.monitoring.alarms
        self._minutes = settings.notification.period_minutes
        self._period = Duration.minutes(self._minutes)
        self.all = [
            self._endpoint_errors(),
            self._endpoint_latency(),
            self._failed_executions(classify_image),
            self._failed_batch_executions(classify_batch),
            self._function_errors(),
            self._function_throttles(functions),
        ]

    @property
    def _endpoint(self) -> EndpointMetrics:
        return EndpointMetrics(endpoint=self._settings.endpoint_name, period=self._period)

    def _endpoint_errors(self) -> RunbookAlarm:
        limit = self._limits.endpoint_errors
        return RunbookAlarm(
            self,
            "endpoint-errors",
            settings=self._settings,
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
            settings=self._settings,
            meaning=f"One request in 100 took the model longer than {limit} ms, in 2 of 3 periods of "
            f"{self._minutes} minutes",
            metric=self._endpoint.invocation("ModelLatency", "p99"),
            threshold=limit * MICROSECONDS_PER_MILLISECOND,
            above=True,
            periods=3,
            breaching=2,
        )

    def _failed_executions(self, machine: sfn.StateMachine) -> RunbookAlarm:
        """Their count, while they are more than their share: an unsure model alone does not ring."""
        count = self._settings.notification.failed_executions
        percent = self._settings.monitoring.model.failed_executions_percent
        return RunbookAlarm(
            self,
            "failed-executions",
            settings=self._settings,
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

    def _failed_batch_executions(self, machine: sfn.StateMachine) -> RunbookAlarm:
        count = self._settings.notification.failed_batch_executions
        return RunbookAlarm(
            self,
            "failed-batch-executions",
            settings=self._settings,
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
            settings=self._settings,
            meaning=f"Functions failed {limit} or more times within {self._minutes} minutes in a way that "
            "they do not expect",
            metric=function_errors(self._settings.stage, self._period),
            threshold=limit,
        )

    def _function_throttles(self, functions: Sequence[PythonFunction]) -> RunbookAlarm:
        limit = self._limits.function_throttles
        throttles = {
            f"m{number}": one.function.metric_throttles(period=self._period)
            for number, one in enumerate(functions, start=1)
        }
        return RunbookAlarm(
            self,
            "function-throttles",
            settings=self._settings,
            meaning=f"Lambda refused {limit} or more invocations within {self._minutes} minutes",
            metric=cloudwatch.MathExpression(
                expression=" + ".join(f"FILL({name}, 0)" for name in throttles),
                label="Invocations that Lambda refused",
                period=self._period,
                using_metrics=throttles,
            ),
            threshold=limit,
        )
