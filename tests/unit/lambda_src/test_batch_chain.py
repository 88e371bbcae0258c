"""The three functions with a batch: each image ends as exactly one row."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from lambda_src.core.batch.packs import MAX_PACK_BYTES
from lambda_src.core.errors import InvalidConfiguration, InvalidInput
from tests.aws import Aws, s3_error
from tests.unit.lambda_src.batches import JPEG, PNG, batch, stock
from tests.unit.lambda_src.conftest import Run
from tests.unit.lambda_src.pictures import png
from tests.unit.pictures.recordio_reader import read_images

pytestmark = pytest.mark.usefixtures("hurry")


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
