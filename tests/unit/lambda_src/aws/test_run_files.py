"""Streams from and to S3: pages, skipped folders, parts; what was not finished is never seen."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import pytest

from lambda_src.aws import run_files
from lambda_src.aws.run_files import PART_BYTES, ObjectWriter, list_keys, put, read_chunks
from lambda_src.core.errors import ClassificationError, ImageAccessDenied, ImageNotFound, StorageUnavailable
from tests.unit.lambda_src.memory_s3 import MemoryS3

BUCKET = "data-bucket"
SKIPPED = ("results/", "data-capture/")


@pytest.fixture
def client(s3: MemoryS3) -> Any:  # noqa: ARG001 - the client talks to it
    return importlib.import_module("lambda_src.plan_batches").S3


def listed(client: Any, prefix: str = "", skipped: tuple[str, ...] = ()) -> list[str]:
    return list(list_keys(client, BUCKET, prefix, skipped))


@pytest.mark.parametrize("page", [1, 2, 3, 1000])
def test_pages(s3: MemoryS3, client: Any, page: int) -> None:
    s3.page = page
    names = ["a b+c.png", "a/", "a/1.png", "a/2.png", "a/é.png", "a/\x01.png", "a0", "b"]
    s3.objects = {(bucket, name): b"" for bucket in (BUCKET, "other") for name in names}
    assert listed(client) == ["a b+c.png", "a/\x01.png", "a/1.png", "a/2.png", "a/é.png", "a0", "b"]
    assert listed(client, "a/") == ["a/\x01.png", "a/1.png", "a/2.png", "a/é.png"]
    assert listed(client, "none/") == []


def test_a_large_skipped_folder_is_not_walked_through(s3: MemoryS3, client: Any) -> None:
    s3.page = 10
    own = [f"{folder}{n:04}.jsonl" for folder in SKIPPED for n in range(500)]
    names = ["a.png", *own, "data-capture0.png", "m.png", "results.png", "z.png"]
    s3.objects = {(BUCKET, name): b"" for name in names}
    kept = ["a.png", "data-capture0.png", "m.png", "results.png", "z.png"]
    assert listed(client, skipped=SKIPPED) == kept
    assert s3.calls.count("ListObjectsV2") == 3
    s3.page = 1
    assert listed(client, skipped=SKIPPED) == kept


def test_reading_in_pieces(s3: MemoryS3, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_files, "CHUNK_BYTES", 4)
    s3.objects[BUCKET, "k"] = b"0123456789"
    assert list(read_chunks(client, BUCKET, "k")) == [b"0123", b"4567", b"89"]


@pytest.mark.parametrize(
    ("refusal", "expected", "words"),
    [
        ((503, "SlowDown"), StorageUnavailable, "503 SlowDown"),
        ((403, "AccessDenied"), ImageAccessDenied, "may not"),
        ((404, "NoSuchBucket"), ImageNotFound, "no bucket data-bucket"),
    ],
)
def test_errors_of_reading(
    s3: MemoryS3, client: Any, refusal: tuple[int, str], expected: type[ClassificationError], words: str
) -> None:
    s3.refusal, s3.refuse = refusal, {"ListObjectsV2": 0, "GetObject": 0}
    for reading in (list_keys(client, BUCKET, "inbox/"), read_chunks(client, BUCKET, "k")):
        with pytest.raises(expected, match=words):
            list(reading)


def test_a_small_object_is_written_at_once(s3: MemoryS3, client: Any) -> None:
    with ObjectWriter(client, BUCKET, "k") as writer:
        writer.write(b"one\n")
        writer.write(b"two\n")
        assert not s3.objects
    with ObjectWriter(client, BUCKET, "empty"):
        pass
    assert s3.objects == {(BUCKET, "k"): b"one\ntwo\n", (BUCKET, "empty"): b""}
    assert s3.calls == ["PutObject", "PutObject"]


def test_a_large_object_is_seen_when_it_is_whole(s3: MemoryS3, client: Any) -> None:
    s3.objects[BUCKET, "k"] = b"old"
    piece = bytes(range(256)) * 4096  # 1 MiB
    with ObjectWriter(client, BUCKET, "k") as writer:
        for _ in range(20):
            writer.write(piece)
        assert s3.objects[BUCKET, "k"] == b"old"
    assert s3.objects[BUCKET, "k"] == piece * 20
    assert not s3.uploads
    assert s3.calls == ["CreateMultipartUpload", *["UploadPart"] * 4, "CompleteMultipartUpload"]


def large(client: Any) -> Iterator[None]:
    with ObjectWriter(client, BUCKET, "k") as writer:
        for _ in range(3):
            writer.write(bytes(PART_BYTES))
            yield
        writer.write(b"rest")


@pytest.mark.parametrize(
    ("operation", "calls"),
    [("CreateMultipartUpload", 0), ("UploadPart", 0), ("UploadPart", 3), ("CompleteMultipartUpload", 0)],
)
def test_a_failed_upload_is_taken_back(s3: MemoryS3, client: Any, operation: str, calls: int) -> None:
    s3.refuse = {operation: calls}
    with pytest.raises(
        StorageUnavailable, match=r"s3://data-bucket/k' could not be written\. S3 answered 503"
    ):
        list(large(client))
    assert not s3.uploads
    assert not s3.objects


def interrupted(client: Any) -> None:
    with ObjectWriter(client, BUCKET, "k") as writer:
        writer.write(bytes(PART_BYTES))
        raise ZeroDivisionError


def test_an_error_of_the_block_takes_the_upload_back(s3: MemoryS3, client: Any) -> None:
    with pytest.raises(ZeroDivisionError):
        interrupted(client)
    assert s3.calls == ["CreateMultipartUpload", "UploadPart", "AbortMultipartUpload"]
    assert not s3.uploads
    assert not s3.objects


def test_the_error_stays_when_taking_back_fails_too(s3: MemoryS3, client: Any) -> None:
    s3.refuse = {"AbortMultipartUpload": 0}
    with pytest.raises(ZeroDivisionError):
        interrupted(client)


def test_writing_that_is_refused(s3: MemoryS3, client: Any) -> None:
    s3.refusal, s3.refuse = (403, "AccessDenied"), {"PutObject": 0}
    with pytest.raises(ImageAccessDenied, match="may not write 's3://data-bucket/k': deploy"):
        put(client, BUCKET, "k", b"", "text/plain")
