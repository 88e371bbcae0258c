"""Manifests: lists of images in S3, one JSON value a line.

A line is `{"s3_key": …, "s3_bucket": …}`, the bucket being optional, or the key alone as a JSON string.
Further fields say nothing here, so a run's `errors.jsonl` is a manifest of the images that failed in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from lambda_src.core.excerpt import excerpt
from lambda_src.core.location import bucket_problem, key_problem
from lambda_src.core.run.lines import split_lines

MAX_LINE_BYTES = 65_536
"""Ten times the longest key at its worst in JSON; what is longer is no line of a manifest."""
_BOM = b"\xef\xbb\xbf"
_EXCERPT_BYTES = 200


class ListedImage(NamedTuple):
    """An image that is to be classified."""

    s3_bucket: str
    s3_key: str


class RejectedLine(NamedTuple):
    """A line, counted from 1, that names no image, and why; bucket and key as far as they were read."""

    line: int
    s3_bucket: str
    s3_key: str
    cause: str


def manifest_entries(chunks: Iterable[bytes], default_bucket: str) -> Iterator[ListedImage | RejectedLine]:
    """One entry for each line of a manifest that is not blank, in order."""
    for number, line in enumerate(split_lines(chunks, MAX_LINE_BYTES), 1):
        if line is None:
            yield _rejected(number, f"is longer than {MAX_LINE_BYTES:,} bytes: put one image on a line")
            continue
        text = (line.removeprefix(_BOM) if number == 1 else line).strip()
        if text:
            yield _entry(number, text, default_bucket)


def read_image_entry(value: object, default_bucket: str) -> tuple[ListedImage, str | None]:
    """The image that a JSON value names, and what is wrong with it, or None."""
    if isinstance(value, str):
        value = {"s3_key": value}
    if not isinstance(value, dict):
        return ListedImage("", ""), f'must be an object {{"s3_key": …}} or a string, not {excerpt(value)}'
    bucket, key = value.get("s3_bucket", default_bucket), value.get("s3_key")
    image = ListedImage(_row_text(bucket), _row_text(key))
    if "s3_key" not in value:
        return image, "has no s3_key: name the object to classify"
    problems = (("s3_bucket", bucket_problem(bucket)), ("s3_key", key_problem(key)))
    return image, "; ".join(f"{name} {problem}" for name, problem in problems if problem) or None


def _entry(number: int, text: bytes, default_bucket: str) -> ListedImage | RejectedLine:
    try:
        value: Any = json.loads(text.decode())
    except UnicodeDecodeError as error:
        return _rejected(number, f"is not UTF-8 ({error.reason} at byte {error.start}): {_excerpt_of(text)}")
    except (ValueError, RecursionError):
        return _rejected(number, f"is not JSON: {_excerpt_of(text)}")
    image, problem = read_image_entry(value, default_bucket)
    return RejectedLine(number, *image, f"line {number} {problem}") if problem else image


def _rejected(number: int, problem: str) -> RejectedLine:
    return RejectedLine(number, "", "", f"line {number} {problem}")


def _excerpt_of(text: bytes) -> str:
    return excerpt(text[:_EXCERPT_BYTES].decode("utf-8", "backslashreplace"))


def _row_text(name: object) -> str:
    """A name as a row can hold it: text, short and of real characters, or nothing."""
    if not isinstance(name, str) or len(name) > 1024:
        return ""
    return name.encode("utf-8", "backslashreplace").decode()
