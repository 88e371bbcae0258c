"""The dashboard as CloudWatch reads it: what operators ask first is on it, in units that people use."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from aws_cdk import Duration
from aws_cdk.assertions import Template

from reports.monitor.increment import MetricCounts
from reports.monitor.metrics import metric_lines
from reports.page import render_page
from reports.page.wording import OUTCOMES
from stacks.monitoring.metrics import ANSWER_MEASURES, IMAGE_MEASURES, ModelMetrics, dimension
from stacks.settings import StageSettings, parse_settings
from tests.template.conftest import SMALLEST
from tests.template.resources import only
from tests.unit.reports.samples import sample_numbers

Templates = dict[str, Template]
KIND = "AWS::CloudWatch::Dashboard"


def body(template: Template) -> dict[str, Any]:
    """The dashboard's body with a name in place of each reference."""

    def text(value: Any) -> str:
        if isinstance(value, str):
            return value
        if "Fn::Join" in value:
            separator, parts = value["Fn::Join"]
            return str(separator).join(text(part) for part in parts)
        (name,) = value
        return "eu-west-1" if value == {"Ref": "AWS::Region"} else str(name).replace("::", "-")

    read: dict[str, Any] = json.loads(text(only(template, KIND)["DashboardBody"]))
    return read


@pytest.fixture(scope="module")
def widgets(smallest: Templates) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = body(smallest["monitoring"])["widgets"]
    return found


