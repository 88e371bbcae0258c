"""What the dashboard shows of the workflows."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_stepfunctions as sfn

from contracts import words
from contracts.names import StageNames
from stacks.monitoring.metrics import ModelMetrics, function_errors, throttles_of
from stacks.monitoring.widgets import graph

PERIOD = Duration.minutes(5)
OUTCOMES = {
    "ExecutionsStarted": "Started",
    "ExecutionsSucceeded": words.OUTCOMES["SUCCEEDED"],
    "ExecutionsFailed": words.OUTCOMES["FAILED"],
    "ExecutionsTimedOut": words.OUTCOMES["TIMED_OUT"],
    "ExecutionsAborted": words.OUTCOMES["ABORTED"],
    "ExecutionThrottled": "Throttled",
}


def workflow_widgets(
    *,
    image_machine: sfn.IStateMachine,
    batch_machine: sfn.IStateMachine,
    functions: Mapping[str, str],
    metrics: ModelMetrics,
) -> list[list[cloudwatch.IWidget]]:
    """Executions by outcome and by error, how long they took, and the functions below them."""
    machines = {"one image": image_machine, "many images": batch_machine}
    return [
        [
            *(
                graph(f"{words.EXECUTIONS_BY_OUTCOME}: {images}", _outcomes(machine), unit="in 5 minutes")
                for images, machine in machines.items()
            ),
            graph(
                words.ERRORS_OF_EXECUTIONS,
                [metrics.by_error("FailedExecutionsByError")],
                unit="since the run before",
                stacked=True,
            ),
        ],
        [
            *(
                graph(f"Duration: {images}", _durations(machine), unit="seconds")
                for images, machine in machines.items()
            ),
            graph(
                "Functions: errors and throttles",
                [function_errors(StageNames(metrics.stage).errors_namespace, PERIOD), *_throttles(functions)],
                unit="in 5 minutes",
            ),
        ],
    ]


def _outcomes(machine: sfn.IStateMachine) -> list[cloudwatch.IMetric]:
    return [
        machine.metric(name, statistic="Sum", label=label, period=PERIOD) for name, label in OUTCOMES.items()
    ]


def _durations(machine: sfn.IStateMachine) -> list[cloudwatch.IMetric]:
    """Step Functions counts in milliseconds."""
    shown = {"p50": "Half of them", "p99": "99 of 100"}
    return [
        cloudwatch.MathExpression(
            expression=f"{statistic} / 1000",
            using_metrics={statistic: machine.metric_time(statistic=statistic, period=PERIOD)},
            label=label,
            period=PERIOD,
        )
        for statistic, label in shown.items()
    ]


def _throttles(functions: Mapping[str, str]) -> list[cloudwatch.IMetric]:
    return [throttles_of(name, PERIOD, f"Throttled: {title}") for title, name in functions.items()]
