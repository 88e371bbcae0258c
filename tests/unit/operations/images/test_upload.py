"""Copying a staged folder to S3."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import NoCredentialsError

from operations.images.upload import Destination, upload_folder
from tests.aws import Answer, Aws, Request, aws_in_process, s3_error
from tests.unit.operations.deployed import client
from training.staging.example import StagingError, silent

BUCKET = Destination("bucket", "data/")


@pytest.fixture
def aws() -> Iterator[Aws]:
    with aws_in_process("bucket") as aws:
        yield aws


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shape of a staged folder, with contents that upload does not look into."""
    (tmp_path / "test").mkdir()
    for name in ("test/bicycle_s_000513.png", "test/car_s_000513.jpg", "test.lst"):
        (tmp_path / name).write_text(name)
    (tmp_path / "manifest.json").write_text(
        json.dumps({"name": "drawn", "classes": ["a", "b"], "fingerprint": "f" * 64})
    )
    return tmp_path


def upload(folder: Path, *, force: bool = False) -> int:
    return upload_folder(folder, BUCKET, silent, force=force, client=client("s3"))


def uploaded(aws: Aws) -> list[str]:
    """Keys in the order in which they were put."""
    return [request.path.removeprefix("/bucket/") for request in aws.calls("PutObject")]


@pytest.mark.parametrize("encrypted", [False, True])
def test_only_what_is_missing_or_different_is_uploaded(
    folder: Path, aws: Aws, encrypted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if encrypted:  # under a KMS key an ETag is no MD5
        monkeypatch.setattr("moto.s3.models.FakeKey.etag", property(lambda _: '"opaque"'))
    assert upload(folder) == 4
    assert uploaded(aws)[-1] == "data/manifest.json"
    types = {request.path: request.headers["content-type"] for request in aws.calls("PutObject")}
    assert types["/bucket/data/test/bicycle_s_000513.png"] == "image/png"
    assert types["/bucket/data/test/car_s_000513.jpg"] == "image/jpeg"
    assert upload(folder) == 0
    del aws.objects["bucket", "data/test.lst"]
    aws.objects["bucket", "data/test/car_s_000513.jpg"] = b"other"
    assert upload(folder) == 2
    assert aws.objects["bucket", "data/test/car_s_000513.jpg"] == b"test/car_s_000513.jpg"


def test_another_data_set_is_replaced_only_by_force(folder: Path, aws: Aws) -> None:
    upload(folder)
    (folder / "manifest.json").write_text(
        json.dumps({"name": "cifar100", "classes": ["a", "b"], "fingerprint": "0" * 64})
    )
    (folder / "test.lst").write_text("new")
    with pytest.raises(StagingError, match=r"s3://bucket/data holds another data set \(drawn.*--force"):
        upload(folder)
    assert len(uploaded(aws)) == 4
    assert upload(folder, force=True) == 2


def test_the_same_set_in_another_format_is_replaced_only_by_force_and_leaves_no_stale_list(
    folder: Path, aws: Aws
) -> None:
    """Pictures in RecordIO have the fingerprint that they have as files."""
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"format": "recordio"}))
    for name in ("test.rec", "test.idx", "test.groups"):
        (folder / name).write_text(name)
    assert upload(folder) == 7
    aws.objects["bucket", "elsewhere/test.rec"] = aws.objects["bucket", "data/own.rec"] = b"mine"
    (folder / "manifest.json").write_text(json.dumps(manifest))
    for name in ("test.rec", "test.idx", "test.groups"):
        (folder / name).unlink()
    with pytest.raises(StagingError, match=r"in another format \(recordio, not images\).*--force"):
        upload(folder)
    assert ("bucket", "data/test.rec") in aws.objects
    assert upload(folder, force=True) == 1
    kept = ["manifest.json", "own.rec", "test.lst", "test/bicycle_s_000513.png", "test/car_s_000513.jpg"]
    assert sorted(key for _, key in aws.objects) == [*(f"data/{name}" for name in kept), "elsewhere/test.rec"]


@pytest.mark.parametrize("content", [b"{", b"[1]", b"\xff\xfe", b"7"])
def test_what_is_no_manifest_is_replaced_only_by_force(folder: Path, aws: Aws, content: bytes) -> None:
    aws.objects["bucket", "data/manifest.json"] = content
    with pytest.raises(StagingError, match=r"s3://bucket/data/manifest.json is not a manifest.*--force"):
        upload(folder)
    assert not uploaded(aws)
    assert upload(folder, force=True) == 4


def test_a_large_file_is_sent_in_parts_and_once(
    folder: Path, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operations.images.upload.LARGE", 20)
    (folder / "train.rec").write_bytes(bytes(range(256)) * 36_000)
    assert upload(folder) == 5
    assert aws.objects["bucket", "data/train.rec"] == (folder / "train.rec").read_bytes()
    found = client("s3").head_object(Bucket="bucket", Key="data/train.rec")
    assert (found["ContentType"], found["ETag"][-3:]) == ("application/x-recordio", '-2"')
    assert upload(folder) == 0
    (folder / "train.rec").write_bytes(bytes(range(255)) * 36_000)
    denied = s3_error(403, "AccessDenied")
    aws.answers["CreateMultipartUpload"] = lambda _request: denied
    with pytest.raises(StagingError, match=r"Access denied to CreateMultipartUpload: .*s3:PutObject on its"):
        upload(folder)


def test_a_failed_upload_never_writes_the_manifest(folder: Path, aws: Aws) -> None:
    denied = s3_error(403, "AccessDenied")
    aws.answers["PutObject"] = lambda request: denied if request.path.endswith("/test.lst") else None
    with pytest.raises(
        StagingError, match=r"s3://bucket/data: Access denied to PutObject: .*s3:PutObject on its"
    ):
        upload(folder)
    assert ("bucket", "data/manifest.json") not in aws.objects


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (s3_error(404, "NoSuchBucket"), "The bucket does not exist.*`aws s3 mb s3://bucket` makes it"),
        (s3_error(403, "AccessDenied"), "Access denied to ListObjectsV2: .*s3:ListBucket"),
        (s3_error(400, "ExpiredToken"), "The credentials have expired.*Sign in again: aws sso login"),
        (s3_error(503, "SlowDown"), "SlowDown: as AWS words it"),
    ],
)
def test_what_s3_refuses_is_explained(folder: Path, aws: Aws, answer: Answer, reason: str) -> None:
    aws.answers["ListObjectsV2"] = answer
    with pytest.raises(StagingError, match=f"Cannot upload to s3://bucket/data: .*{reason}"):
        upload(folder)
    assert not uploaded(aws)


def test_missing_credentials_are_explained(folder: Path, aws: Aws) -> None:
    def none(_: Request) -> None:
        raise NoCredentialsError

    aws.answers["ListObjectsV2"] = none
    with pytest.raises(StagingError, match="Cannot upload to s3://bucket/data: There are no AWS credentials"):
        upload(folder)
    assert not uploaded(aws)


@pytest.mark.parametrize(
    ("uri", "bucket", "prefix", "text"),
    [
        ("s3://my-bucket", "my-bucket", "", "s3://my-bucket"),
        ("s3://my-bucket/", "my-bucket", "", "s3://my-bucket"),
        ("s3://my.bucket/a/b c/", "my.bucket", "a/b c/", "s3://my.bucket/a/b c"),
    ],
)
def test_destinations(uri: str, bucket: str, prefix: str, text: str) -> None:
    destination = Destination.parse(uri)
    assert (destination, str(destination)) == (Destination(bucket, prefix), text)
