"""The verbs of the command line on a deployed stage: classify, batch, results, executions, replay."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from contracts.names import LOOPBACK_STAGE, StageNames
from contracts.outputs import DATA_BUCKET
from tests.local.deployed.deployment import BLUE, GREY, RED, picture
from tests.local.deployed.emulator import ROOT, Emulator
from tests.local.deployed.verbs import Verbs

IMAGES = {
    "red.png": picture(RED),
    "blue.png": picture(BLUE),
    "grey.png": picture(GREY),
    "text.png": b"no image",
}


@pytest.fixture(scope="module")
def verbs(
    aws: Emulator,
    deployed: dict[str, str],
    verb_server: subprocess.Popen[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Verbs:
    folder = tmp_path_factory.mktemp("verbs")
    for name, data in IMAGES.items():
        aws.client("s3").put_object(Bucket=deployed[DATA_BUCKET], Key=f"verbs/{name}", Body=data)
        (folder / "pictures").mkdir(exist_ok=True)
        (folder / "pictures" / name).write_bytes(data)
    return Verbs(aws, verb_server, folder)


@pytest.fixture(scope="module")
def run(verbs: Verbs) -> Any:
    """A run over a manifest: the four images, one that is missing, and a line that names none."""
    lines = [json.dumps({"s3_key": f"verbs/{name}"}) for name in (*IMAGES, "later.png")]
    (verbs.folder / "images.jsonl").write_text("\n".join([*lines, "{no JSON"]) + "\n")
    return verbs.told("batch", "--manifest", "images.jsonl", "--batch-size", "2")


def test_a_folder_is_classified_image_by_image(verbs: Verbs) -> None:
    told = verbs.told("classify", "pictures", "--max-concurrency", "4", code=1)
    found = {image["image"]: image for image in told["images"]}
    assert told["where"].startswith("AWS on loopback, http://127.0.0.1:")
    assert found["pictures/red.png"]["predicted_class"] == "bicycle"
    assert found["pictures/blue.png"]["predicted_class"] == "motorcycle"
    assert found["pictures/grey.png"]["outcome"] == "low_confidence"
    assert found["pictures/text.png"]["error"] == "UnsupportedImage"


def test_the_stage_serves_the_model_that_was_deployed(verbs: Verbs) -> None:
    """Golden pictures of the artifact, through functions and endpoint."""
    told = verbs.told("verify")
    assert (told["verified"], [one["problem"] for one in told["pictures"]]) == (True, ["", ""])
    assert {one["model"] for one in told["pictures"]} == {told["model"]}


def test_a_run_ends_with_its_summary(run: Any) -> None:
    summary = run["summary"]
    assert (run["status"], summary["listed"], summary["accepted"], summary["low_confidence"]) == (
        "SUCCEEDED",
        6,
        2,
        1,
    )
    assert summary["errors_by_name"] == {"UnsupportedImage": 1, "ImageNotFound": 1, "InvalidInput": 1}


def test_a_person_sees_progress_and_the_summary(verbs: Verbs, deployed: dict[str, str]) -> None:
    done = verbs.run("batch", f"s3://{deployed[DATA_BUCKET]}/verbs/", "--threshold", "0")
    assert done.returncode == 0, done.stderr
    assert f"Results: s3://{deployed[DATA_BUCKET]}/results/batch-" in done.stdout
    assert "stage local" in done.stderr
    assert "1 of 1 batches; succeeded" in done.stderr


def test_what_failed_is_replayed_and_the_results_are_one(
    verbs: Verbs, run: Any, aws: Emulator, deployed: dict[str, str]
) -> None:
    first = run["execution"]
    bucket = deployed[DATA_BUCKET]
    aws.client("s3").put_object(Bucket=bucket, Key="verbs/later.png", Body=picture(RED))
    replay = verbs.told("replay", first, "--only", "ImageNotFound")
    assert (replay["summary"]["replay_of"], replay["summary"]["accepted"]) == (first, 1)

    told = verbs.told("results", first)
    assert told["replays"] == [replay["execution"]]
    assert (told["merged"]["listed"], told["merged"]["accepted"], told["merged"]["errors"]) == (6, 3, 2)
    done = verbs.run("results", first, "--rows", "-")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert sorted(row["n"] for row in rows) == list(range(6))
    assert {row["s3_key"]: row["execution"] for row in rows}["verbs/later.png"] == replay["execution"]

    again = verbs.told("replay", first, "--only", "ImageNotFound")
    assert again["images"] == []


def test_a_single_image_is_replayed(verbs: Verbs, aws: Emulator, deployed: dict[str, str]) -> None:
    bucket = deployed[DATA_BUCKET]
    told = verbs.told("classify", f"s3://{bucket}/verbs/soon.png", code=1)
    aws.client("s3").put_object(Bucket=bucket, Key="verbs/soon.png", Body=picture(BLUE))
    replayed = verbs.told("replay", told["images"][0]["execution"])
    assert replayed["images"][0]["predicted_class"] == "motorcycle"


def test_recent_executions_of_both_machines_are_listed(verbs: Verbs, run: Any) -> None:
    rows = verbs.told("executions", "--limit", "100")["executions"]
    found = {row["execution"]: row for row in rows}
    assert found[run["execution"]]["result"].startswith("6 images: 2 accepted")
    assert {"image", "batch"} == {row["kind"] for row in rows}
    failed = verbs.told("executions", "--failed")["executions"]
    assert {row["error"] for row in failed} >= {"LowConfidence", "UnsupportedImage"}


@pytest.fixture(scope="module")
def failed_run(verbs: Verbs, aws: Emulator) -> Any:
    """What is told of a run over four images that fails in its map: the last function has no threshold."""
    functions, name = aws.client("lambda"), StageNames(LOOPBACK_STAGE).function("filter-predictions")
    variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    broken = {key: value for key, value in variables.items() if key != "THRESHOLD"}
    lines = [json.dumps({"s3_key": f"verbs/{image}"}) for image in IMAGES]
    (verbs.folder / "four.jsonl").write_text("\n".join(lines))
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": broken})
    try:
        options = ("--batch-size", "1", "--max-concurrency", "1", "--tolerated-failures", "0")
        return verbs.told("batch", "--manifest", "four.jsonl", *options, code=1)
    finally:
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})


def test_a_run_that_fails_in_its_map_says_so(verbs: Verbs, failed_run: Any) -> None:
    assert (failed_run["status"], failed_run["summary"]) == ("FAILED", None)
    assert failed_run["error"] == "States.ExceedToleratedFailureThreshold"
    done = verbs.run("results", failed_run["execution"])
    assert (done.returncode, "redrive-execution" in done.stdout) == (1, True)


def test_batches_that_failed_or_never_started_are_replayed(verbs: Verbs, failed_run: Any) -> None:
    first = failed_run["execution"]
    done = verbs.run("results", first, "--rows", "-")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert sorted((row["n"], row["s3_key"]) for row in rows) == [
        (n, f"verbs/{image}") for n, image in enumerate(IMAGES)
    ]
    assert {row["error"] for row in rows} == {"InvalidConfiguration", "BatchNotStarted"}

    replay = verbs.told("replay", first)
    assert replay["summary"]["listed"] == 4
    merged = verbs.told("results", first, code=1)["merged"]
    assert (merged["listed"], merged["accepted"], merged["low_confidence"]) == (4, 2, 1)
    assert merged["errors_by_name"] == {"UnsupportedImage": 1}


def test_a_stage_that_is_not_there_is_named(verbs: Verbs) -> None:
    """By the command itself: all others are forked by a process that has imported it."""
    done = subprocess.run(
        [sys.executable, "-m", "operations", "executions", "--stage", "prod"],
        cwd=verbs.folder,
        env=verbs.aws.environment | {"PYTHONPATH": str(ROOT), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2
    assert "Stage prod is not deployed in AWS on loopback" in done.stderr
    assert "Deployed here: local (--stage NAME)." in done.stderr
