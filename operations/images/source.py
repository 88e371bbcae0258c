"""Which images `scones classify` is asked about: files of this machine, or objects in S3."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lambda_src.core.location import key_problem
from operations.aws.errors import OperationError
from operations.aws.s3_location import S3Location, is_s3, keys_below, read_s3_location

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

INBOX = "inbox/"
SUFFIXES = (".png", ".jpg", ".jpeg")
MOST_IMAGES = 1_000
"""What is reasonable with one execution an image; more are a hundred times cheaper in batches."""


class SourceImage(NamedTuple):
    """An image as the person named it, where it is or will be in S3, and its file if it is to be uploaded."""

    name: str
    s3_bucket: str
    s3_key: str
    path: Path | None


def source_images(s3: S3Client, source: str, data_bucket: str, run: str) -> list[SourceImage]:
    """The images of a source, in the order of their names. Local ones belong at `inbox/<run>/`.

    Raises OperationError where there is none, or too many.
    """
    if is_s3(source):
        images = _objects(s3, read_s3_location(source))
    else:
        images = _files(Path(source), data_bucket, f"{INBOX}{run}/")
    found = list(islice(images, MOST_IMAGES + 1))
    if not found:
        looked_for = "objects" if is_s3(source) else f"{', '.join(SUFFIXES)} files"
        raise OperationError(f"There are no {looked_for} below {source}.")
    if len(found) > MOST_IMAGES:
        raise OperationError(
            f"{source} holds more than {MOST_IMAGES:,} images, too many for an execution each. In S3 they "
            "are classified in batches: scones batch s3://bucket/prefix/"
        )
    return found


def upload_image(s3: S3Client, image: SourceImage) -> None:
    """Put the image's file, if it has one, where its key says."""
    if image.path is None:
        return
    try:
        body = image.path.read_bytes()
    except OSError as error:
        raise OperationError(f"{image.path} cannot be read: {error.strerror}.") from error
    content_type = mimetypes.guess_type(image.path.name)[0] or "application/octet-stream"
    s3.put_object(Bucket=image.s3_bucket, Key=image.s3_key, Body=body, ContentType=content_type)


def _objects(s3: S3Client, location: S3Location) -> Iterator[SourceImage]:
    """One object as it is named, there or not; below a folder all that there are, whatever they hold."""
    keys = keys_below(s3, location) if location.is_folder else iter([location.key])
    for key in keys:
        yield SourceImage(str(S3Location(location.bucket, key)), location.bucket, key, None)


def _files(path: Path, bucket: str, prefix: str) -> Iterator[SourceImage]:
    """One file whatever its name; in a folder those that are named as images, hidden ones left out."""
    if path.is_dir():
        files = [file for file in sorted(path.rglob("*")) if _is_image(file, path)]
        named = [(file, file.relative_to(path).as_posix()) for file in files]
    elif path.exists():
        named = [(path, path.name)]
    else:
        raise OperationError(f"There is no file or folder {path}; objects in S3 are named s3://bucket/key.")
    for file, name in named:
        if problem := key_problem(prefix + name):
            raise OperationError(f"{file} cannot be uploaded under its name: the key {problem}.")
        yield SourceImage(str(file), bucket, prefix + name, file)


def _is_image(file: Path, root: Path) -> bool:
    hidden = any(part.startswith(".") for part in file.relative_to(root).parts)
    return file.suffix.lower() in SUFFIXES and not hidden and file.is_file()
