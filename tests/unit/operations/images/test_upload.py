"""Copying a staged folder to S3, against a bucket that lives in this process."""

from __future__ import annotations

import hashlib
import io
import json
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from operations.images.upload import Destination, upload_folder
from training.staging.example import StagingError, silent

BUCKET = Destination("bucket", "data/")


@dataclass
class FakeS3:
    """One bucket; `kms` gives ETags that are no MD5, `fails` raises at the put of a key."""

    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    puts: list[str] = field(default_factory=list)
    kms: bool = False
    fails: dict[str, Exception] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, **rest: Any) -> None:
        assert Bucket == "bucket"
        with self.lock:
            self.puts.append(Key)
            if Key in self.fails:
                raise self.fails[Key]
            self.objects[Key] = {"Body": Body, **rest}

    def head_object(self, *, Key: str, **_: Any) -> dict[str, Any]:
        return {"Metadata": self.objects[Key]["Metadata"]}

    def get_object(self, *, Key: str, **_: Any) -> dict[str, Any]:
        return {"Body": io.BytesIO(self.objects[Key]["Body"])}

    def get_paginator(self, _operation: str) -> FakeS3:
        return self

    def paginate(self, *, Prefix: str, **_: Any) -> list[dict[str, Any]]:
        if "list" in self.fails:
            raise self.fails["list"]
        keys = [key for key in self.objects if key.startswith(Prefix)]
        return [{"Contents": [{"Key": key, "ETag": self._etag(key)} for key in keys]}, {}]

    def _etag(self, key: str) -> str:
        body = self.objects[key]["Body"]
        return '"opaque"' if self.kms else f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shape of a staged folder, with contents that upload does not look into."""
    (tmp_path / "test").mkdir()
    for name in ("test/bicycle_s_000513.png", "test/car_s_000513.png", "test.lst"):
        (tmp_path / name).write_text(name)
    (tmp_path / "manifest.json").write_text(json.dumps({"name": "drawn", "fingerprint": "f" * 64}))
    return tmp_path


def upload(folder: Path, s3: FakeS3, *, force: bool = False) -> int:
    return upload_folder(folder, BUCKET, silent, force=force, client=s3)  # type: ignore[arg-type]


@pytest.mark.parametrize("kms", [False, True])
def test_only_what_is_missing_or_different_is_uploaded(folder: Path, kms: bool) -> None:
    s3 = FakeS3(kms=kms)
    assert upload(folder, s3) == 4
    assert s3.puts[-1] == "data/manifest.json"
    assert s3.objects["data/test/bicycle_s_000513.png"]["ContentType"] == "image/png"
    assert upload(folder, s3) == 0
    del s3.objects["data/test.lst"]
    s3.objects["data/test/car_s_000513.png"] |= {"Body": b"other", "Metadata": {}}
    assert upload(folder, s3) == 2
    assert s3.objects["data/test/car_s_000513.png"]["Body"] == b"test/car_s_000513.png"


def test_another_data_set_is_replaced_only_by_force(folder: Path) -> None:
    s3 = FakeS3()
    upload(folder, s3)
    (folder / "manifest.json").write_text(json.dumps({"name": "cifar100", "fingerprint": "0" * 64}))
    (folder / "test.lst").write_text("new")
    with pytest.raises(StagingError, match=r"s3://bucket/data holds another data set \(drawn.*--force"):
        upload(folder, s3)
    assert len(s3.puts) == 4
    assert upload(folder, s3, force=True) == 2


@pytest.mark.parametrize("content", [b"{", b"[1]", b"\xff\xfe", b"7"])
def test_what_is_no_manifest_is_replaced_only_by_force(folder: Path, content: bytes) -> None:
    s3 = FakeS3()
    s3.objects["data/manifest.json"] = {"Body": content, "Metadata": {}}
    with pytest.raises(StagingError, match=r"s3://bucket/data/manifest.json is not a manifest.*--force"):
        upload(folder, s3)
    assert not s3.puts
    assert upload(folder, s3, force=True) == 4


def test_a_failed_upload_never_writes_the_manifest(folder: Path) -> None:
    denied = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PutObject")
    s3 = FakeS3(fails={"data/test.lst": denied})
    with pytest.raises(StagingError, match=r"s3://bucket/data: access denied.*s3:PutObject"):
        upload(folder, s3)
    assert "data/manifest.json" not in s3.objects


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ClientError({"Error": {"Code": "NoSuchBucket"}}, "ListObjectsV2"), "the bucket does not exist"),
        (ClientError({"Error": {"Code": "AccessDenied"}}, "ListObjectsV2"), "s3:ListBucket"),
        (ClientError({"Error": {"Code": "SlowDown", "Message": "wait"}}, "ListObjectsV2"), "SlowDown: wait"),
        (NoCredentialsError(), "Unable to locate credentials"),
    ],
)
def test_what_s3_refuses_is_explained(folder: Path, error: Exception, reason: str) -> None:
    s3 = FakeS3(fails={"list": error})
    with pytest.raises(StagingError, match=f"Cannot upload to s3://bucket/data: .*{reason}"):
        upload(folder, s3)
    assert not s3.puts


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
