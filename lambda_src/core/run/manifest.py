"""Manifests: lists of images in S3, an image a line.

A line is `{"s3_key": …, "s3_bucket": …}`, the bucket being optional, or SageMaker's
`{"source-ref": "s3://bucket/key"}`, or the key alone, plain or as a JSON string. Wherever a key is there can
be `s3://bucket/key`. Further fields say nothing here, so a run's `errors.jsonl` is a manifest of what failed
in it. UTF-8, or UTF-16 as PowerShell writes it.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple

from lambda_src.core.excerpt import excerpt
from lambda_src.core.location import bucket_problem, key_problem, uri_problem, without_uri
from lambda_src.core.run.lines import split_lines

MAX_LINE_BYTES = 65_536
"""Ten times the longest key at its worst in JSON; what is longer is no line of a manifest."""
_BOM = b"\xef\xbb\xbf"
_JSON = re.compile(r"[{\[\"]|(?:null|true|false)$")
"""How a line of JSON begins; any other is a key as it is."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
SOURCE_REF = "source-ref"
"""The key of an image in SageMaker's augmented manifests."""
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
    for number, line in enumerate(split_lines(utf8(chunks), MAX_LINE_BYTES), 1):
        if line is None:
            yield _rejected(number, f"is longer than {MAX_LINE_BYTES:,} bytes: put one image on a line")
            continue
        text = (line.removeprefix(_BOM) if number == 1 else line).strip()
        if text:
            yield _entry(number, text, default_bucket)


def utf8(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks of a text in UTF-8; of one in UTF-16, told by its first two bytes, recoded."""
    chunks = iter(chunks)
    start = b""
    while len(start) < 2 and (chunk := next(chunks, b"")):
        start += chunk
    if not (encoding := _utf16(start[:2])):
        yield start
        yield from chunks
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for chunk in chain([start], chunks):
        yield decoder.decode(chunk).encode("utf-8")


def _utf16(start: bytes) -> str | None:
    """The encoding that two bytes begin, whose first character is of ASCII where no mark precedes it."""
    if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    if len(start) < 2 or start.count(0) != 1:
        return None
    return "utf-16-be" if start[0] == 0 else "utf-16-le"


def read_image_entry(value: object, default_bucket: str) -> tuple[ListedImage, str | None]:
    """The image that a JSON value names, and what is wrong with it, or None."""
    if isinstance(value, str):
        value = {"s3_key": value}
    if not isinstance(value, dict):
        return ListedImage("", ""), f'must be an object {{"s3_key": …}} or a string, not {excerpt(value)}'
    if "s3_key" not in value and SOURCE_REF in value:
        value = {"s3_key": value[SOURCE_REF]}
    conflict = uri_problem(value, "s3_key")
    value = without_uri(value, "s3_key")
    bucket, key = value.get("s3_bucket", default_bucket), value.get("s3_key")
    image = ListedImage(_row_text(bucket), _row_text(key))
    if "s3_key" not in value:
        return image, "has no s3_key: name the object to classify"
    if conflict:
        return image, f"s3_key {conflict}"
    problems = (("s3_bucket", bucket_problem(bucket)), ("s3_key", key_problem(key)))
    return image, "; ".join(f"{name} {problem}" for name, problem in problems if problem) or None


def _entry(number: int, text: bytes, default_bucket: str) -> ListedImage | RejectedLine:
    try:
        line = text.decode()
        value: Any = json.loads(line) if _JSON.match(line) else line
    except UnicodeDecodeError as error:
        return _rejected(number, f"is not UTF-8 ({error.reason} at byte {error.start}): {_excerpt_of(text)}")
    except (ValueError, RecursionError):
        return _rejected(number, f"is not JSON: {_excerpt_of(text)}")
    if value is line and _CONTROL.search(line):
        return _rejected(number, f"holds control characters, which only JSON can name: {_excerpt_of(text)}")
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
