"""What the dashboard shows of the model's answers: what the monitor emits, a value a run."""

from __future__ import annotations

from aws_cdk import aws_cloudwatch as cloudwatch

from stacks.monitoring.metrics import ModelMetrics
from stacks.monitoring.widgets import graph
from stacks.settings.monitoring import ModelLimits


def model_widgets(
    metrics: ModelMetrics, *, limits: ModelLimits, window_hours: int
) -> list[list[cloudwatch.IWidget]]:
    """Classes, confidence, drift, and what became of the captured data."""
    each, hours = "since the run before", window_hours
    return [
        [
            graph(
                "Inferences by predicted class", metrics.by_class("ClassInferences"), unit=each, stacked=True
            ),
            graph(
                "Mean confidence by predicted class",
                metrics.by_class("ClassMeanConfidence", "Average"),
                unit=each,
                most=1,
            ),
            graph(
                f"Confidence, over {hours} hours",
                [
                    metrics.stage_metric("MeanConfidence", "Average", "mean"),
                    metrics.stage_metric(
                        "EstimatedAccuracy", "Average", "accuracy, estimated while nothing drifts"
                    ),
                ],
                unit="share",
                most=1,
            ),
        ],
        [
            graph(
                f"Low confidence and unfamiliar pictures, over {hours} hours",
                [
                    metrics.stage_metric("LowConfidenceShare", "Average", "share below the threshold"),
                    metrics.stage_metric("LowConfidenceExcess", "Average", "more than on held-out pictures"),
                    metrics.stage_metric("UnfamiliarShare", "Average", "share of unfamiliar pictures"),
                    metrics.stage_metric(
                        "UnfamiliarExcess", "Average", "unfamiliar, more than of held-out pictures"
                    ),
                ],
                unit="share",
                limit=(limits.low_confidence_margin, "low-confidence, of the second"),
            ),
            graph(
                f"Drift, over {hours} hours",
                metrics.by_measure("Psi"),
                unit="population stability index",
                limit=(limits.drift_psi, "drift"),
            ),
            graph(
                "Captured data",
                [
                    metrics.stage_metric("CapturedRequests", label="requests"),
                    metrics.stage_metric("Inferences", label="inferences"),
                    metrics.stage_metric("RefusedImages", label="images that the model refused"),
                    metrics.stage_metric("UnreadableLines", label="lines that cannot be read"),
                ],
                unit=each,
            ),
        ],
    ]
