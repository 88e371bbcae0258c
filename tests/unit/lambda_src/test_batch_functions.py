"""The three handlers with a batch: each image ends as exactly one row, whatever S3 and the endpoint do."""

from __future__ import annotations

import json
import logging
import math
import sys
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from lambda_src.core.batch import retries
from lambda_src.core.batch.packs import MAX_PACK_BYTES
from lambda_src.core.errors import (
    EndpointThrottled,
    EndpointUnavailable,
    ImageNotFound,
    InvalidConfiguration,
    InvalidInput,
    ModelFailed,
    StorageUnavailable,
)
from tests.aws import Answer, Aws, Request, s3_error
from tests.unit.lambda_src.answers import model_error, runtime_error
from tests.unit.lambda_src.conftest import Run
from tests.unit.lambda_src.core.batch.recordio_reader import read_images
from tests.unit.lambda_src.pictures import picture, png

PNG, JPEG = picture("PNG"), picture("JPEG")
POOR = PNG + b"poor"
"""An image that the model behind `container` dies of."""


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits for what is asked again."""
    monkeypatch.setattr(retries, "FIRST_PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(retries, "LONGEST_PAUSE_SECONDS", 0.002)


@pytest.fixture
def chain(serialize: Run, classify: Run, keep: Run) -> Callable[..., list[dict[str, Any]]]:
    """A batch's keys in the bucket "inbox" -> its rows."""

    def run(keys: list[str], number: int = 0) -> list[dict[str, Any]]:
        out = keep(classify(serialize(batch(keys, number))))
        assert out["batch"] == number
        assert [row["n"] for row in out["rows"]] == list(range(len(keys))), "each image once"
        assert [row["s3_key"] for row in out["rows"]] == keys
        rows: list[dict[str, Any]] = out["rows"]
        return rows

    return run


def batch(keys: list[str], number: int = 0, threshold: float | None = None) -> dict[str, Any]:
    images = [[n, "inbox", key] for n, key in enumerate(keys)]
    return {"batch": {"batch": number, "images": images}, "threshold": threshold}


def container(request: Request) -> Answer:
    """A model server: 0.97 for what is in the records, 500 for a pack with a poor one."""
    images = read_images(request.body)
    if any(read.image == POOR for read in images):
        return model_error(500, "worker died")
    entries = [
        {"error": "UnsupportedImage: damaged"} if read.image.endswith(b"damaged") else [0.97, 0.03]
        for read in images
    ]
    headers = (("X-Amzn-SageMaker-Custom-Attributes", "model=0123456789ab"),)
    return Answer(body=json.dumps(entries).encode(), headers=headers)


def stock(aws: Aws, count: int, image: bytes = PNG) -> list[str]:
    """Put `count` images into the bucket; their keys."""
    aws.answers["InvokeEndpoint"] = container
    keys = [f"{n}.png" for n in range(count)]
    aws.objects.update({("inbox", key): image for key in keys})
    return keys


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11])
def test_batches_of_any_size(aws: Aws, chain: Callable[..., Any], count: int) -> None:
    rows = chain(stock(aws, count), number=12)
    assert [row["outcome"] for row in rows] == ["accepted"] * count
    assert len(aws.calls("InvokeEndpoint")) == len(aws.calls("PutObject")) == min(count, 1)
    for n, row in enumerate(rows):
        assert row == {
            "n": n,
            "s3_bucket": "inbox",
            "s3_key": f"{n}.png",
            "outcome": "accepted",
            "predicted_class": "bicycle",
            "confidence": 0.97,
            "threshold": 0.9,
            "model": "0123456789ab",
            "inference_id": row["inference_id"],
        }
        id, _, index = row["inference_id"].partition("#")
        assert (id, index) == (
            aws.calls("InvokeEndpoint")[0].headers["x-amzn-sagemaker-inference-id"],
            str(n),
        )
        assert id.endswith("-12-0")


