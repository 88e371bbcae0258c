"""Alarms on what the model answers: whether it is as sure as it was, whether it sees what it was made for."""

from __future__ import annotations

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from stacks.constructs.runbook import Runbook
from stacks.monitoring.metrics import ModelMetrics
from stacks.monitoring.runbook_alarm import RunbookAlarm
from stacks.settings.monitoring import ModelLimits


class ModelAlarms(Construct):
    """All look at what the monitor says of the last `monitoring.window_hours`, and keep their state while
    it says nothing: too few inferences are no reason for any."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        runbook: Runbook,
        limits: ModelLimits,
        window_hours: int,
        metrics: ModelMetrics,
    ) -> None:
        super().__init__(scope, id)
        hours, ignore = window_hours, cloudwatch.TreatMissingData.IGNORE
        self.all = [
            RunbookAlarm(
                self,
                "low-confidence",
                runbook=runbook,
                meaning=f"In the last {hours} hours the share of answers below the threshold was more than "
                f"{100 * limits.low_confidence_margin:g} points of 100 above that on held-out pictures",
                metric=metrics.stage_metric("LowConfidenceExcess", "Maximum"),
                threshold=limits.low_confidence_margin,
                above=True,
                missing=ignore,
            ),
            RunbookAlarm(
                self,
                "drift",
                runbook=runbook,
                meaning=f"In the last {hours} hours answers or images differed from the held-out pictures: "
                f"a population stability index of {limits.drift_psi:g} or more",
                metric=metrics.stage_metric("DriftedMeasures", "Maximum"),
                threshold=1,
                missing=ignore,
            ),
            RunbookAlarm(
                self,
                "unfamiliar-pictures",
                runbook=runbook,
                meaning=f"In the last {hours} hours the share of unfamiliar pictures was more than "
                f"{100 * limits.unfamiliar_margin:g} points of 100 above that of held-out pictures",
                metric=metrics.stage_metric("UnfamiliarExcess", "Maximum"),
                threshold=limits.unfamiliar_margin,
                above=True,
                missing=ignore,
            ),
        ]
