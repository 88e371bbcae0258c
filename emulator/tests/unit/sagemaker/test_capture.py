"""Data capture: the record, its encodings, the files and the writer in the background."""

from __future__ import annotations

import base64
import io
import json
import logging
import re
import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from loopback_aws.sagemaker.invocation import capture_writer
from loopback_aws.sagemaker.invocation.capture_record import Invocation, capture_line, encode, object_key
from loopback_aws.sagemaker.invocation.capture_writer import CaptureWriter

CONFIG: dict[str, Any] = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 100,
    "DestinationS3Uri": "s3://bucket/data-capture/",
    "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
    "CaptureContentTypeHeader": {"JsonContentTypes": ["application/json"], "CsvContentTypes": ["text/csv"]},
}


def invocation(**changes: Any) -> Invocation:
    values: dict[str, Any] = {
        "endpoint": "my-endpoint",
        "variant": "AllTraffic",
        "content_type": "image/png",
        "body": b"\x89PNG",
        "answer_type": "application/json",
        "answer": b"[0.93, 0.07]",
        "inference_id": None,
        "moment": datetime(2026, 10, 5, 14, 5, 12, 34_000, tzinfo=UTC),
    }
    return Invocation(**{**values, **changes})


def test_the_record_has_the_form_that_aws_writes() -> None:
    line = capture_line(invocation(inference_id="run-1"), CONFIG)
    assert line.endswith("\n")
    assert line.count("\n") == 1
    record = json.loads(line)
    event_id = record["eventMetadata"].pop("eventId")
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", event_id)
    assert record == {
        "captureData": {
            "endpointInput": {
                "observedContentType": "image/png",
                "mode": "INPUT",
                "data": base64.b64encode(b"\x89PNG").decode(),
                "encoding": "BASE64",
            },
            "endpointOutput": {
                "observedContentType": "application/json",
                "mode": "OUTPUT",
                "data": "[0.93, 0.07]",
                "encoding": "JSON",
            },
        },
        "eventMetadata": {"inferenceId": "run-1", "inferenceTime": "2026-10-05T14:05:12Z"},
        "eventVersion": "0",
    }


def test_only_the_chosen_sides_are_captured_and_no_inference_id_is_made_up() -> None:
    record = json.loads(capture_line(invocation(), {**CONFIG, "CaptureOptions": [{"CaptureMode": "Output"}]}))
    assert set(record["captureData"]) == {"endpointOutput"}
    assert "inferenceId" not in record["eventMetadata"]


@pytest.mark.parametrize(
    ("content_type", "body", "declared", "encoding"),
    [
        ("application/json; charset=utf-8", b"[1]", {"JsonContentTypes": ["application/json"]}, "JSON"),
        ("text/csv", b"1,2", {"CsvContentTypes": ["text/csv"]}, "CSV"),
        ("application/json", b"[1]", {}, "BASE64"),
        ("application/json", b"\xff", {"JsonContentTypes": ["application/json"]}, "BASE64"),
    ],
)
def test_a_declared_content_type_decides_the_encoding(
    content_type: str, body: bytes, declared: dict[str, list[str]], encoding: str
) -> None:
    found, text = encode(content_type, body, declared)
    assert found == encoding
    assert (base64.b64decode(text) if found == "BASE64" else text.encode()) == body


@pytest.mark.parametrize("prefix", ["data-capture", "data-capture/"])
def test_the_key_has_aws_layout(prefix: str) -> None:
    pattern = r"data-capture/my-endpoint/AllTraffic/2026/10/05/14/05-12-034-[0-9a-f\-]{36}\.jsonl"
    assert re.fullmatch(pattern, object_key(prefix, invocation()))
    assert object_key("", invocation()).startswith("my-endpoint/")


class FakeS3:
    """Keeps what is put; a bucket named `gone` is missing."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], bytes] = {}
        self.hold = threading.Event()
        self.hold.set()

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, **_others: Any) -> None:
        self.hold.wait(60)
        if Bucket == "gone":
            raise ClientError({"Error": {"Code": "NoSuchBucket", "Message": "no bucket"}}, "PutObject")
        self.objects[Bucket, Key] = io.BytesIO(Body).read()


def lines(s3: FakeS3) -> list[int]:
    return sorted(body.count(b"\n") for body in s3.objects.values())


def test_records_of_one_moment_share_a_file_and_stop_writes_what_waits() -> None:
    s3 = FakeS3()
    writer = CaptureWriter(s3)
    for _ in range(5):
        writer.offer(invocation(), CONFIG)
    writer.offer(invocation(variant="Other"), CONFIG)
    writer.stop()
    assert lines(s3) in ([1, 5], [1, 1, 4])  # the first may have gone alone; none is lost


def test_a_missing_bucket_is_logged_and_others_are_written(caplog: pytest.LogCaptureFixture) -> None:
    s3 = FakeS3()
    writer = CaptureWriter(s3)
    with caplog.at_level(logging.ERROR):
        writer.offer(invocation(), {**CONFIG, "DestinationS3Uri": "s3://gone/x"})
        writer.offer(invocation(), CONFIG)
        writer.stop()
    assert "s3://gone/x" in caplog.text
    assert lines(s3) == [1]


@pytest.mark.parametrize(("limit", "value"), [("QUEUE_RECORDS", 2), ("QUEUE_BYTES", 40)])
def test_a_full_queue_drops_records_instead_of_waiting(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, limit: str, value: int
) -> None:
    monkeypatch.setattr(capture_writer, limit, value)
    monkeypatch.setattr(capture_writer, "FLUSH_SECONDS", 0.0)
    s3 = FakeS3()
    s3.hold.clear()
    writer = CaptureWriter(s3)
    for _ in range(5):
        writer.offer(invocation(), CONFIG)
    assert "Dropped" in caplog.text
    s3.hold.set()
    writer.stop()
    assert 1 <= sum(lines(s3)) < 5


def test_the_sampling_percentage_decides_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    shares = iter(index / 100 for index in range(100))
    monkeypatch.setattr("random.random", lambda: next(shares))
    s3 = FakeS3()
    writer = CaptureWriter(s3)
    for _ in range(100):
        writer.offer(invocation(), {**CONFIG, "InitialSamplingPercentage": 30})
    writer.offer(invocation(), {**CONFIG, "EnableCapture": False})
    writer.stop()
    assert sum(lines(s3)) == 30