def test_the_request_that_the_endpoint_sees(aws: Aws, serialize: Run, classify: Run) -> None:
    keys = stock(aws, 2)
    aws.objects["inbox", "1.png"] = JPEG
    serialized = serialize(batch(keys, 3), "run-1")
    assert serialized["packs"] == [["3-0", [[0, "inbox", "0.png"], [1, "inbox", "1.png"]]]]
    pack = aws.objects["data-bucket", "batch-packs/run-1/3-0.rec"]
    assert [(read.id, read.image) for read in read_images(pack)] == [(0, PNG), (1, JPEG)]
    classify(serialized, "run-1")
    (request,) = aws.calls("InvokeEndpoint")
    assert request.body == pack
    assert request.headers["content-type"] == "application/x-recordio"


def test_a_second_attempt_writes_the_same_objects(aws: Aws, serialize: Run) -> None:
    keys = stock(aws, 5)
    first = serialize(batch(keys, 3), "run-1")
    objects = dict(aws.objects)
    assert serialize(batch(keys, 3), "run-1") == first
    assert aws.objects == objects


def test_poor_images_are_rows(aws: Aws, chain: Callable[..., Any]) -> None:
    keys = stock(aws, 8)
    del aws.objects["inbox", "1.png"]  # between listing and reading
    del aws.objects["inbox", "2.png"]
    aws.objects["inbox", "3.png"] = b"no picture"
    aws.objects["inbox", "4.png"] = png(total_bytes=MAX_PACK_BYTES)
    aws.objects["inbox", "5.png"] = png(total_bytes=MAX_PACK_BYTES + 1)
    aws.objects["inbox", "6.png"] = PNG + b"damaged"
    refused = {"/inbox/2.png": s3_error(403, "AccessDenied")}
    aws.answers["GetObject"] = lambda request: refused.get(request.path)
    rows = chain(keys)
    assert [row.get("error") for row in rows] == [
        None,
        "ImageNotFound",
        "ImageAccessDenied",
        "UnsupportedImage",
        "ImageTooLarge",
        "ImageTooLarge",
        "ModelRejectedImage",
        None,
    ]
    assert [row["outcome"] for row in rows] == ["error" if "error" in row else "accepted" for row in rows]
    assert "a pack takes at most" in rows[4]["cause"]
    assert "UnsupportedImage: damaged" in rows[6]["cause"]
    assert len(aws.calls("InvokeEndpoint")) == 1


def test_a_batch_of_poor_images_only_asks_nobody(aws: Aws, chain: Callable[..., Any]) -> None:
    assert [row["error"] for row in chain(["a", "b"])] == ["ImageNotFound"] * 2
    assert not aws.calls("PutObject")
    assert not aws.calls("InvokeEndpoint")


def test_duplicates_are_images_of_their_own(aws: Aws, chain: Callable[..., Any]) -> None:
    stock(aws, 1)
    rows = chain(["0.png"] * 3)
    assert len({row["inference_id"] for row in rows}) == 3


def test_low_confidence_is_a_row(aws: Aws, serialize: Run, classify: Run, keep: Run) -> None:
    keys = stock(aws, 2)
    kept = keep(classify(serialize(batch(keys, threshold=0.98))))["rows"]
    assert [(row["outcome"], row["predicted_class"], row["threshold"]) for row in kept] == [
        ("low_confidence", "bicycle", 0.98)
    ] * 2


def test_packs_are_split_by_size(aws: Aws, chain: Callable[..., Any]) -> None:
    keys = stock(aws, 5, png(total_bytes=2_500_000))
    aws.objects["inbox", "1.png"] = PNG
    rows = chain(keys, number=4)
    packs = aws.calls("InvokeEndpoint")
    assert [len(read_images(pack.body)) for pack in packs] == [3, 2]
    assert all(len(pack.body) <= MAX_PACK_BYTES for pack in packs)
    ids = [row["inference_id"].partition("-")[2] for row in rows]
    assert ids == ["4-0#0", "4-0#1", "4-0#2", "4-1#0", "4-1#1"]


