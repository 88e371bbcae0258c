"""Which images `scones classify` is asked about: files of this machine, or objects in S3."""

from __future__ import annotations

import mimetypes
from collections import Counter
from collections.abc import Iterator
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from contracts.names import UPLOADS
from lambda_src.core.location import key_problem
from lambda_src.core.run.nearest import PATTERN
from operations.aws.errors import OperationError
from operations.aws.s3_location import (
    S3Location,
    is_s3,
    keys_below,
    nearest_place,
    read_s3_location,
    require_bucket,
)
from pictures.kinds import FIRST_BYTES, kind_of
from pictures.refusals import PictureRefused

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SUFFIXES = (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp")
"""Of names that say so; a file of another name is one if it begins so."""
MOST_IMAGES = 1_000
"""What is reasonable with one execution an image; more are a hundred times cheaper in batches."""


class SourceImage(NamedTuple):
    """An image as the person named it, where it is or will be in S3, and its file if it is to be uploaded."""

    name: str
    s3_bucket: str
    s3_key: str
    path: Path | None


class Source(NamedTuple):
    """The images of a source, and how many files of a folder were left out, by the reason."""

    images: list[SourceImage]
    skipped: Counter[str]

    @property
    def skipped_words(self) -> str:
        """`left out: 2 hidden, 1 neither PNG nor JPEG nor WebP (.txt)`; empty where nothing was."""
        counts = ", ".join(f"{count:,} {reason}" for reason, count in self.skipped.most_common())
        return f"left out: {counts}" if counts else ""


def read_source(s3: S3Client, source: str, data_bucket: str, run: str) -> Source:
    """The images of a source, in the order of their names. Local ones belong at `uploads/<run>/`.

    Raises OperationError where there is none, or too many.
    """
    skipped: Counter[str] = Counter()
    if is_s3(source):
        location = read_s3_location(source)
        require_bucket(s3, location.bucket, data_bucket)
        images = _objects(s3, location)
    else:
        images = _files(Path(source), data_bucket, f"{UPLOADS}{run}/", skipped)
    found = list(islice(images, MOST_IMAGES + 1))
    if not found:
        raise OperationError(f"NothingToClassify: {_nothing(s3, source, skipped)}.")
    if len(found) > MOST_IMAGES:
        raise OperationError(
            f"{source} holds more than {MOST_IMAGES:,} images, too many for an execution each. In S3 they "
            "are classified in batches: scones batch s3://bucket/prefix/"
        )
    return Source(found, skipped)


def _nothing(s3: S3Client, source: str, skipped: Counter[str]) -> str:
    """What was looked at, and what is there instead."""
    if is_s3(source):
        return f"there is no object below {source}; {nearest_place(s3, read_s3_location(source))}"
    there = Source([], skipped).skipped_words or "it is empty"
    return f"the folder {source} has no PNG, JPEG or WebP image; {there}"


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


def _files(path: Path, bucket: str, prefix: str, skipped: Counter[str]) -> Iterator[SourceImage]:
    """One file whatever its name; in a folder those that are images, the others being counted."""
    if path.is_dir():
        files = [file for file in sorted(path.rglob("*")) if _is_image(file, path, skipped)]
        named = [(file, file.relative_to(path).as_posix()) for file in files]
    elif path.exists():
        named = [(path, path.name)]
    else:
        raise OperationError(f"There is no file or folder {path}{_alike(path)}.")
    for file, name in named:
        if problem := key_problem(prefix + name):
            raise OperationError(f"{file} cannot be uploaded under its name: the key {problem}.")
        yield SourceImage(str(file), bucket, prefix + name, file)


def _alike(path: Path) -> str:
    """A way out for a path that is not there."""
    if PATTERN.intersection(path.name) and path.parent.is_dir():
        return f": no name fits the pattern; {path.parent} is the folder"
    names = [file.name for file in path.parent.iterdir()] if path.parent.is_dir() else []
    folded = {name.casefold(): name for name in names}
    alike = get_close_matches(path.name.casefold(), folded, n=1, cutoff=0.8)
    near = f"; nearest that exists: {path.parent / folded[alike[0]]}" if alike else ""
    return f"{near}; objects in S3 are named s3://bucket/key"


def _is_image(file: Path, root: Path, skipped: Counter[str]) -> bool:
    """Whether a path is a file that is named as an image or begins as one; no folder is counted."""
    if file.is_dir():
        return False
    reason = _why_not(file, root)
    if reason:
        skipped[reason] += 1
    return not reason


def _why_not(file: Path, root: Path) -> str:
    if any(part.startswith(".") for part in file.relative_to(root).parts):
        return "hidden"
    if not file.is_file():
        return "no regular file"
    if file.suffix.lower() in SUFFIXES:
        return ""
    try:
        with file.open("rb") as body:
            kind_of(body.read(FIRST_BYTES))
    except OSError as error:
        return f"not readable ({error.strerror})"
    except PictureRefused:
        return f"neither PNG nor JPEG nor WebP ({file.suffix.lower() or 'no extension'})"
    return ""
