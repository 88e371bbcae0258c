"""Streams from and to S3: pages, skipped folders, parts; what was not finished is never seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lambda_src.aws import run_files
from lambda_src.aws.run_files import PART_BYTES, ObjectWriter, RunFiles
from lambda_src.aws.s3 import s3_client
from lambda_src.core.errors import (
    ClassificationError,
    ImageAccessDenied,
    ImageNotFound,
    InvalidConfiguration,
    StorageUnavailable,
)
from tests.aws import Answer, Aws, after, s3_error

BUCKET = "data-bucket"
SKIPPED = ("results/", "data-capture/")


SLOW_DOWN = s3_error(503, "SlowDown")


@pytest.fixture
def client(aws: Aws, functions: object) -> Any:  # noqa: ARG001 - the client talks to it, with their credentials
    return s3_client()


def listed(client: Any, prefix: str = "", skipped: tuple[str, ...] = ()) -> list[str]:
    return list(RunFiles(client, BUCKET).list_keys(BUCKET, prefix, skipped))


@pytest.mark.parametrize("page", [1, 2, 3, 1000])
def test_pages(aws: Aws, client: Any, monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", str(page))
    names = ["a b+c.png", "a/", "a/1.png", "a/2.png", "a/é.png", "a/\x01.png", "a0", "b"]
    aws.objects.update({(bucket, name): b"" for bucket in (BUCKET, "other") for name in names})
    assert listed(client) == ["a b+c.png", "a/\x01.png", "a/1.png", "a/2.png", "a/é.png", "a0", "b"]
    assert listed(client, "a/") == ["a/\x01.png", "a/1.png", "a/2.png", "a/é.png"]
    assert listed(client, "none/") == []


def test_a_large_skipped_folder_is_not_walked_through(
    aws: Aws, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "10")
    own = [f"{folder}{n:04}.jsonl" for folder in SKIPPED for n in range(500)]
    names = ["a.png", *own, "data-capture0.png", "m.png", "results.png", "z.png"]
    aws.objects.update({(BUCKET, name): b"" for name in names})
    kept = ["a.png", "data-capture0.png", "m.png", "results.png", "z.png"]
    assert listed(client, skipped=SKIPPED) == kept
    assert len(aws.calls("ListObjectsV2")) == 3
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "1")
    assert listed(client, skipped=SKIPPED) == kept


def test_reading_in_pieces(aws: Aws, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_files, "CHUNK_BYTES", 4)
    aws.objects[BUCKET, "k"] = b"0123456789"
    assert list(RunFiles(client, BUCKET).read_chunks(BUCKET, "k")) == [b"0123", b"4567", b"89"]


@pytest.mark.parametrize(
    ("refusal", "expected", "words"),
    [
        (SLOW_DOWN, StorageUnavailable, "503 SlowDown"),
        (s3_error(403, "AccessDenied"), ImageAccessDenied, "may not"),
        (s3_error(404, "NoSuchBucket"), ImageNotFound, "no bucket data-bucket"),
    ],
)
def test_errors_of_reading(
    aws: Aws, client: Any, refusal: Answer, expected: type[ClassificationError], words: str
) -> None:
    aws.answers.update(ListObjectsV2=refusal, GetObject=refusal)
    files = RunFiles(client, BUCKET)
    for reading in (files.list_keys(BUCKET, "inbox/"), files.read_chunks(BUCKET, "k")):
        with pytest.raises(expected, match=words):
            list(reading)


def test_a_small_object_is_written_at_once(aws: Aws, client: Any) -> None:
    with ObjectWriter(client, BUCKET, "k") as writer:
        writer.write(b"one\n")
        writer.write(b"two\n")
        assert not aws.objects
    with ObjectWriter(client, BUCKET, "empty"):
        pass
    assert aws.objects == {(BUCKET, "k"): b"one\ntwo\n", (BUCKET, "empty"): b""}
    assert aws.operations == ["PutObject", "PutObject"]


def test_a_large_object_is_seen_when_it_is_whole(aws: Aws, client: Any) -> None:
    aws.objects[BUCKET, "k"] = b"old"
    piece = bytes(range(256)) * 4096  # 1 MiB
    with ObjectWriter(client, BUCKET, "k") as writer:
        for _ in range(20):
            writer.write(piece)
        assert aws.objects[BUCKET, "k"] == b"old"
    assert aws.objects[BUCKET, "k"] == piece * 20
    assert not aws.objects.uploads
    assert aws.operations == ["CreateMultipartUpload", *["UploadPart"] * 4, "CompleteMultipartUpload"]


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
def test_a_failed_upload_is_taken_back(aws: Aws, client: Any, operation: str, calls: int) -> None:
    aws.answers[operation] = after(calls, SLOW_DOWN)
    with pytest.raises(
        StorageUnavailable, match=r"s3://data-bucket/k' could not be written\. S3 answered 503"
    ):
        list(large(client))
    assert not aws.objects.uploads
    assert not aws.objects


def interrupted(client: Any) -> None:
    with ObjectWriter(client, BUCKET, "k") as writer:
        writer.write(bytes(PART_BYTES))
        raise ZeroDivisionError


def test_an_error_of_the_block_takes_the_upload_back(aws: Aws, client: Any) -> None:
    with pytest.raises(ZeroDivisionError):
        interrupted(client)
    assert aws.operations == ["CreateMultipartUpload", "UploadPart", "AbortMultipartUpload"]
    assert not aws.objects.uploads
    assert not aws.objects


def test_the_error_stays_when_taking_back_fails_too(aws: Aws, client: Any) -> None:
    aws.answers["AbortMultipartUpload"] = SLOW_DOWN
    with pytest.raises(ZeroDivisionError):
        interrupted(client)


def test_writing_that_is_refused(aws: Aws, client: Any) -> None:
    aws.answers["PutObject"] = s3_error(403, "AccessDenied")
    with pytest.raises(InvalidConfiguration, match=r"'s3://data-bucket/k' could not be written: .*: deploy"):
        RunFiles(client, BUCKET).put("k", b"", "text/plain")