def test_one_image_that_the_model_dies_of(aws: Aws, chain: Callable[..., Any]) -> None:
    keys = stock(aws, 100)
    aws.objects["inbox", "37.png"] = POOR
    rows = chain(keys)
    assert [row["n"] for row in rows if row["outcome"] != "accepted"] == [37]
    assert rows[37]["error"] == "ModelFailed"
    assert "worker died" in rows[37]["cause"]
    sent = aws.calls("InvokeEndpoint")
    assert len(sent) <= 2 * math.ceil(math.log2(100)) + 1
    for row in rows:  # which record of which request: the one that was answered
        if row["n"] != 37:
            id, _, index = row["inference_id"].partition("#")
            (request,) = [r for r in sent if r.headers["x-amzn-sagemaker-inference-id"] == id]
            assert read_images(request.body)[int(index)].id == row["n"]


def test_an_outage_is_left_to_the_states_retry(aws: Aws, serialize: Run, classify: Run) -> None:
    serialized = serialize(batch(stock(aws, 100)))
    aws.answers["InvokeEndpoint"] = model_error(500, "session lost")
    with pytest.raises(ModelFailed, match="session lost"):
        classify(serialized)
    assert len(aws.calls("InvokeEndpoint")) < 10


@pytest.mark.usefixtures("classify")
def test_no_request_is_begun_that_the_function_may_not_survive(aws: Aws, serialize: Run) -> None:
    """A model that hung for a minute on the pack: the error is raised, and not cut off by the time-out."""
    keys = stock(aws, 10)
    aws.objects["inbox", "3.png"] = POOR
    serialized = serialize(batch(keys))
    module = sys.modules["lambda_src.classify_image"]
    event = {"execution_name": "execution-1", "input": serialized}
    with pytest.raises(ModelFailed):
        module.handler(event, SimpleNamespace(get_remaining_time_in_millis=lambda: 15_000))
    assert len(aws.calls("InvokeEndpoint")) == 1
    in_time = module.handler(event, SimpleNamespace(get_remaining_time_in_millis=lambda: 63_000))
    assert [row["n"] for row in in_time["errors"]] == [3]


@pytest.mark.parametrize("answers", [0, 1, 99, 101])
def test_a_wrong_number_of_answers(aws: Aws, serialize: Run, classify: Run, answers: int) -> None:
    serialized = serialize(batch(stock(aws, 100)))
    aws.answers["InvokeEndpoint"] = Answer(body=json.dumps([[0.5, 0.5]] * answers).encode())
    if answers == 1:  # right for each image alone
        assert len(classify(serialized)["classified"]) == 100
    else:
        with pytest.raises(ModelFailed, match=f"an array of {answers} to a pack of"):
            classify(serialized)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (runtime_error(400, "ThrottlingException", message=None), EndpointThrottled),
        (runtime_error(503, "ServiceUnavailable", Message="later"), EndpointUnavailable),
        (model_error(429, "queue is full"), EndpointThrottled),
    ],
)
def test_a_throttled_first_request_is_left_to_the_state(
    aws: Aws, serialize: Run, classify: Run, answer: Answer, error: type[Exception]
) -> None:
    serialized = serialize(batch(stock(aws, 10)))
    aws.answers["InvokeEndpoint"] = answer
    with pytest.raises(error):
        classify(serialized)
    assert len(aws.calls("InvokeEndpoint")) == 1


def test_later_requests_are_asked_again(aws: Aws, serialize: Run, classify: Run) -> None:
    """Every third call is throttled while the pack is bisected: nothing starts over."""
    keys = stock(aws, 50)
    aws.objects["inbox", "9.png"] = POOR
    serialized = serialize(batch(keys))

    def every_third(request: Request) -> Answer:
        throttled = len(aws.calls("InvokeEndpoint")) % 3 == 0
        return runtime_error(400, "ThrottlingException", message=None) if throttled else container(request)

    aws.answers["InvokeEndpoint"] = every_third
    out = classify(serialized)
    assert [row["n"] for row in out["errors"]] == [9]
    assert len(out["classified"]) == 49


def test_throttled_reads_are_asked_again_in_place(aws: Aws, chain: Callable[..., Any]) -> None:
    keys = stock(aws, 30)
    seen: set[str] = set()

    def once(request: Request) -> Answer | None:
        first = request.path not in seen
        seen.add(request.path)
        return s3_error(503, "SlowDown") if first else None

    aws.answers["GetObject"] = once
    aws.answers["InvokeEndpoint"] = container
    assert all(row["outcome"] == "accepted" for row in chain(keys))


