"""Model data: downloaded from S3 and unpacked the way SageMaker does, for `SM_MODEL_DIR`."""

from __future__ import annotations

import shutil
import tarfile
import tempfile
import zlib
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from loopback_aws.sagemaker.names import split_s3_uri

MOST_BYTES = 4 * 1024**3
"""Largest content of an archive, in bytes, so that a small file cannot fill the disk."""

_UNREADABLE = (tarfile.TarError, zlib.error, EOFError, OSError)


class ModelDataError(Exception):
    """The model data cannot be used; the text is the endpoint's FailureReason."""


def fetch_model_data(s3: Any, uri: str, folder: Path) -> None:
    """Unpack the archive at `uri` into `folder`, which appears whole or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".model-"))
    try:
        archive = work / "model.tar.gz"
        _download(s3, uri, archive)
        unpacked = work / "model"
        unpacked.mkdir()
        _unpack(archive, uri, unpacked)
        unpacked.replace(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _download(s3: Any, uri: str, path: Path) -> None:
    bucket, key = split_s3_uri(uri)
    try:
        body = s3.get_object(Bucket=bucket, Key=key)["Body"]
        with path.open("wb") as file:
            shutil.copyfileobj(body, file, 1024 * 1024)
    except (ClientError, BotoCoreError) as error:
        raise ModelDataError(
            f'Failed to download model data for container "container_1" from URL: "{uri}". Please ensure '
            "that there is an object located at the URL and that the role passed to CreateModel has "
            f"permissions to download the object. ({error})"
        ) from error


def _unpack(archive: Path, uri: str, folder: Path) -> None:
    try:
        with tarfile.open(archive, "r:gz") as content:
            total = 0
            for member in content:
                total += member.size
                _check(member, total)
                content.extract(member, folder, filter="data")
    except _UNREADABLE as error:
        raise ModelDataError(
            f'Failed to extract model data archive for container "container_1" from URL "{uri}". Please '
            "ensure that the object located at the URL is a valid tar.gz archive. "
            f"({error or type(error).__name__})"
        ) from error


def _check(member: tarfile.TarInfo, total: int) -> None:
    """What AWS refuses too: links, and archives that do not fit on the instance."""
    if member.issym() or member.islnk():
        raise tarfile.TarError(f"{member.name} is a link")
    if total > MOST_BYTES:
        raise tarfile.TarError(f"its content is larger than {MOST_BYTES} bytes")
