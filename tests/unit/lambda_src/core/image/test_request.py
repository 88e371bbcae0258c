"""The execution's input: every bad one is refused before any call, every legal one passes unchanged."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambda_src.core.errors import (
    ClassificationError,
    ImageNotFound,
    ImageTooLarge,
    InvalidInput,
    UnsupportedImage,
)
from lambda_src.core.image.request import read_request
from lambda_src.core.limits import MAX_INLINE_IMAGE_BYTES
from tests.aws import Answer, Aws
from tests.unit.lambda_src.conftest import Run
from tests.unit.lambda_src.pictures import png

KEY = {"s3_key": "test/bicycle.png"}

REFUSED: list[tuple[Any, str]] = [
    ({}, "s3_key is missing"),
    ({"image_data": ""}, "s3_key is missing"),
    ([], "must be a JSON object"),
    ("test/bicycle.png", "must be a JSON object"),
    (None, "must be a JSON object"),
    ({"s3_key": ""}, "s3_key is empty"),
    ({"s3_key": None}, "s3_key must be a string, not null"),
    ({"s3_key": 7}, "s3_key must be a string, not 7"),
    ({"s3_key": ["a"]}, "s3_key must be a string, not an array of 1"),
    ({"s3_key": "k" * 1025}, "1,025 bytes"),
    ({"s3_key": "é" * 513}, "1,026 bytes"),
    ({"s3_key": "\ud800"}, "surrogate"),
    (KEY | {"s3-bucket": "b"}, "unknown field 's3-bucket'"),
    (KEY | {f"f{i}": 1 for i in range(9)}, "and 4 more"),
    (KEY | {"s3_bucket": ""}, "s3_bucket is empty"),
    (KEY | {"s3_bucket": None}, "s3_bucket must be a string"),
    (KEY | {"s3_bucket": "My-Bucket"}, "no bucket name"),
    (KEY | {"s3_bucket": "ab"}, "no bucket name"),
    (KEY | {"s3_bucket": "b" * 64}, "no bucket name"),
    (KEY | {"s3_bucket": "-abc"}, "no bucket name"),
    (KEY | {"s3_bucket": "a..b"}, "no bucket name"),
    (KEY | {"s3_bucket": "192.168.5.4"}, "no bucket name"),
    (KEY | {"s3_bucket": "s3://bucket"}, "no bucket name"),
    (KEY | {"s3_bucket": "bücket"}, "no bucket name"),
    (KEY | {"s3_bucket": "bucket\n"}, "no bucket name"),
    (KEY | {"threshold": True}, "not true"),
    (KEY | {"threshold": "0.9"}, "not '0.9'"),
    (KEY | {"threshold": 1.01}, "not 1.01"),
    (KEY | {"threshold": -0.01}, "not -0.01"),
    (KEY | {"threshold": float("nan")}, "not nan"),
    (KEY | {"threshold": float("inf")}, "not inf"),
    (KEY | {"image_data": None}, "image_data must be a string"),
    (KEY | {"image_data": 5}, "image_data must be a string"),
    ({"image_data": "AAA"}, "image_data is not base64"),
    ({"image_data": "AAA=AAAA"}, "image_data is not base64"),
    ({"image_data": "AAAA===="}, "image_data is not base64"),
    ({"image_data": "AAB="}, "bits that no encoder writes"),
    ({"image_data": "AAAA\nAAAA"}, "base64 -w0"),
    ({"image_data": "AAAA "}, "spaces"),
    ({"image_data": "AA-_"}, "URL-safe"),
    ({"image_data": "ÄÄÄÄ"}, "image_data is not base64"),
    ({"image_data": "data:image/png;base64,AAAA"}, "data URL"),
    ({"image_data": "AAAA", "s3_key": 5}, "s3_key must be a string"),
]


@pytest.mark.parametrize(("fields", "reason"), REFUSED)
def test_refused_before_any_call(aws: Aws, serialize: Run, fields: Any, reason: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        serialize(fields)
    assert reason in str(refused.value)
    assert len(str(refused.value)) < 1500
    assert aws.requests == []


def test_all_problems_at_once() -> None:
    with pytest.raises(InvalidInput) as refused:
        read_request({"s3_bucket": "B", "s3_key": 1, "threshold": 2, "colour": "red"}, "data-bucket")
    assert all(
        name in str(refused.value) for name in ("s3_bucket 'B'", "s3_key must", "threshold must", "'colour'")
    )


@pytest.mark.parametrize(
    "key",
    [
        "test/two words.png",
        "a+b.png",
        "100%25 sure%2F.png",
        "Fahrräder/自転車🚲.png",
        "what?.png#top",
        "a//b/../c/./d.png",
        "/leading",
        " ends with a space ",
        "quote'\"<&>.png",
        "k" * 1024,
        "🚲" * 256,
    ],
)
def test_key_reaches_s3_and_the_output_unchanged(aws: Aws, serialize: Run, key: str) -> None:
    aws.answers["GetObject"] = Answer(body=png())
    assert serialize({"image_data": "", "s3_bucket": "other.bucket-1", "s3_key": key})["s3_key"] == key
    assert [request.path for request in aws.requests] == [f"/other.bucket-1/{key}"]


def test_bucket_and_threshold_may_be_left_out(aws: Aws, serialize: Run) -> None:
    aws.answers["GetObject"] = Answer(body=png())
    serialized = serialize(KEY | {"threshold": None})
    assert aws.requests[0].path == "/data-bucket/test/bicycle.png"
    assert (serialized["s3_bucket"], serialized["threshold"]) == ("data-bucket", None)
    assert [serialize(KEY | {"threshold": value})["threshold"] for value in (0, 1, 0.25)] == [0, 1, 0.25]


def test_inline_image_needs_no_bucket_and_no_call(aws: Aws, serialize: Run) -> None:
    image = base64.b64encode(png()).decode()
    assert serialize({"image_data": image}) == {
        "s3_bucket": "",
        "s3_key": "",
        "threshold": None,
        "content_type": "image/png",
        "image_data": image,
        "inference_id": "execution-1",
    }
    labelled = serialize({"image_data": image, "s3_key": "my picture", "s3_bucket": ""})
    assert (labelled["s3_key"], labelled["s3_bucket"]) == ("my picture", "")
    assert aws.requests == []


def test_inline_image_that_no_state_could_hold(serialize: Run) -> None:
    fits, too_large = (
        base64.b64encode(png(total_bytes=MAX_INLINE_IMAGE_BYTES + more)).decode() for more in (0, 1)
    )
    assert serialize({"image_data": fits})["image_data"] == fits
    with pytest.raises(ImageTooLarge, match="put the image into S3"):
        serialize({"image_data": too_large})


@pytest.mark.usefixtures("functions")
@pytest.mark.parametrize("event", [None, [], {}, {"input": KEY}, {"execution_name": 5, "input": KEY}])
def test_called_by_something_else_than_the_workflow(event: Any) -> None:
    from lambda_src import classify_image, filter_predictions, serialize_image

    for module in (serialize_image, classify_image, filter_predictions):
        with pytest.raises(InvalidInput):
            module.handler(event, None)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=8,
)
FIELDS = [
    "image_data",
    "s3_bucket",
    "s3_key",
    "threshold",
    "inferences",
    "model",
    "inference_id",
    "content_type",
]
NEARLY_RIGHT = st.dictionaries(
    st.sampled_from(FIELDS) | st.text(max_size=3),
    JSON
    | st.sampled_from(["", "AAAA", "data-bucket", "x.png", 0.5, [0.5, 0.5], [True, 0], [float("nan"), 1]])
    | st.binary(max_size=40).map(lambda data: base64.b64encode(data).decode()),
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=JSON | NEARLY_RIGHT)
@pytest.mark.usefixtures("aws")
def test_any_json_has_a_named_outcome(serialize: Run, classify: Run, keep: Run, fields: Any) -> None:
    for run, named in (
        (serialize, (InvalidInput, ImageNotFound, UnsupportedImage)),
        (classify, (InvalidInput, ImageNotFound, UnsupportedImage)),
        (keep, ClassificationError),
    ):
        try:
            run(fields)
        except named as error:
            assert str(error)  # noqa: PT017
