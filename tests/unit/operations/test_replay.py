"""`scones replay`: exactly what failed, linked to the first."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.operations.conftest import Scones
from tests.unit.operations.deployed import BUCKET, DeployedStage
from tests.unit.operations.executions import BATCH_MACHINE, IMAGE_MACHINE, Execution, end
from tests.unit.operations.test_batch import put_summary

GIVEN = {"s3_prefix": "in/", "threshold": 0.5, "batch_size": 7}


def error(n: int, name: str, **more: Any) -> dict[str, Any]:
    return {"n": n, "s3_bucket": BUCKET, "s3_key": f"{n}.png", "error": name, "cause": "…"} | more


@pytest.fixture
def aws(deployed: DeployedStage) -> DeployedStage:
    """A run of ten images, four of which have errors; replays end at once and succeed."""
    states = deployed.states
    states.add(BATCH_MACHINE, "run", GIVEN, output={})
    put_summary(deployed, "run")
    deployed.put_lines("results/run/plan.jsonl", [])
    deployed.put_lines(
        "results/run/errors.jsonl",
        [
            error(2, "ModelFailed"),
            error(3, "ImageNotFound"),
            error(5, "InvalidInput", s3_key="", line=6),
            error(8, "ModelFailed"),
        ],
    )

    def succeed(execution: Execution) -> None:
        given = json.loads(execution.execution_input)
        images = deployed.lines(given["manifest_key"]) if "manifest_key" in given else []
        rows = [
            {"n": n, "s3_key": image["s3_key"], "predicted_class": "car", "confidence": 0.9}
            for n, image in enumerate(images)
        ]
        deployed.put_lines(f"results/{execution.name}/accepted.jsonl", rows)
        deployed.put_lines(f"results/{execution.name}/plan.jsonl", [])
        put_summary(
            deployed, execution.name, listed=len(rows), accepted=len(rows), low_confidence=0, errors=0
        )
        end(execution)

    states.on_start = succeed
    return deployed


def manifests(aws: DeployedStage) -> list[list[Any]]:
    return [[line["n"] for line in aws.lines(key)] for key in aws.keys_in("/replays/")]


def test_exactly_what_failed_is_started_with_the_options_of_the_first(
    run_scones: Scones, aws: DeployedStage
) -> None:
    code, out, err = run_scones("replay", "run")
    assert code == 0
    given = aws.states.started(BATCH_MACHINE)[1]
    (key,) = aws.keys_in("/replays/")
    assert given == {
        "s3_bucket": BUCKET,
        "manifest_key": key,
        "threshold": 0.5,
        "batch_size": 7,
        "replay_of": "run",
    }
    assert [(line["n"], line["s3_key"]) for line in aws.lines(key)] == [
        (2, "2.png"),
        (3, "3.png"),
        (8, "8.png"),
    ]
    assert "Images to replay: 3 (2 ModelFailed, 1 ImageNotFound)" in err
    assert "name no image and cannot be replayed: 1." in err
    assert "3 images: 3 accepted" in out


def test_only_the_errors_that_are_named(run_scones: Scones, aws: DeployedStage) -> None:
    run_scones("replay", "run", "--only", "ModelFailed", "--only", "Other", "--batch-size", "1")
    given = aws.states.started(BATCH_MACHINE)[1]
    assert (manifests(aws), given["only"], given["batch_size"]) == ([[2, 8]], "ModelFailed, Other", 1)


def test_what_a_replay_has_answered_is_not_replayed_again(run_scones: Scones, aws: DeployedStage) -> None:
    run_scones("replay", "run", "--only", "ModelFailed")
    run_scones("replay", "run")
    assert sorted(manifests(aws)) == [[2, 8], [3]]
    code, out, _ = run_scones("replay", "run")
    assert code == 0
    assert "Nothing to replay: no image of run has failed without an answer since." in out
    assert "Correct them" in out
    assert len(aws.states.executions) == 3


def test_nothing_to_replay_is_no_error_and_names_what_else_there_is(
    run_scones: Scones, aws: DeployedStage
) -> None:
    code, out, _ = run_scones("replay", "run", "--only", "EndpointThrottled")
    assert code == 0
    assert "no image of run has failed with EndpointThrottled" in out
    assert "Other errors there: 2 ModelFailed, 1 ImageNotFound, 1 InvalidInput" in out
    code, out, _ = run_scones("replay", "run", "--only", "EndpointThrottled", "--json")
    assert (code, json.loads(out)["images"]) == (0, [])
    assert len(aws.states.executions) == 1


def test_batches_that_failed_or_were_never_started_are_replayed(
    run_scones: Scones, aws: DeployedStage
) -> None:
    aws.states.add(
        BATCH_MACHINE, "broken", {}, status="FAILED", error="States.ExceedToleratedFailureThreshold"
    )
    images = [[n, BUCKET, f"{n}.png"] for n in range(4)]
    lines = [{"batch": number, "images": images[number * 2 :][:2]} for number in range(2)]
    aws.put_lines("results/broken/plan.jsonl", lines)
    code, _, err = run_scones("replay", "broken")
    assert (code, manifests(aws)) == (0, [[0, 1, 2, 3]])
    assert "4 BatchNotStarted" in err


def test_a_run_that_listed_nothing_is_started_with_its_input(run_scones: Scones, aws: DeployedStage) -> None:
    aws.states.add(BATCH_MACHINE, "early", GIVEN, status="FAILED", error="StorageUnavailable", cause="503")
    assert "with Other" in run_scones("replay", "early", "--only", "Other")[1]
    run_scones("replay", "early", "--threshold", "0.9")
    assert aws.states.started(BATCH_MACHINE)[2:] == [GIVEN | {"replay_of": "early", "threshold": 0.9}]


def test_two_replays_do_not_run_over_the_same_images(run_scones: Scones, aws: DeployedStage) -> None:
    aws.states.on_start = lambda _: None
    run_scones("replay", "run", "--no-wait")
    code, _, err = run_scones("replay", "run")
    assert code == 2
    assert "replays these images and still runs" in err


def test_a_single_image_is_started_with_its_input(run_scones: Scones, aws: DeployedStage) -> None:
    given = {"image_data": "aGk=", "threshold": 0.9}
    failed = {"status": "FAILED", "error": "EndpointThrottled", "cause": "busy"}
    execution = aws.states.add(IMAGE_MACHINE, "one", given, **failed)
    aws.states.on_start = lambda started: end(started, output={"predicted_class": "car", "confidence": 0.95})
    code, out, _ = run_scones("replay", execution.execution_arn, "--json")
    assert (code, aws.states.started(IMAGE_MACHINE)) == (0, [given, given])
    assert json.loads(out)["images"][0]["predicted_class"] == "car"
    code, out, _ = run_scones("replay", "one", "--threshold", "0.1", "--no-wait")
    assert (code, "still running" in out) == (0, True)
    assert aws.states.started(IMAGE_MACHINE)[2]["threshold"] == 0.1


@pytest.mark.parametrize("argv", [["good"], ["bad", "--only", "Other"]])
def test_a_single_image_that_did_not_fail_so_is_not_replayed(
    run_scones: Scones, aws: DeployedStage, argv: list[str]
) -> None:
    aws.states.add(IMAGE_MACHINE, "good", {}, output={})
    aws.states.add(IMAGE_MACHINE, "bad", {}, status="FAILED", error="ImageNotFound", cause="…")
    code, out, _ = run_scones("replay", *argv)
    assert (code, "Nothing to replay" in out) == (0, True)
    assert len(aws.states.executions) == 3


def test_what_still_runs_cannot_be_replayed(run_scones: Scones, aws: DeployedStage) -> None:
    aws.states.add(BATCH_MACHINE, "going", {})
    code, _, err = run_scones("replay", "going")
    assert (code, "going still runs" in err) == (2, True)


def test_results_that_expired_cannot_be_replayed(run_scones: Scones, aws: DeployedStage) -> None:
    aws.states.add(BATCH_MACHINE, "old", {}, output={})
    code, _, err = run_scones("replay", "old")
    assert (code, "have expired" in err) == (2, True)
