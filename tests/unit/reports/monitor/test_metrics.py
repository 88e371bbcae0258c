"""The metrics' lines are AWS's embedded metric format, and hold nothing that is not known."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from reports.monitor.increment import MetricCounts
from reports.monitor.metrics import MOST_ERRORS, bounded, metric_lines

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PENDING = MetricCounts(
    requests=3, inferences=4, low_confidence=1, refused=2, unreadable=5, classes={"a": (3, 2.7)}
)


def numbers(**changed: Any) -> Any:
    measures = [
        {"name": "confidence", "psi": 0.31, "verdict": "drift"},
        {"name": "class_share", "psi": 0.01, "verdict": "stable"},
        {"name": "width", "psi": None, "verdict": "no_images"},
        {"name": "height", "psi": 0.4, "verdict": "not_enough_data"},
    ]
    return {
        "captured": {"inferences": 300},
        "confidence": {"mean": 0.8},
        "low_confidence": {"share": 0.25, "expected": 0.2, "excess": 0.05},
        "unfamiliar": {"share": 0.4, "excess": 0.1, "answers": 250},
        "drift": {"minimum": 200, "verdict": "drift", "measures": measures},
        "accuracy": {"estimate": {"value": 0.9}},
    } | changed


def emitted(
    given: Any, pending: MetricCounts = PENDING, failures: dict[str, int] | None = None
) -> list[dict[str, Any]]:
    return [json.loads(line) for line in metric_lines("dev", NOW, given, pending, failures or {})]


def test_every_line_is_embedded_metric_format() -> None:
    """Rules: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html"""
    lines = emitted(numbers(), failures={"LowConfidence": 2})
    assert len(lines) == 5
    for line in lines:
        assert line["_aws"]["Timestamp"] == 1_795_262_400_000
        [directive] = line["_aws"]["CloudWatchMetrics"]
        assert directive["Namespace"] == "scones"
        [dimensions] = directive["Dimensions"]
        assert dimensions[0] == "Stage"
        assert all(isinstance(line[name], str) and line[name] for name in dimensions)
        assert 1 <= len(directive["Metrics"]) <= 100
        for metric in directive["Metrics"]:
            assert set(metric) == {"Name", "Unit"}
            assert metric["Unit"] in ("Count", "None")
            assert isinstance(line[metric["Name"]], int | float)
        named = {metric["Name"] for metric in directive["Metrics"]}
        assert set(line) == {"_aws", *dimensions, *named}


def test_what_is_emitted() -> None:
    stage, class_, *measures, error = emitted(numbers(), failures={"LowConfidence": 2})
    assert {name: value for name, value in stage.items() if name != "_aws"} == {
        "Stage": "dev",
        "MonitorRuns": 1,
        "CapturedRequests": 3,
        "Inferences": 4,
        "LowConfidence": 1,
        "UnreadableLines": 5,
        "RefusedImages": 2,
        "LowConfidenceShare": 0.25,
        "LowConfidenceExcess": pytest.approx(0.05),
        "UnfamiliarShare": 0.4,
        "UnfamiliarExcess": 0.1,
        "MeanConfidence": 0.8,
        "DriftedMeasures": 1,
        "EstimatedAccuracy": 0.9,
    }
    assert (class_["Class"], class_["ClassInferences"]) == ("a", 3)
    assert class_["ClassMeanConfidence"] == pytest.approx(0.9)
    assert [(line["Measure"], line["Psi"]) for line in measures] == [
        ("confidence", 0.31),
        ("class_share", 0.01),
    ]
    assert (error["Error"], error["FailedExecutionsByError"]) == ("LowConfidence", 2)


def test_nothing_is_judged_from_too_little_data() -> None:
    drift = {"minimum": 200, "verdict": "not_enough_data", "measures": []}
    [stage] = emitted(numbers(captured={"inferences": 199}, drift=drift), MetricCounts())
    assert not {"LowConfidenceShare", "LowConfidenceExcess", "DriftedMeasures", "EstimatedAccuracy"} & set(
        stage
    )
    assert (stage["MonitorRuns"], stage["CapturedRequests"], stage["MeanConfidence"]) == (1, 0, 0.8)


def test_nothing_is_emitted_without_what_it_is_compared_with() -> None:
    given = numbers(
        low_confidence={"share": 0.25, "expected": None, "excess": None},
        accuracy={"estimate": None},
        confidence={"mean": None},
        drift={"minimum": 200, "verdict": "no_baseline", "measures": []},
    )
    [stage] = emitted(given, MetricCounts())
    assert stage["LowConfidenceShare"] == 0.25
    assert not {"LowConfidenceExcess", "MeanConfidence", "EstimatedAccuracy", "DriftedMeasures"} & set(stage)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_left_out(value: float) -> None:
    [stage] = emitted(
        numbers(confidence={"mean": value}, drift={"minimum": 200, "verdict": "no_baseline", "measures": []}),
        MetricCounts(),
    )
    assert "MeanConfidence" not in stage


@pytest.mark.parametrize(
    ("name", "emitted_as"),
    [
        ("vélo", "v\\xe9lo"),
        ("自転車", "\\u81ea\\u8ee2\\u8eca"),
        (" ", "?"),
        ("a\nb", "a?b"),
        ("a" * 300, "a" * 250),
    ],
)
def test_values_of_dimensions_are_what_cloudwatch_takes(name: str, emitted_as: str) -> None:
    [_, class_, *_] = emitted(numbers(), MetricCounts(classes={name: (1, 0.5)}))
    assert class_["Class"] == emitted_as


def test_the_errors_names_are_bounded() -> None:
    failures = {f"error-{place:03d}": place for place in range(1, 51)}
    kept = bounded(failures)
    assert len(kept) == MOST_ERRORS + 1
    assert kept["other"] == sum(range(1, 31))
    assert Counter(kept).total() == Counter(failures).total()
    assert bounded({"A": 1}) == {"A": 1}