def graphs(widgets: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {item["properties"]["title"]: item["properties"] for item in widgets if item["type"] == "metric"}


def shown(graph: dict[str, Any]) -> list[str]:
    """Names of the metrics in a graph, in their order."""
    return [line[1] for line in graph["metrics"] if isinstance(line[0], str)]


def test_it_is_named_after_the_stage_and_fits_its_grid(
    smallest: Templates, widgets: list[dict[str, Any]]
) -> None:
    assert only(smallest["monitoring"], KIND)["DashboardName"] == "scones-test"
    taken: set[tuple[int, int]] = set()
    for item in widgets:
        cells = {
            (x, y)
            for x in range(item["x"], item["x"] + item["width"])
            for y in range(item["y"], item["y"] + item["height"])
        }
        assert not cells & taken
        assert all(x < 24 for x, _ in cells)
        taken |= cells


def test_alarms_are_on_top_beside_links_to_report_and_runbook(fullest: Templates) -> None:
    first, second, *_ = body(fullest["monitoring"])["widgets"]
    assert first["type"] == "alarm"
    assert len(first["properties"]["alarms"]) == 15
    assert (first["y"], second["y"]) == (0, 0)
    text = second["properties"]["markdown"]
    assert "https://eu-west-1.Fn-FindInMap/s3/object/" in text
    assert "&prefix=reports/latest.html)" in text
    assert "(https://wiki.example.com/scones)" in text


def test_the_endpoint_is_shown_in_people_s_units(widgets: list[dict[str, Any]]) -> None:
    by_title = graphs(widgets)
    latency = by_title["Latency"]
    assert latency["yAxis"]["left"]["label"] == "milliseconds"
    visible = [line[0]["expression"] for line in latency["metrics"] if isinstance(line[0], dict)]
    assert visible
    assert all(expression.endswith(" / 1000") for expression in visible)
    assert all(line[-1]["visible"] is False for line in latency["metrics"] if isinstance(line[0], str))
    assert latency["annotations"]["horizontal"][0]["value"] == 2000
    (instances, samples) = by_title["Instances"]["metrics"]
    assert instances[0]["expression"] == "samples * 60 / PERIOD(samples)"
    assert samples[:2] == ["/aws/sagemaker/Endpoints", "CPUUtilization"]
    assert samples[-1]["stat"] == "SampleCount"
    names = {name for graph in by_title.values() for name in shown(graph)}
    assert names >= {"Invocations", "Invocation4XXErrors", "Invocation5XXErrors"}
    assert names >= {"ConcurrentRequestsPerModel", "ModelLatency", "OverheadLatency"}


def test_processor_and_memory_of_the_instances_are_shown(widgets: list[dict[str, Any]]) -> None:
    graph = graphs(widgets)["Processor and memory"]
    assert shown(graph) == ["CPUUtilization", "CPUUtilization", "MemoryUtilization"]
    assert {line[0] for line in graph["metrics"] if isinstance(line[0], str)} <= {
        "/aws/sagemaker/Endpoints",
        ".",
    }
    assert graph["yAxis"]["left"]["label"] == "percent"


def test_periods_stay_as_their_labels_say_over_any_time(
    smallest: Templates, widgets: list[dict[str, Any]]
) -> None:
    """CloudWatch would else choose them by the time that is looked at."""
    assert body(smallest["monitoring"])["periodOverride"] == "inherit"
    for title, graph in graphs(widgets).items():
        label = graph["yAxis"]["left"]["label"]
        periods = {line[-1].get("period", 300) for line in graph["metrics"] if isinstance(line[-1], dict)}
        assert periods == {{"since the run before": 3600}.get(label, 300)} or "over 24 hours" in title, title


def test_it_says_the_same_words_as_the_page(widgets: list[dict[str, Any]]) -> None:
    by_title = graphs(widgets)
    html = render_page(sample_numbers(300), console=True)
    headings = set(re.findall(r"<h2[^>]*>([^<]+)</h2>", html))
    for heading in ("Executions by outcome", "Errors of executions", "Predicted classes", "Drift"):
        assert heading in headings
        assert any(title.startswith(heading) for title in by_title)
    labels = [line[-1].get("label") for line in by_title["Drift, over 24 hours"]["metrics"]]
    assert labels == [measure["label"] for measure in sample_numbers(300)["drift"]["measures"]]
    outcomes = [line[-1]["label"] for line in by_title["Executions by outcome: one image"]["metrics"]]
    assert set(outcomes) - {"Started", "Throttled"} == set(OUTCOMES.values()) - {"Running"}


def test_the_workflow_is_shown_by_outcome_error_and_duration(widgets: list[dict[str, Any]]) -> None:
    by_title = graphs(widgets)
    for images in ("one image", "many images"):
        assert shown(by_title[f"Executions by outcome: {images}"]) == [
            "ExecutionsStarted",
            "ExecutionsSucceeded",
            "ExecutionsFailed",
            "ExecutionsTimedOut",
            "ExecutionsAborted",
            "ExecutionThrottled",
        ]
        duration = by_title[f"Duration: {images}"]
        assert duration["yAxis"]["left"]["label"] == "seconds"
        assert {line[0]["expression"] for line in duration["metrics"] if isinstance(line[0], dict)} == {
            "p50 / 1000",
            "p99 / 1000",
        }
    ((search,),) = by_title["Errors of executions"]["metrics"]
    assert search["expression"] == (
        "SEARCH('{scones,Stage,Error} MetricName=\"FailedExecutionsByError\" Stage=\"test\"', 'Sum')"
    )


def emitted(stage: str, classes: tuple[str, ...]) -> set[tuple[Any, ...]]:
    """What the monitor emits when it has everything: name and dimensions of each metric."""
    pending = MetricCounts()
    pending.classes = dict.fromkeys(classes, (10, 9.0))
    measures = [
        {"name": name, "verdict": "stable", "psi": 0.1} for name in (*ANSWER_MEASURES, *IMAGE_MEASURES)
    ]
    numbers: Any = {
        "captured": {"inferences": 1000},
        "drift": {"minimum": 200, "verdict": "stable", "measures": measures},
        "low_confidence": {"share": 0.2, "excess": 0.1},
        "unfamiliar": {"share": 0.4, "excess": 0.1, "answers": 1000},
        "accuracy": {"estimate": {"value": 0.9}},
        "confidence": {"mean": 0.9},
    }
    found: set[tuple[Any, ...]] = set()
    for line in metric_lines(
        stage, datetime(2026, 11, 21, tzinfo=UTC), numbers, pending, {"LowConfidence": 3}
    ):
        told = json.loads(line)
        for directive in told["_aws"]["CloudWatchMetrics"]:
            for metric in directive["Metrics"]:
                pairs = sorted((name, told[name]) for name in directive["Dimensions"][0])
                found.add(
                    (directive["Namespace"], metric["Name"], *(part for pair in pairs for part in pair))
                )
    return found


def test_the_model_is_shown_by_what_the_monitor_emits(widgets: list[dict[str, Any]]) -> None:
    by_monitor = emitted("test", ("bicycle", "motorcycle"))
    lines = [tuple(line[:-1]) for graph in graphs(widgets).values() for line in graph["metrics"]]
    of_the_model = {line for line in lines if line and line[0] == "scones"}
    assert of_the_model <= by_monitor
    unseen = {name for _, name, *_ in by_monitor - of_the_model}
    assert unseen == {"MonitorRuns", "LowConfidence", "DriftedMeasures", "FailedExecutionsByError"}


def test_a_class_is_named_as_the_monitor_names_it() -> None:
    for name in ("bicycle", "Fahrräder", "two\nlines", "x" * 300):
        named = {line[3] for line in emitted("test", (name,)) if line[2] == "Class"}
        assert named == {dimension(name)}


def test_a_class_is_shown_with_its_name_for_people_and_watched_by_its_label() -> None:
    metrics = ModelMetrics(
        stage="dev",
        classes=("c0", "c4"),
        names={"c4": "on the phone, left hand"},
        measures=(),
        period=Duration.minutes(60),
    )
    found = metrics.by_class("ClassInferences")
    assert [metric.label for metric in found] == ["c0", "c4 on the phone, left hand"]
    assert [metric.dimensions["Class"] for metric in found if metric.dimensions] == ["c0", "c4"]


def test_drift_of_images_is_not_asked_for_where_none_are_captured(
    synthesize: Callable[[StageSettings], Templates],
) -> None:
    given = {**SMALLEST, "endpoint": {**SMALLEST["endpoint"], "capture_input": False}}
    template = synthesize(parse_settings("test", given))["monitoring"]
    (drift,) = [graph for title, graph in graphs(body(template)["widgets"]).items() if "Drift" in title]
    assert [line[3] for line in drift["metrics"]] == list(ANSWER_MEASURES)
