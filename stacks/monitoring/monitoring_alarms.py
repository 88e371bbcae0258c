"""Alarms on monitoring itself: without data, or without a monitor, silence says nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct, IDependable

from stacks.constructs.dead_letters import DeadLetters
from stacks.constructs.runbook import Runbook
from stacks.monitoring.metrics import EndpointMetrics, ModelMetrics, undelivered
from stacks.monitoring.runbook_alarm import RunbookAlarm
from stacks.settings.monitoring import MonitoringSettings

CHANCE = 1e-6
"""How likely it may be that none of so many requests was captured, with nothing wrong."""


class MonitoringAlarms(Construct):
    """Their period is the time between two runs. `ready`: what must be there before they look."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        runbook: Runbook,
        settings: MonitoringSettings,
        endpoint_name: str,
        capture_percentage: int,
        metrics: ModelMetrics,
        ready: IDependable,
        dead_letters: Sequence[DeadLetters],
    ) -> None:
        super().__init__(scope, id)
        self._runbook = runbook
        self._metrics = metrics
        self._minutes = settings.schedule_minutes
        endpoint = EndpointMetrics(endpoint=endpoint_name, period=metrics.period)
        delay = settings.alarms.capture_delay_minutes
        self.all = [
            self._no_captured_data(endpoint, delay, requests_that_show(capture_percentage)),
            self._monitor_not_running(ready),
            self._undelivered(dead_letters),
        ]

    def _no_captured_data(self, endpoint: EndpointMetrics, delay: int, limit: int) -> RunbookAlarm:
        """`limit` answers in each period, and none captured, for longer than its `delay` in minutes.

        One period more than that: what is asked right after a run is told by the next one, when CloudWatch's
        two latest periods, which slide with the clock, may hold the run before and not yet the next.
        Requests that failed are left out: an outage is another incident, and they may not be captured.
        """
        periods = 1 + max(2, math.ceil(delay / self._minutes))
        return RunbookAlarm(
            self,
            "no-captured-data",
            runbook=self._runbook,
            meaning=f"{limit} or more requests were answered in each of {periods} periods of {self._minutes} "
            "minutes, and none was captured",
            metric=cloudwatch.MathExpression(
                expression="IF(FILL(captured, 0) < 1, "
                "FILL(invocations, 0) - FILL(refused, 0) - FILL(failed, 0), 0)",
                label="Answers while none was captured",
                period=self._metrics.period,
                using_metrics={
                    "captured": self._metrics.stage_metric("CapturedRequests"),
                    "invocations": endpoint.invocation("Invocations"),
                    "refused": endpoint.invocation("Invocation4XXErrors"),
                    "failed": endpoint.invocation("Invocation5XXErrors"),
                },
            ),
            threshold=limit,
            periods=periods,
        )

    def _monitor_not_running(self, ready: IDependable) -> RunbookAlarm:
        """FILL, for CloudWatch looks back further than two periods before it calls data missing."""
        watch = RunbookAlarm(
            self,
            "monitor-not-running",
            runbook=self._runbook,
            meaning=f"The monitor has not finished a run in 2 periods of {self._minutes} minutes, so that "
            "the page and the model's alarms are out of date",
            metric=cloudwatch.MathExpression(
                expression="FILL(runs, 0)",
                label="Finished runs of the monitor",
                period=self._metrics.period,
                using_metrics={"runs": self._metrics.stage_metric("MonitorRuns")},
            ),
            threshold=1,
            below=True,
            periods=2,
            missing=cloudwatch.TreatMissingData.BREACHING,
        )
        watch.node.add_dependency(ready)
        return watch

    def _undelivered(self, dead_letters: Sequence[DeadLetters]) -> RunbookAlarm:
        """Rings until the queues are empty: what is in them, somebody has not heard."""
        period = self._metrics.period
        failed = [undelivered(self._runbook.names.topic, period)]
        failed += [metric for letters in dead_letters for metric in letters.metrics(period)]
        named = {f"m{number}": metric for number, metric in enumerate(failed, start=1)}
        return RunbookAlarm(
            self,
            "undelivered",
            runbook=self._runbook,
            meaning="A rule, the schedule or the topic could not hand over a message: somebody has not heard "
            "of a failure, or a run was not started",
            metric=cloudwatch.MathExpression(
                expression=" + ".join(f"FILL({name}, 0)" for name in named),
                label="Messages that were not delivered",
                period=period,
                using_metrics=dict(named),
            ),
            threshold=1,
        )


def requests_that_show(capture_percentage: int) -> int:
    """The fewest requests of which at least one is captured, but for `CHANCE`."""
    if capture_percentage == 100:
        return 1
    return math.ceil(math.log(CHANCE) / math.log(1 - capture_percentage / 100))
