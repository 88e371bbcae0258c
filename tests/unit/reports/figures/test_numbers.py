"""The document has exactly the keys that page, command line and monitor rely on, and is plain JSON."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from contracts.artifact.card import check_card
from reports.figures.analysis import Analysis
from reports.figures.baseline import EDGES, IMAGE_MEASURES, read_baseline
from reports.figures.limits import Limits
from reports.figures.numbers import make_numbers
from tests.artifacts import model_card
from tests.unit.reports.samples import CLASSES, about, captured_lines, card, sample_numbers

RECORD = (
    "time class confidence low inference_id event_id s3_bucket s3_key execution execution_arn picture "
    "true_class"
)
KEYS = {
    "": "schema_version generated stage where endpoint links window model captured classes confidence "
    "low_confidence unfamiliar hours accuracy drift images executions recent_total recent least_certain "
    "verdict",
    "window": "start stop",
    "model": "digest classes threshold held_out",
    "model.held_out": "images accuracy",
    "captured": "files requests inferences repeated refused without_input first last problems",
    "captured.problems": "kind meaning count example",
    "classes": "name inferences share baseline_share mean_confidence low_confidence",
    "confidence": "edges counts baseline_counts mean quantiles resolution",
    "confidence.quantiles": "p05 p25 p50 p75 p95",
    "low_confidence": "count share expected limit excess",
    "hours": "start inferences low_confidence mean_confidence",
    "accuracy": "estimate withdrawn labelled labels",
    "accuracy.estimate": "value low high inferences method",
    "accuracy.labelled": "value low high images per_class confusion unmatched",
    "accuracy.labelled.per_class": "name images precision recall",
    "drift": "verdict limit minimum measures",
    "drift.measures": "name label unit psi critical samples baseline_samples verdict mean baseline_mean",
    "images": "with_image measured every undecodable",
    "recent": RECORD,
    "least_certain": RECORD,
    "verdict": "state summary checks",
    "verdict.checks": "name label state value limit advice section",
}


def test_a_full_document_has_exactly_these_keys() -> None:
    numbers = sample_numbers(300, labelled=True)
    damaged = sample_numbers(0)
    damaged["captured"] = made([*captured_lines(1), b"{"], card())["captured"]
    found = {**keys(numbers), "captured.problems": keys(damaged)["captured.problems"]}
    found = {path: names for path, names in found.items() if not path.startswith(("executions", "links"))}
    assert found == {path: set(names.split()) for path, names in KEYS.items()}
    assert [measure["name"] for measure in numbers["drift"]["measures"]] == [
        "confidence",
        "class_share",
        *IMAGE_MEASURES,
    ]
    assert numbers["confidence"]["edges"] == list(EDGES)


def keys(value: Any, path: str = "") -> dict[str, set[str]]:
    """The keys of every object in the document, by where it is; of a list the first entry's."""
    if isinstance(value, list):
        return keys(value[0], path) if value else {}
    if not isinstance(value, dict):
        return {}
    inside = {path: set(value)}
    for key in value:
        inside |= keys(value[key], f"{path}.{key}".strip("."))
    return inside


def made(lines: list[bytes], of: dict[str, Any]) -> Any:
    analysis = Analysis(read_baseline(check_card(of)))
    analysis.read("some.jsonl", lines)
    return make_numbers(analysis, None, Limits(), about())


PARTS = [
    "metrics",
    "baseline",
    "baseline.confidence_histogram",
    "baseline.class_shares",
    "baseline.image_statistics",
]


@pytest.mark.parametrize(
    "missing", [*PARTS, "metrics.accuracy", "metrics.mean_confidence", "baseline.images"]
)
def test_whatever_the_artifact_leaves_out_the_document_is_whole(missing: str) -> None:
    without = json.loads(json.dumps(card()))
    *parents, last = missing.split(".")
    place = without
    for key in parents:
        place = place[key]
    del place[last]
    for count in (0, 1, 300):
        numbers = made(list(captured_lines(count)), without)
        assert set(numbers) == set(KEYS[""].split())
        json.dumps(numbers, allow_nan=False)


def test_an_artifact_without_any_baseline_says_so() -> None:
    numbers = made(list(captured_lines(300)), model_card(CLASSES))
    assert numbers["drift"]["verdict"] == "no_baseline"
    assert numbers["model"]["held_out"] is None
    assert numbers["low_confidence"]["expected"] is None
    assert numbers["accuracy"]["estimate"]["value"] > 0.8
    assert numbers["verdict"]["state"] == "unknown"
    assert "baseline" in numbers["verdict"]["summary"]


def test_names_for_people_are_said_of_the_model_once() -> None:
    names = {CLASSES[1]: "two wheels, an engine"}
    numbers = made(list(captured_lines(20)), {**card(), "names": names})
    assert numbers["model"]["names"] == names
    assert (
        {row["name"] for row in numbers["classes"]}
        == {row["class"] for row in numbers["recent"]}
        == {*CLASSES}
    )


def test_numbers_are_finite_rounded_and_times_are_utc() -> None:
    numbers = sample_numbers(300, labelled=True)
    for number in leaves(numbers):
        if isinstance(number, float):
            assert math.isfinite(number)
            assert number == round(number, 6)
    assert numbers["window"] == {"start": "2026-10-24T12:00:00Z", "stop": "2026-10-25T12:00:00Z"}
    times = [record["time"] for record in numbers["recent"]]
    assert times == sorted(times)
    doubts = [record["confidence"] for record in numbers["least_certain"]]
    assert doubts == sorted(doubts)
    assert all(record["low"] == (record["confidence"] < 0.9) for record in numbers["recent"])


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict | list):
        return [
            leaf
            for inside in (value.values() if isinstance(value, dict) else value)
            for leaf in leaves(inside)
        ]
    return [value]


def test_at_most_a_thousand_recent_ones_of_all() -> None:
    numbers = sample_numbers(1500, pictures=False)
    assert (numbers["recent_total"], len(numbers["recent"]), len(numbers["least_certain"])) == (
        1500,
        1000,
        24,
    )
    assert numbers["recent"][-1]["inference_id"] == "image-1499"
    assert numbers["recent"][0]["inference_id"] == "image-500"


def test_a_fraction_of_a_second_is_kept() -> None:
    line = next(captured_lines(1, pictures=False)).replace(b'Z"}', b'.250Z"}')
    assert made([line], card())["recent"][0]["time"].endswith(".250Z")
