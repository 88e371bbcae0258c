"""The state "Plan batches" over all three forms of input."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lambda_src.core.errors import (
    ClassificationError,
    ImageNotFound,
    InvalidInput,
    NothingToClassify,
    StorageUnavailable,
)
from tests.aws import Aws, after, s3_error
from tests.unit.lambda_src.batch_run import BUCKET, FOLDER, read_lines
from tests.unit.lambda_src.conftest import Run


def fill(aws: Aws, *keys: str, bucket: str = BUCKET) -> None:
    aws.objects.update({(bucket, key): b"x" for key in keys})


def planned_keys(aws: Aws) -> list[list[str]]:
    return [[key for _, _, key in line["images"]] for line in read_lines(aws, "plan.jsonl")]


def test_a_prefix(aws: Aws, plan_run: Run) -> None:
    fill(aws, "inbox/", *(f"inbox/{i}.png" for i in range(7)), "other/8.png")
    planned = plan_run({"s3_prefix": "inbox/"})
    started = datetime.fromisoformat(planned.pop("started"))
    assert timedelta(0) <= datetime.now(UTC) - started < timedelta(minutes=1)
    assert planned == {
        "plan_bucket": BUCKET,
        "plan_key": f"{FOLDER}plan.jsonl",
        "listed": 7,
        "batches": 3,
        "rejected": 0,
        "threshold": None,
        "max_concurrency": 8,
        "tolerated_failure_percentage": 10,
        "replay_of": None,
        "only": None,
        "input": {"form": "s3_prefix", "s3_bucket": BUCKET, "s3_prefix": "inbox/"},
    }
    assert read_lines(aws, "plan.jsonl")[2] == {"batch": 2, "images": [[6, BUCKET, "inbox/6.png"]]}
    assert read_lines(aws, "rejected.jsonl") == []


@pytest.mark.parametrize(("count", "sizes"), [(1, [1]), (4, [4]), (5, [5]), (6, [5, 1])])
def test_around_the_size_of_a_batch(aws: Aws, plan_run: Run, count: int, sizes: list[int]) -> None:
    fill(aws, *(f"inbox/{i}.png" for i in range(count)))
    planned = plan_run({"s3_prefix": "inbox/", "batch_size": 5})
    assert (planned["listed"], planned["batches"]) == (count, len(sizes))
    assert [len(keys) for keys in planned_keys(aws)] == sizes


def test_the_applications_own_folders_are_no_images(aws: Aws, plan_run: Run) -> None:
    fill(
        aws,
        "a.png",
        "results/run-0/errors.jsonl",
        "data-capture/e/v/1.jsonl",
        "batch-packs/x/0-0.rec",
        "monitor/state.json.gz",
        "reports/latest.html",
        "z.png",
    )
    fill(aws, "results/a.png", bucket="other-bucket")
    plan_run({"s3_prefix": ""})
    assert planned_keys(aws) == [["a.png", "z.png"]]
    with pytest.raises(
        NothingToClassify, match=r"the bucket has 's3://data-bucket/a\.png', 's3://data-bucket/z"
    ):
        plan_run({"s3_prefix": "r"})
    plan_run({"s3_prefix": "", "s3_bucket": "other-bucket"})
    assert planned_keys(aws) == [["results/a.png"]]


def test_a_list_with_duplicates(aws: Aws, plan_run: Run) -> None:
    planned = plan_run({"images": ["a.png", {"s3_bucket": "other", "s3_key": "b.png"}, "a.png"]})
    images = [[0, BUCKET, "a.png"], [1, "other", "b.png"], [2, BUCKET, "a.png"]]
    assert read_lines(aws, "plan.jsonl") == [{"batch": 0, "images": images}]
    assert planned["input"] == {"form": "images"}


def test_a_manifest_with_poor_lines(aws: Aws, plan_run: Run) -> None:
    aws.objects[BUCKET, "lists/a.jsonl"] = b'"a.png"\n{b.png\r\n\n{"s3_key": "c.png"}\n{"s3_key": ""}\n'
    planned = plan_run({"manifest_key": "lists/a.jsonl", "threshold": 0.5})
    assert (planned["listed"], planned["batches"], planned["rejected"]) == (4, 1, 2)
    assert planned["threshold"] == 0.5
    assert read_lines(aws, "plan.jsonl")[0]["images"] == [[0, BUCKET, "a.png"], [2, BUCKET, "c.png"]]
    rejected = read_lines(aws, "rejected.jsonl")
    assert [(row["n"], row["line"], row["error"]) for row in rejected] == [
        (1, 2, "InvalidInput"),
        (3, 5, "InvalidInput"),
    ]


def test_the_errors_of_a_run_are_a_manifest(aws: Aws, plan_run: Run) -> None:
    row = {"n": 4, "s3_bucket": "other", "s3_key": "a.png", "error": "ModelFailed", "cause": "500"}
    aws.objects[BUCKET, "results/run-0/errors.jsonl"] = json.dumps(row).encode()
    planned = plan_run(
        {"manifest_key": "results/run-0/errors.jsonl", "replay_of": "run-0", "only": "ModelFailed"}
    )
    assert (planned["replay_of"], planned["only"]) == ("run-0", "ModelFailed")
    assert read_lines(aws, "plan.jsonl") == [{"batch": 0, "images": [[0, "other", "a.png"]]}]


def test_done_again_it_writes_the_same(aws: Aws, plan_run: Run) -> None:
    fill(aws, *(f"inbox/{i}.png" for i in range(9)))
    first = plan_run({"s3_prefix": "inbox/"})
    written = dict(aws.objects)
    again = plan_run({"s3_prefix": "inbox/"})
    assert aws.objects == written
    assert again | {"started": ""} == first | {"started": ""}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"s3_prefix": "odd/*.png"},
            "no patterns: * ? [ stand for themselves; nearest that exists: 's3://data-bucket/odd/'",
        ),
        ({"s3_prefix": "/odd/"}, "keys begin without a slash; nearest that exists: 's3://data-bucket/odd/'"),
        ({"s3_prefix": "s3://data-bucket/Odd/Deep/"}, "nearest that exists: 's3://data-bucket/odd/deep/'"),
        ({"s3_prefix": "odd/deeep"}, "nearest that exists: 's3://data-bucket/odd/deep/'"),
        ({"s3_prefix": "odd/a.png"}, "nearest that exists: 's3://data-bucket/odd/A.PNG'"),
        ({"s3_prefix": "zebra/"}, "the bucket has 's3://data-bucket/lists/', 's3://data-bucket/odd/'"),
        ({"s3_prefix": "x", "s3_bucket": "inbox"}, "there is nothing in the bucket to classify"),
        ({"images": []}, "images is an empty array"),
        ({"manifest_key": "lists/empty"}, "the manifest 's3://data-bucket/lists/empty' has no line"),
        ({"manifest_key": "s3://data-bucket/lists/poor"}, "lists/poor' names an image: line 1 is not JSON"),
    ],
)
def test_nothing_to_classify(aws: Aws, plan_run: Run, fields: dict[str, Any], words: str) -> None:
    fill(aws, "odd/", "odd/A.PNG", "odd/deep/1.png", "results/run-0/errors.jsonl")
    aws.objects.update({(BUCKET, "lists/empty"): b"\n \n", (BUCKET, "lists/poor"): b"{\n{}\n"})
    with pytest.raises(NothingToClassify) as error:
        plan_run(fields)
    assert words in str(error.value)
    written = [key for _, key in aws.objects if key.startswith(FOLDER)]
    assert written == (
        [f"{FOLDER}plan.jsonl", f"{FOLDER}rejected.jsonl"] if "of each line" in str(error.value) else []
    )


@pytest.mark.parametrize("wanted", ["odd/*.png", "/odd/", "s3://data-bucket/Odd/Deep/", "odd/deeep", "odd/a"])
def test_what_is_nearest_can_be_run(aws: Aws, plan_run: Run, wanted: str) -> None:
    fill(aws, "odd/A.PNG", "odd/deep/1.png")
    with pytest.raises(NothingToClassify) as error:
        plan_run({"s3_prefix": wanted})
    advised = re.search(r"nearest that exists: '(.*?)'", str(error.value))
    assert advised
    assert plan_run({"s3_prefix": advised[1]})["listed"] > 0


def test_addresses_say_bucket_and_key(aws: Aws, plan_run: Run) -> None:
    fill(aws, "odd/1.png", bucket="inbox")
    plan_run({"s3_prefix": "s3://inbox/odd/"})
    assert planned_keys(aws) == [["odd/1.png"]]
    plan_run({"images": ["s3://inbox/odd/1.png"]})
    assert read_lines(aws, "plan.jsonl")[0]["images"] == [[0, "inbox", "odd/1.png"]]


@pytest.mark.parametrize(
    ("operation", "calls"), [("ListObjectsV2", 0), ("ListObjectsV2", 2), ("PutObject", 0), ("PutObject", 1)]
)
def test_storage_that_fails_leaves_no_plan(
    aws: Aws, plan_run: Run, monkeypatch: pytest.MonkeyPatch, operation: str, calls: int
) -> None:
    fill(aws, *(f"inbox/{i}.png" for i in range(9)))
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")
    aws.answers[operation] = after(calls, s3_error(503, "SlowDown"))
    with pytest.raises(StorageUnavailable):
        plan_run({"s3_prefix": "inbox/"})
    assert len([key for _, key in aws.objects if key.startswith(FOLDER)]) <= calls
    aws.answers.clear()
    assert plan_run({"s3_prefix": "inbox/"})["listed"] == 9


@pytest.mark.parametrize(
    ("fields", "error", "words"),
    [
        ({"manifest_key": "none.jsonl"}, ImageNotFound, "no object 's3://data-bucket/none.jsonl'"),
        ({"s3_prefix": "a", "max_concurrency": 9}, InvalidInput, "from 1 to 8"),
        ({"s3_prefix": "results/x"}, InvalidInput, "lies in results/"),
        ({"s3_prefix": "s3://data-bucket/results/x"}, InvalidInput, "lies in results/"),
        (
            {"s3_prefix": "s3://inbox/x", "s3_bucket": "other"},
            InvalidInput,
            "names the bucket 'inbox', s3_bucket is",
        ),
        ([], InvalidInput, "must be a JSON object"),
    ],
)
def test_refused(aws: Aws, plan_run: Run, fields: Any, error: type[ClassificationError], words: str) -> None:
    with pytest.raises(error, match=words):
        plan_run(fields)
    assert not aws.objects
