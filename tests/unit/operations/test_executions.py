"""`scones executions`: which rows, and what they say."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from operations.runs.recent import execution_row, run_subject
from tests.unit.operations.conftest import Scones
from tests.unit.operations.deployed import DeployedStage
from tests.unit.operations.executions import BATCH_MACHINE, IMAGE_MACHINE, START, map_run


@pytest.fixture
def aws(deployed: DeployedStage) -> DeployedStage:
    """Six executions, one a minute."""
    states = deployed.states
    seen = {"predicted_class": "c3", "predicted_name": "four wheels", "confidence": 0.9}
    states.add(IMAGE_MACHINE, "good", {"s3_key": "a.png"}, output=seen)
    cause = json.dumps({"errorMessage": "there is no object 'b.png'"})
    failed = {"status": "FAILED", "error": "ImageNotFound", "cause": cause}
    states.add(IMAGE_MACHINE, "bad", {"s3_bucket": "others", "s3_key": "b.png"}, **failed)
    states.add(IMAGE_MACHINE, "stopped", {"image_data": "aGk="}, status="ABORTED")
    counts = {"listed": 2000, "accepted": 1990, "low_confidence": 0, "errors": 10}
    states.add(BATCH_MACHINE, "many", {"s3_bucket": "others", "s3_prefix": "in/"}, seconds=75, output=counts)
    late = {"status": "TIMED_OUT"}
    states.add(BATCH_MACHINE, "late", {"manifest_key": "m.jsonl", "replay_of": "many"}, **late)
    going = states.add(BATCH_MACHINE, "going", {"s3_prefix": ""})
    states.map_runs[going.execution_arn] = [map_run(succeeded=3, running=2)]
    return deployed


def rows(run_scones: Scones, *argv: str) -> list[dict[str, Any]]:
    code, out, _ = run_scones("executions", "--json", *argv)
    assert code == 0
    told: list[dict[str, Any]] = json.loads(out)["executions"]
    return told


@pytest.mark.usefixtures("aws")
def test_both_machines_newest_first(run_scones: Scones) -> None:
    found = rows(run_scones)
    assert [row["execution"] for row in found] == ["going", "late", "many", "stopped", "bad", "good"]
    assert [row["execution"] for row in rows(run_scones, "--limit", "2")] == ["going", "late"]
    assert [row["kind"] for row in found] == ["batch"] * 3 + ["image"] * 3


@pytest.mark.usefixtures("aws")
def test_each_says_what_it_was_about_and_what_came_of_it(run_scones: Scones) -> None:
    found = {row["execution"]: row for row in rows(run_scones)}
    assert [(row["subject"], row["result"], row["error"]) for row in found.values()] == [
        ("the data bucket", "3 of 5 batches, 2 running", None),
        ("replay of many", "", "States.Timeout"),
        ("s3://others/in/", "2,000 images: 1,990 accepted, 10 failed", None),
        ("inline image", "", "Aborted"),
        ("s3://others/b.png", "", "ImageNotFound"),
        ("a.png", "c3 0.9000", None),
    ]
    assert found["bad"]["cause"] == "there is no object 'b.png'"
    assert (found["many"]["duration_seconds"], found["going"]["duration_seconds"]) == (75, None)
    assert found["good"]["predicted_name"] == "four wheels"
    assert found["good"]["started"] == "2026-11-20T09:15:00.000+00:00"


@pytest.mark.usefixtures("aws")
def test_failed_are_those_that_did_not_succeed(run_scones: Scones) -> None:
    assert [row["execution"] for row in rows(run_scones, "--failed")] == ["late", "stopped", "bad"]
    assert [row["execution"] for row in rows(run_scones, "--failed", "--limit", "1")] == ["late"]


@pytest.mark.usefixtures("aws")
def test_a_person_gets_a_table(run_scones: Scones) -> None:
    code, out, err = run_scones("executions")
    assert code == 0
    assert "ImageNotFound: there is no object 'b.png'" in out
    assert "2026-11-20 09:18:00" in out
    assert "stage local" in err


@pytest.mark.usefixtures("deployed")
def test_nothing_is_said_too(run_scones: Scones) -> None:
    assert "Nothing has been executed yet.\n" in run_scones("executions")[2]
    assert "No execution has failed.\n" in run_scones("executions", "--failed")[2]


@pytest.mark.parametrize(
    ("given", "subject"),
    [
        ({"images": [{}, {}]}, "2 images"),
        ({"s3_bucket": "others", "manifest_key": "m.jsonl"}, "manifest s3://others/m.jsonl"),
        ({"s3_prefix": "in/"}, "in/"),
        ({}, "the data bucket"),
    ],
)
def test_which_images_a_run_is_about(given: dict[str, Any], subject: str) -> None:
    assert run_subject(given) == subject


def test_an_input_and_an_output_that_are_anything_do_no_harm() -> None:
    description = {
        "executionArn": "arn",
        "name": "x",
        "status": "SUCCEEDED",
        "startDate": START,
        "stopDate": START + timedelta(seconds=2),
        "input": "[1, 2]",
        "output": '"text"',
    }
    row = execution_row("image", description)
    assert (row.subject, row.result, row.duration_seconds) == ("no image", "", 2)
