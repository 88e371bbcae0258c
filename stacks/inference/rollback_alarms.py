"""Alarms that roll an endpoint update back."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from stacks.settings.endpoint import RolloutSettings

MICROSECONDS_PER_MILLISECOND = 1000


def rollback_alarms(
    scope: Construct, *, endpoint: str, variant: str, config: str, rollout: RolloutSettings
) -> list[cloudwatch.Alarm]:
    """Server errors and latency of the fleet that runs `config`; the old fleet, with another, has no say."""
    fleet = {"EndpointName": endpoint, "VariantName": variant, "EndpointConfigName": config}

    def watch(id: str, metric: str, statistic: str, limit: float, meaning: str) -> cloudwatch.Alarm:
        return cloudwatch.Alarm(
            scope,
            id,
            alarm_description=f"{meaning}: an update of {endpoint} rolls back",
            metric=cloudwatch.Metric(
                namespace="AWS/SageMaker",
                metric_name=metric,
                dimensions_map=fleet,
                statistic=statistic,
                period=Duration.minutes(1),
            ),
            threshold=limit,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    errors, latency = rollout.max_server_errors, rollout.max_latency_ms
    return [
        watch(
            "NewFleetServerErrors",
            "Invocation5XXErrors",
            "Sum",
            errors,
            f"The new fleet answered more than {errors} requests with 5xx in a minute",
        ),
        watch(
            "NewFleetLatency",
            "ModelLatency",
            "p99",
            latency * MICROSECONDS_PER_MILLISECOND,
            f"The new fleet's model took more than {latency} ms (99th percentile)",
        ),
    ]
