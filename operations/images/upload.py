"""Copy a staged folder to S3: only what is not there yet, the manifest last."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from boto3.exceptions import S3UploadFailedError
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from operations.aws.errors import explain, meant_code
from training.data import SPLITS
from training.group_list import SUFFIX as GROUPS
from training.manifest import MANIFEST, read_manifest
from training.staging.example import Progress, StagingError
from training.staging.folder import form_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CONNECTIONS = 8
CONTENT_TYPES = {
    **{".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp"},
    **{".json": "application/json", **dict.fromkeys((".lst", ".groups"), "text/plain; charset=utf-8")},
    ".rec": "application/x-recordio",
}
_OF_A_SPLIT = (".lst", ".rec", ".idx", GROUPS)
LARGE = 32_000_000
"""Bytes from which on a file is read and sent in parts."""
DIGEST = "sha256"
"""Name of the object metadata that holds the content's digest; ETags are no MD5 under a KMS key."""
WAYS_OUT = {
    "NoSuchBucket": " `aws s3 mb s3://{bucket}` makes it.",
    "AccessDenied": " s3:ListBucket on the bucket, s3:GetObject and s3:PutObject on its objects are needed, "
    "and s3:DeleteObject to replace a data set.",
}
"""What this verb adds to what AWS's answers mean to all."""


@dataclass(frozen=True)
class Destination:
    """A bucket, and the prefix of the keys in it: empty, or ending in a slash."""

    bucket: str
    prefix: str

    @classmethod
    def parse(cls, uri: str) -> Destination:
        """From `s3://bucket` or `s3://bucket/prefix`; raises StagingError for anything else."""
        match = re.fullmatch(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?", uri)
        if match is None:
            raise StagingError(f"--to {uri!r} is not s3://bucket or s3://bucket/prefix.")
        prefix = (match[2] or "").strip("/")
        return cls(match[1], f"{prefix}/" if prefix else "")

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")


def upload_folder(
    folder: Path,
    destination: Destination,
    progress: Progress,
    *,
    force: bool = False,
    client: S3Client | None = None,
) -> int:
    """Upload what is missing or different under the destination; return how many objects that was.

    A different data set already there, or the same in another format, is replaced only with `force`: its
    lists and manifest are overwritten, lists and RecordIO that only it has are removed, for training would
    read them; pictures that only it has are left. Raises StagingError when S3 refuses.
    """
    with _explained(destination):
        s3 = client or boto3.client("s3", config=Config(max_pool_connections=CONNECTIONS))
        present = _etags(s3, destination)
        if not force:
            _require_same(s3, destination, folder, present)
        files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != MANIFEST]
        uploaded = 0
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            jobs = [pool.submit(_upload, s3, destination, folder, path, present) for path in files]
            try:
                for done, job in enumerate(as_completed(jobs), start=1):
                    uploaded += job.result()
                    progress("uploading to S3", done, len(files))
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        if force and destination.prefix + MANIFEST in present:
            _remove_stale(s3, destination, folder, present)
        return uploaded + _upload(s3, destination, folder, folder / MANIFEST, present)


def _upload(s3: S3Client, destination: Destination, folder: Path, path: Path, present: dict[str, str]) -> int:
    key = destination.prefix + path.relative_to(folder).as_posix()
    if path.stat().st_size > LARGE:
        return _upload_large(s3, destination.bucket, key, path, key in present)
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if key in present and _is_same(s3, destination.bucket, key, present[key], content, digest):
        return 0
    s3.put_object(
        Bucket=destination.bucket,
        Key=key,
        Body=content,
        ContentType=_content_type(path),
        Metadata={DIGEST: digest},
    )
    return 1


def _remove_stale(s3: S3Client, destination: Destination, folder: Path, present: dict[str, str]) -> None:
    for name in (f"{split}{ending}" for split in SPLITS for ending in _OF_A_SPLIT):
        if destination.prefix + name in present and not (folder / name).exists():
            s3.delete_object(Bucket=destination.bucket, Key=destination.prefix + name)


def _upload_large(s3: S3Client, bucket: str, key: str, path: Path, present: bool) -> int:
    """In parts, of which a few are in memory: RecordIO of photographs has gigabytes."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if present and s3.head_object(Bucket=bucket, Key=key)["Metadata"].get(DIGEST) == digest:
        return 0
    about = {"ContentType": _content_type(path), "Metadata": {DIGEST: digest}}
    s3.upload_file(str(path), bucket, key, ExtraArgs=about)
    return 1


def _content_type(path: Path) -> str:
    return CONTENT_TYPES.get(path.suffix, "application/octet-stream")


def _is_same(s3: S3Client, bucket: str, key: str, etag: str, content: bytes, digest: str) -> bool:
    if etag == hashlib.md5(content, usedforsecurity=False).hexdigest():
        return True
    return s3.head_object(Bucket=bucket, Key=key)["Metadata"].get(DIGEST) == digest


def _etags(s3: S3Client, destination: Destination) -> dict[str, str]:
    """ETag of every object under the destination, by key."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=destination.bucket, Prefix=destination.prefix)
    return {item["Key"]: item["ETag"].strip('"') for page in pages for item in page.get("Contents", [])}


def _require_same(s3: S3Client, destination: Destination, folder: Path, present: dict[str, str]) -> None:
    key = destination.prefix + MANIFEST
    if key not in present:
        return
    try:
        theirs = dict(json.loads(s3.get_object(Bucket=destination.bucket, Key=key)["Body"].read()))
    except (TypeError, ValueError) as error:
        raise StagingError(
            f"s3://{destination.bucket}/{key} is not a manifest. "
            "Choose another prefix, or overwrite it with --force."
        ) from error
    mine = read_manifest(folder)
    problem = ""
    if theirs.get("fingerprint") != mine.fingerprint:
        fingerprint = str(theirs.get("fingerprint"))[:12]
        problem = f"another data set ({theirs.get('name')}, fingerprint {fingerprint})"
    elif (form := form_of(theirs)) != form_of(mine.document):
        problem = f"this data set in another format ({form}, not {form_of(mine.document)})"
    if problem:
        raise StagingError(
            f"{destination} holds {problem}. Choose another prefix, or replace it with --force."
        )


@contextmanager
def _explained(destination: Destination) -> Iterator[None]:
    """AWS's errors as sentences about the destination."""
    try:
        yield
    except (ClientError, BotoCoreError, S3UploadFailedError) as error:
        cause = error.__context__ if isinstance(error, S3UploadFailedError) else error
        code = meant_code(cause) if isinstance(cause, ClientError) else ""
        way_out = WAYS_OUT.get(code, "").format(bucket=destination.bucket)
        reason = explain(cause) if isinstance(cause, ClientError | BotoCoreError) else str(error)
        raise StagingError(f"Cannot upload to {destination}: {reason}{way_out}") from error
