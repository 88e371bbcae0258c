"""The rows of a run that was merged, and of one that ended before."""

from __future__ import annotations

import json
from typing import Any

import pytest

from operations.aws.errors import OperationError
from operations.runs.files import RunFiles
from operations.runs.rows import run_rows
from tests.unit.operations.deployed import BUCKET, DeployedStage, client


def files() -> RunFiles:
    return RunFiles(client("s3"), BUCKET, "run")


def image(n: int, outcome: str = "accepted", **more: Any) -> dict[str, Any]:
    return {"n": n, "s3_bucket": BUCKET, "s3_key": f"{n}.png", "outcome": outcome} | more


def child(batch: int, status: str, rows: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    """A row of ResultWriter."""
    told = {"Input": json.dumps({"batch": {"batch": batch, "images": []}}), "Status": status} | more
    return told | ({"Output": json.dumps({"batch": batch, "rows": rows})} if rows is not None else {})


def put_map_results(deployed: DeployedStage, label: str = "1", **kinds: list[dict[str, Any]]) -> None:
    folder = f"results/run/batches/{label}"
    keys = {kind: [{"Key": f"{folder}/{kind}_0.jsonl", "Size": 1}] for kind in kinds}
    for kind, rows in kinds.items():
        deployed.put_lines(f"{folder}/{kind}_0.jsonl", rows)
    deployed.put_lines(f"{folder}/manifest.json", [{"DestinationBucket": BUCKET, "ResultFiles": keys}])


def put_plan(deployed: DeployedStage) -> None:
    images = [[n, BUCKET, f"{n}.png"] for n in range(1, 9)]
    lines = [{"batch": number, "images": images[number * 2 : number * 2 + 2]} for number in range(4)]
    deployed.put_lines("results/run/plan.jsonl", lines)
    deployed.put_lines(
        "results/run/rejected.jsonl", [image(0, "error", error="InvalidInput", cause="…", line=1)]
    )


def test_a_merged_run_has_its_files(deployed: DeployedStage) -> None:
    put_plan(deployed)
    for name, n in (("accepted", 0), ("low_confidence", 1), ("errors", 2)):
        deployed.put_lines(f"results/run/{name}.jsonl", [{"n": n}])
    deployed.put_lines("results/run/summary.json", [{}])
    assert [(row["n"], row["outcome"]) for row in run_rows(files())] == [
        (0, "accepted"),
        (1, "low_confidence"),
        (2, "error"),
    ]
    assert [row["n"] for row in run_rows(files(), errors_only=True)] == [2]


def test_files_without_a_summary_are_not_complete(deployed: DeployedStage) -> None:
    put_plan(deployed)
    deployed.put_lines("results/run/errors.jsonl", [{"n": 2}])
    assert len(list(run_rows(files()))) == 9


def test_a_run_that_failed_in_its_map_has_answers_and_the_rest_the_batches_errors(
    deployed: DeployedStage,
) -> None:
    put_plan(deployed)
    put_map_results(
        deployed,
        SUCCEEDED=[child(0, "SUCCEEDED", [image(1), image(2, "error", error="ImageNotFound", cause="…")])],
        FAILED=[child(1, "FAILED", Error="EndpointThrottled", Cause='{"errorMessage": "busy"}')],
        PENDING=[child(2, "PENDING")],
    )
    rows = {row["n"]: row for row in run_rows(files())}
    assert sorted(rows) == list(range(9))
    assert (rows[1]["outcome"], rows[2]["error"]) == ("accepted", "ImageNotFound")
    assert (rows[3]["error"], rows[3]["cause"]) == ("EndpointThrottled", "busy")
    assert rows[4]["s3_key"] == "4.png"
    assert rows[6]["error"] == rows[8]["error"] == "BatchNotStarted"
    assert [row["n"] for row in run_rows(files(), errors_only=True)] == [0, 2, 3, 4, 5, 6, 7, 8]


def test_after_a_redrive_an_answer_stands_against_the_failure_before(deployed: DeployedStage) -> None:
    put_plan(deployed)
    put_map_results(deployed, "1", FAILED=[child(0, "FAILED", Error="ModelFailed")])
    put_map_results(deployed, "2", SUCCEEDED=[child(0, "SUCCEEDED", [image(1), image(2)])] * 2)
    rows = [row for row in run_rows(files()) if row["n"] in (1, 2)]
    assert [row["outcome"] for row in rows] == ["accepted", "accepted"]


def test_a_run_that_was_stopped_in_its_map_has_no_answers(deployed: DeployedStage) -> None:
    put_plan(deployed)
    assert {row["error"] for row in run_rows(files())} == {"InvalidInput", "BatchNotStarted"}


@pytest.mark.usefixtures("deployed")
def test_a_run_that_listed_nothing_has_no_rows() -> None:
    assert list(run_rows(files())) == []


@pytest.mark.parametrize(
    ("key", "body", "said"),
    [
        ("plan.jsonl", b"{", "plan.jsonl is damaged"),
        ("plan.jsonl", b"{}", "The plan of run is damaged"),
        ("batches/1/manifest.json", b"[]", "manifest.json is damaged"),
    ],
)
def test_a_damaged_file_is_named(deployed: DeployedStage, key: str, body: bytes, said: str) -> None:
    deployed.objects[BUCKET, f"results/run/{key}"] = body
    with pytest.raises(OperationError, match=said):
        list(run_rows(files()))
