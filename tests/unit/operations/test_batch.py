"""`scones batch` and `scones results` as a person or a script meets them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.operations.conftest import Scones
from tests.unit.operations.deployed import BUCKET, DeployedStage
from tests.unit.operations.executions import BATCH_MACHINE, IMAGE_MACHINE, Execution, end, map_run

SUMMARY: dict[str, Any] = {
    "listed": 2000,
    "accepted": 1800,
    "low_confidence": 150,
    "errors": 50,
    "errors_by_name": {"ImageNotFound": 30, "UnsupportedImage": 20},
    "classes": {"bicycle": {"count": 975, "share": 0.5}, "motorcycle": {"count": 975, "share": 0.5}},
    "confidence": {"p05": 0.61, "p25": 0.9, "p50": 0.99, "p75": 1.0, "p95": 1.0},
    "duration_seconds": 12.5,
    "model": "3f1c9a0be27d",
    "threshold": 0.93,
    "cost": {"dollars": 0.001542, "price_date": "2026-11-01", "estimate": True},
}


def put_summary(stage: DeployedStage, name: str, **more: Any) -> None:
    stage.objects[BUCKET, f"results/{name}/summary.json"] = json.dumps(SUMMARY | more).encode()


@pytest.fixture
def aws(deployed: DeployedStage) -> DeployedStage:
    """Runs end at once, with a summary."""

    def succeed(execution: Execution) -> None:
        put_summary(deployed, execution.name)
        deployed.states.map_runs[execution.execution_arn] = [map_run("SUCCEEDED", succeeded=20)]
        end(execution, 12.5)

    deployed.states.on_start = succeed
    return deployed


def test_a_prefix_is_run_and_ends_with_the_summary(run_scones: Scones, aws: DeployedStage) -> None:
    code, out, err = run_scones("batch", "s3://others/inbox/2026-11-20/")
    assert code == 0, err
    assert aws.states.started(BATCH_MACHINE) == [{"s3_bucket": "others", "s3_prefix": "inbox/2026-11-20/"}]
    for words in (
        "1,800",
        "90.0%",
        "ImageNotFound",
        "50.0%",
        "p50 0.9900",
        "160 images a second",
        "$0.001542",
    ):
        assert words in out
    assert (
        "2,000 images: 1,800 accepted, 150 low confidence, 50 failed. Results: s3://data-bucket/results/"
        in out
    )
    assert "scones replay batch-" in out
    assert "AWS on loopback, http://127.0.0.1:4566, stage local" in err
    assert "20 of 20 batches; succeeded" in err


def test_options_are_the_runs_input(run_scones: Scones, aws: DeployedStage) -> None:
    options = (
        "--threshold",
        "0.5",
        "--batch-size",
        "500",
        "--max-concurrency",
        "3",
        "--tolerated-failures",
        "0",
    )
    run_scones("batch", "s3://others", *options)
    assert aws.states.started(BATCH_MACHINE) == [
        {
            "s3_bucket": "others",
            "s3_prefix": "",
            "threshold": 0.5,
            "batch_size": 500,
            "max_concurrency": 3,
            "tolerated_failure_percentage": 0.0,
        }
    ]


def test_a_local_manifest_is_uploaded(run_scones: Scones, aws: DeployedStage, tmp_path: Path) -> None:
    (tmp_path / "images.jsonl").write_text('{"s3_key": "a.png"}\n')
    code, out, _ = run_scones("batch", "--manifest", "images.jsonl", "--json")
    ((given),) = aws.states.started(BATCH_MACHINE)
    told = json.loads(out)
    assert code == 0
    assert (told["status"], told["summary"]["listed"]) == ("SUCCEEDED", 2000)
    assert given == {"s3_bucket": BUCKET, "manifest_key": f"manifests/{told['execution']}.jsonl"}
    assert aws.objects[BUCKET, given["manifest_key"]] == b'{"s3_key": "a.png"}\n'


def test_a_manifest_in_s3_is_read_where_it_is(run_scones: Scones, aws: DeployedStage) -> None:
    run_scones("batch", "--manifest", "s3://others/lists/images.jsonl")
    assert aws.states.started(BATCH_MACHINE) == [
        {"s3_bucket": "others", "manifest_key": "lists/images.jsonl"}
    ]


def test_a_run_can_be_started_and_left(run_scones: Scones, deployed: DeployedStage) -> None:
    code, out, _ = run_scones("batch", "s3://others/", "--no-wait", "--json")
    told = json.loads(out)
    assert (code, told["status"]) == (0, "RUNNING")
    assert told["execution_arn"] in deployed.states.executions
    code, out, _ = run_scones("batch", "s3://others/", "--no-wait")
    assert "scones results batch-" in out


def test_a_run_that_fails_exits_1_with_the_reason_and_the_ways_out(
    run_scones: Scones, deployed: DeployedStage
) -> None:
    def fail(execution: Execution) -> None:
        cause = json.dumps({"errorMessage": "3 of 9 listed images are missing"})
        end(execution, status="FAILED", error="IncompleteResults", cause=cause)

    deployed.states.on_start = fail
    code, out, _ = run_scones("batch", "s3://others/")
    assert code == 1
    assert "FAILED: IncompleteResults: 3 of 9 listed images are missing" in out
    assert "redrive-execution" in out
    assert "scones replay batch-" in out
    code, out, _ = run_scones("batch", "s3://others/", "--json")
    told = json.loads(out)
    assert (code, told["error"], told["summary"]) == (1, "IncompleteResults", None)


def test_a_run_over_nothing_exits_2(run_scones: Scones, deployed: DeployedStage) -> None:
    def fail(execution: Execution) -> None:
        cause = json.dumps({"errorMessage": "nearest that exists: 's3://others/inbox/'"})
        end(execution, status="FAILED", error="NothingToClassify", cause=cause)

    deployed.states.on_start = fail
    code, out, _ = run_scones("batch", "s3://others/Inbox/")
    assert code == 2
    assert "FAILED: NothingToClassify: nearest that exists: 's3://others/inbox/'" in out
    assert "redrive" not in out
    assert "replay" not in out
    assert run_scones("batch", "s3://others/Inbox/", "--json")[0] == 2


def test_ctrl_c_leaves_the_run_and_says_how_to_look_again(
    run_scones: Scones, deployed: DeployedStage
) -> None:
    def interrupt(_: Execution) -> None:
        raise KeyboardInterrupt

    deployed.states.on_look = interrupt
    code, _, err = run_scones("batch", "s3://others/")
    assert code == 130
    assert "goes on without you. Look again: scones results batch-" in err
    assert [execution.status for execution in deployed.states.executions.values()] == ["RUNNING"]


@pytest.mark.parametrize(
    ("argv", "reason"),
    [
        ([], "Say which images: scones batch s3://data-bucket/"),
        (["s3://others/", "--manifest", "x"], "not both"),
        (["folder"], "'folder' is not in S3. Upload it first"),
        (["--manifest", "none.jsonl"], "The manifest none.jsonl cannot be read: No such file or directory."),
        (["--manifest", "s3://others/"], "is a folder"),
        (["s3://others/", "--batch-size", "1001"], "--batch-size"),
        (["s3://others/", "--tolerated-failures", "101"], "--tolerated-failures"),
    ],
)
def test_what_cannot_be_done_exits_2_with_the_reason(
    run_scones: Scones, aws: DeployedStage, argv: list[str], reason: str
) -> None:
    code, out, err = run_scones("batch", *argv)
    assert (code, out) == (2, "")
    assert reason in err
    assert aws.states.executions == {}


def test_results_tell_how_far_a_run_is(run_scones: Scones, deployed: DeployedStage) -> None:
    execution = deployed.states.add(BATCH_MACHINE, "run", {})
    deployed.states.map_runs[execution.execution_arn] = [map_run(succeeded=3, running=2, pending=7)]
    code, out, _ = run_scones("results", "run")
    assert (code, out.strip()) == (0, "run runs: 3 of 12 batches, 2 running")


def test_results_follow_a_run(run_scones: Scones, deployed: DeployedStage) -> None:
    execution = deployed.states.add(BATCH_MACHINE, "run", {})
    put_summary(deployed, "run")
    looks: list[int] = []

    def look(_: Execution) -> None:
        looks.append(1)
        if len(looks) == 3:
            end(execution)

    deployed.states.on_look = look
    code, out, _ = run_scones("results", execution.execution_arn, "--wait")
    assert (code, "1,800" in out) == (0, True)


@pytest.fixture
def replayed(deployed: DeployedStage) -> DeployedStage:
    """A run of three images, one poor, and its replay, which answered."""
    states = deployed.states
    states.add(BATCH_MACHINE, "run", {}, output={})
    states.add(BATCH_MACHINE, "replay-1", {}, output={})
    for name, listed in (("run", 3), ("replay-1", 1)):
        put_summary(deployed, name, listed=listed, accepted=1, low_confidence=0, errors=listed - 1)
    prediction = {"s3_bucket": BUCKET, "predicted_class": "bicycle", "confidence": 0.99}
    deployed.put_lines("results/run/accepted.jsonl", [{"n": 1, "s3_key": "1.png", **prediction}])
    errors = [
        {"n": n, "s3_bucket": BUCKET, "s3_key": f"{n}.png", "error": "ModelFailed", "cause": "…"}
        for n in (0, 2)
    ]
    deployed.put_lines("results/run/errors.jsonl", errors)
    deployed.put_lines("results/run/replays/replay-1.jsonl", [{"n": 2, "s3_key": "2.png"}])
    deployed.put_lines("results/replay-1/accepted.jsonl", [{"n": 0, "s3_key": "2.png", **prediction}])
    return deployed


@pytest.mark.usefixtures("replayed")
def test_results_of_a_run_and_its_replays_are_one(run_scones: Scones) -> None:
    code, out, _ = run_scones("results", "run")
    assert code == 0
    assert "With 1 replay: 3 images: 2 accepted, 1 failed" in out
    code, out, _ = run_scones("results", "run", "--json")
    told = json.loads(out)
    assert (told["replays"], told["summary"]["accepted"]) == (["replay-1"], 1)
    assert (told["merged"]["accepted"], told["merged"]["errors_by_name"]) == (2, {"ModelFailed": 1})


@pytest.mark.usefixtures("replayed")
def test_rows_are_written_each_image_once(run_scones: Scones, tmp_path: Path) -> None:
    code, out, _ = run_scones("results", "run", "--rows", "-")
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [(row["n"], row["outcome"], row["execution"]) for row in rows] == [
        (1, "accepted", "run"),
        (0, "error", "run"),
        (2, "accepted", "replay-1"),
    ]
    run_scones("results", "run", "--rows", "rows.jsonl")
    assert (tmp_path / "rows.jsonl").read_text() == out


def test_results_have_their_reasons_for_what_is_not_there(
    run_scones: Scones, deployed: DeployedStage
) -> None:
    deployed.states.add(IMAGE_MACHINE, "one", {}, output={})
    deployed.states.add(BATCH_MACHINE, "old", {}, output={})
    assert "is about a single image" in run_scones("results", "one")[2]
    assert "There is no execution 'none' in AWS on loopback" in run_scones("results", "none")[2]
    assert "There is no execution 'arn:aws:x:y'" in run_scones("results", "arn:aws:x:y")[2]
    assert "it has expired" in run_scones("results", "old")[1]


@pytest.mark.parametrize("verb", ["batch", "results"])
def test_help_teaches_by_example(run_scones: Scones, verb: str) -> None:
    code, out, _ = run_scones(verb, "--help")
    assert code == 0
    assert f"scones {verb} " in out.split("Examples")[1]
