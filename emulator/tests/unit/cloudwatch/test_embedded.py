"""The embedded metric format: what becomes a metric, and what is malformed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from loopback_aws.cloudwatch.embedded import DefinitionError, Embedded, ParsingError, embedded_metrics

NOW = 1_790_000_000.0


def event(directive: dict[str, Any] | None = None, **root: Any) -> str:
    given = {
        "Namespace": "app",
        "Dimensions": [["Service"]],
        "Metrics": [{"Name": "Requests", "Unit": "Count"}],
    }
    meta = {"Timestamp": NOW * 1000 - 500, "CloudWatchMetrics": [given | (directive or {})]}
    return json.dumps({"_aws": meta, "Service": "dev", "Requests": 7} | root)


def test_a_metric_has_its_value_unit_dimensions_and_moment() -> None:
    assert embedded_metrics(event(), NOW) == [
        Embedded("app", "Requests", {"Service": "dev"}, "Count", (7.0,), NOW - 0.5)
    ]


def test_every_metric_is_published_under_every_set_of_dimensions() -> None:
    metrics = [{"Name": "Requests"}, {"Name": "Load", "StorageResolution": 60}]
    sets: list[list[str]] = [["Service"], ["Service", "Part"], []]
    found = embedded_metrics(
        event({"Dimensions": sets, "Metrics": metrics}, Load=[0.1, 2], Part="width"), NOW
    )
    assert [(one.name, list(one.dimensions), one.values) for one in found] == [
        ("Requests", ["Service"], (7.0,)),
        ("Requests", ["Service", "Part"], (7.0,)),
        ("Requests", [], (7.0,)),
        ("Load", ["Service"], (0.1, 2.0)),
        ("Load", ["Service", "Part"], (0.1, 2.0)),
        ("Load", [], (0.1, 2.0)),
    ]
    assert {one.unit for one in found} == {"None"}


@pytest.mark.parametrize(
    "text", ["", "plain", '{"level": "INFO"}', "x" + event(), event()[:-5], '[{"_aws": 1}]', '"_aws"']
)
def test_any_other_event_embeds_none(text: str) -> None:
    assert embedded_metrics(text, NOW) == []


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (json.dumps({"_aws": {"Timestamp": NOW * 1000}}), ParsingError),
        (json.dumps({"_aws": 5}), ParsingError),
        (json.dumps({"_aws": {"Timestamp": "now", "CloudWatchMetrics": []}}), ParsingError),
        (event({"Namespace": None}), ParsingError),
        (event({"Metrics": "Requests"}), ParsingError),
        (event({"Dimensions": ["Service"]}), ParsingError),
        (event(Requests="7"), DefinitionError),
        (event(Requests=True), DefinitionError),
        (event(Requests=None), DefinitionError),
        (event(Requests=[]), DefinitionError),
        (event(Requests=[1.0] * 101), DefinitionError),
        (event(Requests={"value": 7}), DefinitionError),
        (event(Service=5), DefinitionError),
        (event({"Dimensions": [["Gone"]]}), DefinitionError),
        (event({"Metrics": [{"Name": "Requests", "Unit": "Pieces"}]}), DefinitionError),
        (event({"Metrics": [{"Name": "Requests"}] * 101}), DefinitionError),
        (event().replace(str(NOW * 1000 - 500), str(NOW * 1000 - 15 * 86_400_000)), DefinitionError),
    ],
)
def test_nothing_of_a_malformed_event_becomes_a_metric(text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        embedded_metrics(text, NOW)
