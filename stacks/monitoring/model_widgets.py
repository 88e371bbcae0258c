"""What the dashboard shows of the model's answers: what the monitor emits, a value a run."""

from __future__ import annotations

from aws_cdk import aws_cloudwatch as cloudwatch

from contracts import words
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
            graph(words.PREDICTED_CLASSES, metrics.by_class("ClassInferences"), unit=each, stacked=True),
            graph(
                f"{words.CONFIDENCE} by predicted class, mean",
                metrics.by_class("ClassMeanConfidence", "Average"),
                unit=each,
                most=1,
            ),
            graph(
                f"{words.CONFIDENCE} and {words.ACCURACY.lower()}, over {hours} hours",
                [
                    metrics.stage_metric("MeanConfidence", "Average", "Mean confidence"),
                    metrics.stage_metric(
                        "EstimatedAccuracy", "Average", f"{words.ACCURACY}, estimated while nothing drifts"
                    ),
                ],
                unit="share",
                most=1,
            ),
        ],
        [
            graph(
                f"{words.LOW_CONFIDENCE} and {words.UNFAMILIAR.lower()}, over {hours} hours",
                [
                    metrics.stage_metric("LowConfidenceShare", "Average", words.LOW_CONFIDENCE),
                    metrics.stage_metric(
                        "LowConfidenceExcess", "Average", f"{words.LOW_CONFIDENCE}, more than expected"
                    ),
                    metrics.stage_metric("UnfamiliarShare", "Average", words.UNFAMILIAR),
                    metrics.stage_metric(
                        "UnfamiliarExcess", "Average", f"{words.UNFAMILIAR}, more than expected"
                    ),
                ],
                unit="share",
                limit=(limits.low_confidence_margin, "low-confidence, of the excess"),
            ),
            graph(
                f"{words.DRIFT}, over {hours} hours",
                metrics.by_measure("Psi"),
                unit="population stability index",
                limit=(limits.drift_psi, "drift"),
            ),
            graph(
                f"Captured and {words.UNREADABLE.lower()}",
                [
                    metrics.stage_metric("CapturedRequests", label="Captured requests"),
                    metrics.stage_metric("Inferences", label="Captured inferences"),
                    metrics.stage_metric("RefusedImages", label="Images that the model refused"),
                    metrics.stage_metric("UnreadableLines", label=f"{words.UNREADABLE}, in lines"),
                ],
                unit=each,
            ),
        ],
    ]
