"""What the dashboard shows of the endpoint."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from stacks.monitoring.metrics import EndpointMetrics
from stacks.monitoring.widgets import graph


def endpoint_widgets(
    endpoint_name: str, *, latency_limit_ms: int, concurrent_requests: int
) -> list[list[cloudwatch.IWidget]]:
    """Requests and errors, latency in milliseconds, instances, their processors and memory, and how busy they
    are. In periods of five minutes, which CloudWatch keeps for 63 days, and those of one for 15.

    With the lines of `latency_limit_ms`, where its alarm is, and of `concurrent_requests`, those that one
    instance should hold at once.
    """
    endpoint = EndpointMetrics(endpoint=endpoint_name, period=Duration.minutes(5))
    return [
        [
            graph("Requests to the endpoint", [endpoint.invocation("Invocations")], unit="in 5 minutes"),
            graph(
                "Requests refused (4xx) and failed (5xx)",
                [endpoint.invocation("Invocation4XXErrors"), endpoint.invocation("Invocation5XXErrors")],
                unit="in 5 minutes",
            ),
            graph(
                "Latency",
                [
                    endpoint.milliseconds("ModelLatency", "p50", "Model, half of the requests"),
                    endpoint.milliseconds("ModelLatency", "p99", "Model, 99 of 100 requests"),
                    endpoint.milliseconds("OverheadLatency", "p99", "SageMaker's own, 99 of 100 requests"),
                ],
                unit="milliseconds",
                limit=(latency_limit_ms, "endpoint-latency"),
            ),
        ],
        [
            graph("Instances", [endpoint.instances()], unit="instances"),
            graph(
                "Processor and memory",
                [
                    endpoint.instance("CPUUtilization", "Average", "Processor, mean (100 is one core)"),
                    endpoint.instance("CPUUtilization", "Maximum", "Processor, busiest instance"),
                    endpoint.instance("MemoryUtilization", "Maximum", "Memory, fullest instance"),
                ],
                unit="percent",
            ),
            graph(
                "Requests at once, on one instance at most",
                [endpoint.invocation("ConcurrentRequestsPerModel", "Maximum")],
                unit="requests",
                limit=(concurrent_requests, "what scaling aims at"),
            ),
        ],
    ]
