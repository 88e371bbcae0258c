"""What is measured, apart from what is shown of it and what is reported: the names of all metrics.

Those of the model are emitted by the monitor (reports/monitor), in one namespace; their dimensions are few
and known, never an image's or an execution's name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_stepfunctions as sfn

from contracts.artifact.class_names import shown_class
from contracts.names import METRICS, VARIANT
from contracts.words import MEASURES

INSTANCES = "/aws/sagemaker/Endpoints"
"""What SageMaker says of the instances below an endpoint, once a minute each."""
FUNCTION_ERRORS = "FunctionErrors"
MICROSECONDS_PER_MILLISECOND = 1000
DIMENSION_CHARACTERS = 250
ANSWER_MEASURES = ("confidence", "class_share")
IMAGE_MEASURES = ("brightness", "contrast", "sharpness", "colorfulness", "width", "height")


def dimension(value: str) -> str:
    """A class's name as the monitor writes it: CloudWatch takes ASCII, and not much of it."""
    text = value.encode("ascii", "backslashreplace").decode()
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:DIMENSION_CHARACTERS]


def function_errors(namespace: str, period: Duration) -> cloudwatch.Metric:
    """Invocations that ended in an error which nobody foresaw, of all functions of the stage."""
    return cloudwatch.Metric(namespace=namespace, metric_name=FUNCTION_ERRORS, statistic="Sum", period=period)


def throttles_of(function: str, period: Duration, label: str | None = None) -> cloudwatch.Metric:
    """Invocations of a function of this name that Lambda refused."""
    return cloudwatch.Metric(
        namespace="AWS/Lambda",
        metric_name="Throttles",
        dimensions_map={"FunctionName": function},
        statistic="Sum",
        period=period,
        label=label,
    )


def undelivered(topic: str, period: Duration) -> cloudwatch.Metric:
    """Messages of a topic of this name that an address did not take."""
    return cloudwatch.Metric(
        namespace="AWS/SNS",
        metric_name="NumberOfNotificationsFailed",
        dimensions_map={"TopicName": topic},
        statistic="Sum",
        period=period,
    )


@dataclass(frozen=True, kw_only=True)
class EndpointMetrics:
    """SageMaker's of one endpoint. Its latencies are in microseconds."""

    endpoint: str
    period: Duration

    def invocation(self, name: str, statistic: str = "Sum") -> cloudwatch.Metric:
        """`Invocations`, `Invocation5XXErrors`, `ModelLatency` and others of its kind."""
        return self._metric("AWS/SageMaker", name, statistic)

    def milliseconds(self, name: str, statistic: str, label: str) -> cloudwatch.MathExpression:
        """A latency, turned into milliseconds. The id tells it from others of its graph."""
        own = f"{name[0].lower()}{name[1:]}_{statistic}"
        return cloudwatch.MathExpression(
            expression=f"{own} / {MICROSECONDS_PER_MILLISECOND}",
            using_metrics={own: self.invocation(name, statistic)},
            label=label,
            period=self.period,
        )

    def instance(self, name: str, statistic: str, label: str) -> cloudwatch.Metric:
        """`CPUUtilization` in percent of one core, so of two cores up to 200, or `MemoryUtilization`."""
        return self._metric(INSTANCES, name, statistic, label)

    def instances(self) -> cloudwatch.MathExpression:
        """How many there were: each reports its processor's use once a minute."""
        return cloudwatch.MathExpression(
            expression="samples * 60 / PERIOD(samples)",
            using_metrics={"samples": self._metric(INSTANCES, "CPUUtilization", "SampleCount")},
            label="Instances",
            period=self.period,
        )

    def _metric(
        self, namespace: str, name: str, statistic: str, label: str | None = None
    ) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=namespace,
            metric_name=name,
            dimensions_map={"EndpointName": self.endpoint, "VariantName": VARIANT},
            statistic=statistic,
            label=label,
            period=self.period,
        )


@dataclass(frozen=True, kw_only=True)
class ModelMetrics:
    """The monitor's of one stage, a value a run."""

    stage: str
    classes: Sequence[str]
    names: Mapping[str, str]
    measures: Sequence[str]
    period: Duration

    def stage_metric(self, name: str, statistic: str = "Sum", label: str | None = None) -> cloudwatch.Metric:
        return self._metric(name, statistic, label, {})

    def by_class(self, name: str, statistic: str = "Sum") -> list[cloudwatch.Metric]:
        """A metric a class: by its label, and shown as people read it."""
        return [
            self._metric(name, statistic, shown_class(one, self.names), {"Class": dimension(one)})
            for one in self.classes
        ]

    def by_measure(self, name: str, statistic: str = "Average") -> list[cloudwatch.Metric]:
        return [self._metric(name, statistic, MEASURES[one], {"Measure": one}) for one in self.measures]

    def by_error(self, name: str) -> cloudwatch.MathExpression:
        """One line an error that occurred: which there are nobody knows before."""
        found = f'{{{METRICS},Stage,Error}} MetricName="{name}" Stage="{self.stage}"'
        return cloudwatch.MathExpression(
            expression=f"SEARCH('{found}', 'Sum')", using_metrics={}, label="", period=self.period
        )

    def _metric(
        self, name: str, statistic: str, label: str | None, further: dict[str, str]
    ) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=METRICS,
            metric_name=name,
            dimensions_map={"Stage": self.stage, **further},
            statistic=statistic,
            label=label,
            period=self.period,
        )


def unsuccessful(machine: sfn.IStateMachine, period: Duration) -> cloudwatch.MathExpression:
    """Executions that did not succeed, however; 0 when there were none."""
    return cloudwatch.MathExpression(
        expression="FILL(failed, 0) + FILL(timedOut, 0) + FILL(aborted, 0)",
        label="Executions that did not succeed",
        period=period,
        using_metrics={
            "failed": machine.metric_failed(period=period),
            "timedOut": machine.metric_timed_out(period=period),
            "aborted": machine.metric_aborted(period=period),
        },
    )