def test_storage_that_is_down_fails_the_batch(
    aws: Aws, serialize: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries.with_retries, "__defaults__", (0.01,))
    aws.answers["GetObject"] = s3_error(503, "SlowDown")
    with pytest.raises(StorageUnavailable):
        serialize(batch([f"{n}.png" for n in range(100)]))
    assert len({request.path for request in aws.requests}) <= 8, "the rest was not begun"


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (s3_error(403, "AccessDenied"), InvalidConfiguration, "403 AccessDenied"),
        (s3_error(404, "NoSuchBucket"), InvalidConfiguration, "404 NoSuchBucket"),
        (s3_error(503, "SlowDown"), StorageUnavailable, "503 SlowDown"),
        (s3_error(403, "RequestTimeTooSkewed"), StorageUnavailable, "403 RequestTimeTooSkewed"),
        (Answer(500), StorageUnavailable, "500"),
    ],
)
def test_packs_that_cannot_be_written(
    aws: Aws,
    serialize: Run,
    monkeypatch: pytest.MonkeyPatch,
    answer: Answer,
    error: type[Exception],
    words: str,
) -> None:
    monkeypatch.setattr(retries.with_retries, "__defaults__", (0.01,))
    keys = stock(aws, 3)
    aws.answers["PutObject"] = answer
    with pytest.raises(error, match=rf"batch-packs/execution-1/0-0\.rec.* could not be written.*{words}"):
        serialize(batch(keys))


def test_a_pack_that_is_gone(aws: Aws, serialize: Run, classify: Run) -> None:
    serialized = serialize(batch(stock(aws, 2)))
    aws.objects.clear()
    with pytest.raises(ImageNotFound, match=r"batch-packs/execution-1/0-0\.rec"):
        classify(serialized)


def test_reads_run_beside_each_other(aws: Aws, serialize: Run) -> None:
    together = threading.Barrier(8)

    def eight(_request: Request) -> Answer:
        together.wait(5)
        return Answer(body=PNG)

    aws.answers["GetObject"] = eight
    assert len(serialize(batch([f"{n}.png" for n in range(16)]))["packs"][0][1]) == 16


def test_nothing_is_left_for_the_next_invocation(aws: Aws, chain: Callable[..., Any], serialize: Run) -> None:
    """A batch that fails, then one of other images: warm, in the same process."""
    keys = stock(aws, 20)
    aws.objects["inbox", "3.png"] = b"text"
    aws.answers["PutObject"] = s3_error(403, "AccessDenied")
    with pytest.raises(InvalidConfiguration):
        serialize(batch(keys))
    threads = threading.active_count()
    aws.objects.clear()
    aws.answers.clear()
    aws.requests.clear()
    assert [row["outcome"] for row in chain(stock(aws, 2))] == ["accepted"] * 2
    assert {request.path for request in aws.calls("GetObject")} == {
        "/inbox/0.png",
        "/inbox/1.png",
        "/data-bucket/batch-packs/execution-1/0-0.rec",
    }
    assert threading.active_count() <= threads + 1


def test_what_is_no_batch(serialize: Run, classify: Run, keep: Run) -> None:
    for function in (serialize, classify, keep):
        with pytest.raises(InvalidInput):
            function({"batch": None})
        with pytest.raises(InvalidInput):
            function({"batch": [1]})


def test_log_lines_name_the_batch(
    aws: Aws, chain: Callable[..., Any], serialize: Run, caplog: pytest.LogCaptureFixture
) -> None:
    keys = stock(aws, 2)
    with caplog.at_level(logging.INFO, logger="scones"):
        chain(keys, number=7)
        aws.answers["PutObject"] = s3_error(403, "AccessDenied")
        with pytest.raises(InvalidConfiguration):
            serialize(batch(keys, 8))
    lines = [vars(record) for record in caplog.records]
    assert [(line["batch"], line.get("error")) for line in lines] == [
        (7, None),
        (7, None),
        (7, None),
        (8, "InvalidConfiguration"),
    ]
