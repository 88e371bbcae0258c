"""S3's answers, as real botocore parses them, under the names that operators know."""

from __future__ import annotations

import base64

import pytest

from lambda_src.aws.client import aws_client
from lambda_src.aws.images import read_image
from lambda_src.core.errors import (
    ClassificationError,
    ImageAccessDenied,
    ImageNotFound,
    ImageTooLarge,
    InvalidInput,
    StorageUnavailable,
    UnsupportedImage,
)
from lambda_src.core.limits import MAX_IMAGE_BYTES, MAX_INLINE_IMAGE_BYTES
from tests.aws import Answer, Aws, s3_error
from tests.unit.lambda_src.conftest import Run
from tests.unit.lambda_src.pictures import picture, png

IMAGE = {"image_data": "", "s3_bucket": "pictures", "s3_key": "a b.png"}


@pytest.mark.parametrize(
    ("answer", "expected", "words"),
    [
        (s3_error(404, "NoSuchKey"), ImageNotFound, ["no object 's3://pictures/a b.png'", "404 NoSuchKey"]),
        (s3_error(404, "NoSuchBucket"), ImageNotFound, ["no bucket pictures"]),
        (s3_error(403, "AccessDenied"), ImageAccessDenied, ["a b.png", "or there is no such object"]),
        (s3_error(403, "AllAccessDisabled"), ImageAccessDenied, ["AllAccessDisabled"]),
        (s3_error(403, "InvalidObjectState"), ImageAccessDenied, ["archived", "restore"]),
        (s3_error(400, "KMS.DisabledException"), ImageAccessDenied, ["encrypts"]),
        (s3_error(400, "KMS.ThrottlingException"), StorageUnavailable, ["KMS.ThrottlingException"]),
        (s3_error(503, "KMS.KMSInternalException"), StorageUnavailable, ["KMS.KMSInternalException"]),
        (s3_error(403, "RequestTimeTooSkewed"), StorageUnavailable, ["RequestTimeTooSkewed"]),
        (s3_error(400, "InvalidBucketName"), InvalidInput, ["InvalidBucketName"]),
        (s3_error(400, "ExpiredToken"), StorageUnavailable, ["ExpiredToken"]),
        (s3_error(400, "RequestTimeout"), StorageUnavailable, ["RequestTimeout"]),
        (s3_error(503, "SlowDown"), StorageUnavailable, ["503 SlowDown"]),
        (s3_error(500, "InternalError"), StorageUnavailable, ["500 InternalError"]),
        (Answer(503), StorageUnavailable, ["503"]),
        (Answer(body=b"half", length=100), StorageUnavailable, ["a b.png"]),
        (
            Answer(body=b"x", headers=(("x-amz-checksum-crc32", "AAAAAA=="),)),
            StorageUnavailable,
            ["checksum"],
        ),
        (Answer(body=b""), UnsupportedImage, ["empty: 0 bytes"]),
        (Answer(body=b"no picture"), UnsupportedImage, ["a b.png", "text"]),
    ],
)
def test_error_names(
    aws: Aws, serialize: Run, answer: Answer, expected: type[ClassificationError], words: list[str]
) -> None:
    aws.answers["GetObject"] = answer
    with pytest.raises(ClassificationError) as raised:
        serialize(IMAGE)
    assert type(raised.value) is expected
    assert all(word in str(raised.value) for word in words), str(raised.value)
    assert len(aws.requests) == 1, "the state machine retries, the client must not"


def test_size_is_checked_before_the_body_is_read(aws: Aws, serialize: Run) -> None:
    aws.answers["GetObject"] = Answer(body=b"", length=MAX_IMAGE_BYTES + 1)
    with pytest.raises(ImageTooLarge, match="6,291,457 bytes"):
        serialize(IMAGE)


@pytest.mark.usefixtures("functions")
def test_slow_and_unreachable_storage(silent_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", silent_server)
    with pytest.raises(StorageUnavailable, match=r"a b\.png.*[Tt]imeout"):
        read_image(aws_client("s3", read_timeout=0.2), "pictures", "a b.png")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(StorageUnavailable, match="Could not connect"):
        read_image(aws_client("s3", read_timeout=0.2), "pictures", "a b.png")


def test_small_images_travel_inline_and_large_ones_by_address(
    aws: Aws, serialize: Run, classify: Run
) -> None:
    small, large = png(total_bytes=MAX_INLINE_IMAGE_BYTES), png(total_bytes=MAX_IMAGE_BYTES)
    aws.answers["GetObject"] = Answer(body=small)
    assert base64.b64decode(serialize(IMAGE)["image_data"]) == small

    aws.answers["GetObject"] = Answer(body=large)
    serialized = serialize(IMAGE)
    assert serialized["image_data"] == ""
    assert classify(serialized)["inferences"] == [0.05, 0.95]
    assert aws.operations == [*["GetObject"] * 3, "InvokeEndpoint"]
    assert aws.requests[-1].body == large


def test_the_content_decides_not_the_name(aws: Aws, serialize: Run) -> None:
    aws.answers["GetObject"] = Answer(body=picture("JPEG"), headers=(("Content-Type", "image/png"),))
    assert serialize(IMAGE)["content_type"] == "image/jpeg"
