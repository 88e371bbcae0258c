"""The state "Merge results" over what "Plan batches" and a map run left in S3."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from lambda_src.core.errors import IncompleteResults, InvalidInput, NothingToClassify, StorageUnavailable
from tests.aws import Aws, after, s3_error
from tests.unit.lambda_src.batch_run import (
    BUCKET,
    FOLDER,
    MAP_FOLDER,
    answer_row,
    child,
    json_array,
    json_lines,
    read_lines,
    succeeded,
    write_results,
)
from tests.unit.lambda_src.conftest import Run

FILES = ("accepted.jsonl", "low_confidence.jsonl", "errors.jsonl")


def results_of(aws: Aws) -> dict[str, list[Any]]:
    return {name: read_lines(aws, name) for name in FILES}


@pytest.fixture
def planned(aws: Aws, plan_run: Run) -> dict[str, Any]:
    """A run over ten lines, of which the last is no image: batches of 3, 3 and 3."""
    aws.objects[BUCKET, "list"] = b"".join(b'"%d.png"\n' % n for n in range(9)) + b"{ten\n"
    return plan_run({"manifest_key": "list", "replay_of": "run-0", "only": "ModelFailed"})


@pytest.mark.parametrize("encode", [json_lines, json_array])
def test_a_run_of_all_endings(
    aws: Aws, merge_run: Run, planned: dict[str, Any], encode: Callable[..., bytes]
) -> None:
    first, second, third = read_lines(aws, "plan.jsonl")
    poor = {"n": 2, "s3_bucket": BUCKET, "s3_key": "2.png", "outcome": "error", "error": "ImageNotFound"}
    rows = [answer_row(first["images"][0]), answer_row(first["images"][1], 0.4), poor]
    results = write_results(
        aws,
        {
            "SUCCEEDED": [[succeeded(first, rows)]],
            "FAILED": [[child(second, "FAILED", Error="ModelFailed", Cause='{"errorMessage": "500"}')]],
            "PENDING": [[child(third, "PENDING")]],
        },
        encode,
    )
    summary = merge_run({"plan": planned, "results": results})
    found = results_of(aws)
    assert [row["n"] for row in found["accepted.jsonl"]] == [0]
    assert [row["n"] for row in found["low_confidence.jsonl"]] == [1]
    assert sorted(row["n"] for row in found["errors.jsonl"]) == list(range(2, 10))
    assert {row["n"]: row["error"] for row in found["errors.jsonl"]} == {
        2: "ImageNotFound",
        **dict.fromkeys((3, 4, 5), "ModelFailed"),
        **dict.fromkeys((6, 7, 8), "BatchNotStarted"),
        9: "InvalidInput",
    }
    assert next(row for row in found["errors.jsonl"] if row["n"] == 9)["line"] == 10
    assert all("outcome" not in row for rows in found.values() for row in rows)
    whole = json.loads(aws.objects[BUCKET, f"{FOLDER}summary.json"])
    counts = {"listed": 10, "accepted": 1, "low_confidence": 1, "errors": 8, "rejected": 1, "batches": 3}
    assert counts.items() <= whole.items()
    assert counts.items() <= summary.items()
    assert (whole["execution"], whole["replay_of"], whole["only"]) == ("execution-1", "run-0", "ModelFailed")
    assert whole["input"] == {"form": "manifest_key", "s3_bucket": BUCKET, "manifest_key": "list"}
    assert whole["cost"]["items"]["standard_transitions"] == pytest.approx(6 * 25e-6, abs=1e-6)
    assert summary["summary_key"] == f"{FOLDER}summary.json"


def images_that_fail(aws: Aws, plan_run: Run, errors: dict[str, str]) -> dict[str, Any]:
    """What is to be merged of a run over images by key, each with its error."""
    planned = plan_run({"images": list(errors)})
    (line,) = read_lines(aws, "plan.jsonl")
    rows = [
        {
            "n": n,
            "s3_bucket": bucket,
            "s3_key": key,
            "outcome": "error",
            "error": errors[key],
            "cause": f"not {key}",
        }
        for n, bucket, key in line["images"]
    ]
    return {"plan": planned, "results": write_results(aws, {"SUCCEEDED": [[succeeded(line, rows)]]})}


def test_images_that_are_all_to_blame_are_nothing_to_classify(
    aws: Aws, plan_run: Run, merge_run: Run
) -> None:
    aws.objects[BUCKET, "odd/a.png"] = b"x"
    request = images_that_fail(aws, plan_run, {"Odd/a.png": "ImageNotFound", "b": "UnsupportedImage"})
    with pytest.raises(NothingToClassify) as error:
        merge_run(request)
    assert str(error.value) == (
        "none of the 2 listed images can be classified (1 ImageNotFound, 1 UnsupportedImage): not Odd/a.png; "
        "nearest that exists: 's3://data-bucket/odd/a.png'. "
        f"The reason of each is in 's3://data-bucket/{FOLDER}errors.jsonl'"
    )
    assert len(results_of(aws)["errors.jsonl"]) == 2
    assert json.loads(aws.objects[BUCKET, f"{FOLDER}summary.json"])["errors"] == 2


def test_a_bucket_that_may_not_be_listed_costs_the_hint_only(aws: Aws, plan_run: Run, merge_run: Run) -> None:
    request = images_that_fail(aws, plan_run, {"a.png": "ImageNotFound"})
    aws.answers["ListObjectsV2"] = s3_error(403, "AccessDenied")
    with pytest.raises(NothingToClassify, match=r"1 ImageNotFound\): not a\.png\. The reason"):
        merge_run(request)


def test_an_endpoint_that_failed_on_all_is_a_run_to_replay(aws: Aws, plan_run: Run, merge_run: Run) -> None:
    request = images_that_fail(aws, plan_run, {"a.png": "ModelFailed", "b.png": "ImageNotFound"})
    assert merge_run(request)["errors"] == 2


def all_succeeded(aws: Aws) -> dict[str, str]:
    """Every batch in a file of its own, as ResultWriter cuts files at a size."""
    return write_results(aws, {"SUCCEEDED": [[succeeded(line)] for line in read_lines(aws, "plan.jsonl")]})


def test_done_again_it_writes_the_same(aws: Aws, merge_run: Run, planned: dict[str, Any]) -> None:
    request = {"plan": planned, "results": all_succeeded(aws)}
    merge_run(request)
    written = results_of(aws)
    merge_run(request)
    assert results_of(aws) == written
    assert len(written["accepted.jsonl"]) == 9


def test_after_a_redrive_the_batch_that_succeeded_counts(
    aws: Aws, merge_run: Run, planned: dict[str, Any]
) -> None:
    lines = read_lines(aws, "plan.jsonl")
    results = write_results(
        aws,
        {
            "FAILED": [[child(lines[1], "FAILED", Error="ModelFailed")]],
            "SUCCEEDED": [[succeeded(lines[0]), succeeded(lines[2])], [succeeded(lines[1])]],
        },
    )
    assert merge_run({"plan": planned, "results": results})["accepted"] == 9


def test_a_missing_batch_fails_the_run_and_leaves_no_file(
    aws: Aws, merge_run: Run, planned: dict[str, Any]
) -> None:
    lines = read_lines(aws, "plan.jsonl")
    results = write_results(aws, {"SUCCEEDED": [[succeeded(lines[0]), succeeded(lines[2])]]})
    with pytest.raises(IncompleteResults, match="3 of 10 listed images are missing: n 3 to 5; of batch 1"):
        merge_run({"plan": planned, "results": results})
    assert not {f"{FOLDER}{name}" for name in (*FILES, "summary.json")} & {key for _, key in aws.objects}
    assert not aws.objects.uploads


@pytest.mark.parametrize(
    ("key", "body"),
    [
        (f"{MAP_FOLDER}manifest.json", b"{}"),
        (f"{MAP_FOLDER}SUCCEEDED_1.json", b'{"Status": '),
        (f"{FOLDER}rejected.jsonl", b"no JSON"),
        (f"{FOLDER}plan.jsonl", b"\x00"),
    ],
)
def test_a_damaged_file_is_named(
    aws: Aws, merge_run: Run, planned: dict[str, Any], key: str, body: bytes
) -> None:
    results = all_succeeded(aws)
    aws.objects[BUCKET, key] = body
    with pytest.raises(IncompleteResults, match=rf"'s3://data-bucket/{key}' cannot be used: "):
        merge_run({"plan": planned, "results": results})


def test_a_lost_file_is_named(aws: Aws, merge_run: Run, planned: dict[str, Any]) -> None:
    results = all_succeeded(aws)
    del aws.objects[BUCKET, f"{MAP_FOLDER}SUCCEEDED_2.json"]
    with pytest.raises(IncompleteResults, match=r"SUCCEEDED_2\.json' cannot be used: there is no object"):
        merge_run({"plan": planned, "results": results})


@pytest.mark.parametrize("calls", range(4))
def test_storage_that_fails_is_retried_to_the_same_end(
    aws: Aws, merge_run: Run, planned: dict[str, Any], calls: int
) -> None:
    request = {"plan": planned, "results": all_succeeded(aws)}
    aws.answers["PutObject"] = after(calls, s3_error(503, "SlowDown"))
    with pytest.raises(StorageUnavailable):
        merge_run(request)
    assert (BUCKET, f"{FOLDER}summary.json") not in aws.objects
    aws.answers.clear()
    assert merge_run(request)["accepted"] == 9


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "plan must be the output of Plan batches, not null"),
        ({"results": {}}, "plan must be"),
    ],
)
def test_an_input_of_something_else(merge_run: Run, fields: Any, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        merge_run(fields)


@pytest.mark.parametrize("results", [None, {}, {"Bucket": "b"}, "arn"])
def test_batches_without_results(merge_run: Run, planned: dict[str, Any], results: Any) -> None:
    with pytest.raises(InvalidInput, match="results must be the map's ResultWriterDetails"):
        merge_run({"plan": planned, "results": results})
