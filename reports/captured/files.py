"""Where captured data lies: files below an endpoint's prefix in S3, or in a folder of this machine.

SageMaker writes `{prefix}/{endpoint}/{variant}/yyyy/mm/dd/hh/MM-SS-mmm-UUID.jsonl`, in UTC:
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture.html
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lambda_src.core.batch.read_ahead import read_ahead
from lambda_src.core.run.lines import split_lines
from reports.captured.object_stream import CHUNK_BYTES, ObjectStream
from reports.captured.request import MAX_LINE_BYTES
from reports.times import HOUR, floor_hour

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SUFFIXES = (".jsonl", ".jsonl.gz")
TOO_LONG = b"(a line of more than 33,554,432 bytes)"
BROKEN_GZIP = b"(what follows is no gzip)"
"""Stand in a damaged file's place for what cannot be read: they are no JSON, and so they are counted."""
READ_AHEAD = 32
READ_AHEAD_BYTES = 1024**2
"""Files that are read ahead, and the size of the largest of them: 32 MiB in memory at most."""
_GZIP = b"\x1f\x8b"
_GZIP_BITS = 31
"""Of zlib: a window of 2^15 bytes, with gzip's header and checksum."""


@dataclass(frozen=True)
class CaptureFile:
    """A file of captured requests. `name`: its key, or its path below the folder; `etag`: "" without one."""

    name: str
    size: int
    etag: str
    chunks: Callable[[], Iterable[bytes]]
    """The bytes as they are stored, a piece at a time."""

    def lines(self) -> Iterator[bytes]:
        """The lines, one at a time, unpacked where the file is gzip.

        Raises ReadFailed, OSError, and what AWS refuses as botocore raises it; a file that S3 no longer has
        (its lifecycle took it) is empty.
        """
        for line in split_lines(_unpacked(self.chunks()), MAX_LINE_BYTES):
            yield TOO_LONG if line is None else line


def captured_files(
    s3: S3Client, uri: str, endpoint: str, start: datetime, stop: datetime
) -> Iterator[CaptureFile]:
    """The files of all variants that can hold records of [start, stop), in the order of their keys.

    uri: `s3://bucket/prefix`. An hour more is listed on both sides: a file is named after one of its moments
    and holds records of others, so whoever reads it looks at each record's own time.
    """
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    root = "/".join(part for part in (prefix.strip("/"), endpoint) if part) + "/"
    first, last = floor_hour(start - HOUR), floor_hour(stop + HOUR)
    paginator = s3.get_paginator("list_objects_v2")
    pages = paginator.paginate(Bucket=bucket, Prefix=root, Delimiter="/")
    variants = [folder["Prefix"] for page in pages for folder in page.get("CommonPrefixes", ())]
    for variant in variants:
        for folder in time_folders(first, last):
            for page in paginator.paginate(Bucket=bucket, Prefix=variant + folder):
                for entry in page.get("Contents", ()):
                    if entry["Key"].endswith(SUFFIXES):
                        yield _object(s3, bucket, entry["Key"], entry.get("Size", 0), entry.get("ETag", ""))


def time_folders(first: datetime, last: datetime) -> Iterator[str]:
    """`yyyy/mm/dd/hh/` of each hour from `first` to `last`, `yyyy/mm/dd/` for a day that is whole."""
    hour = first
    while hour <= last:
        if hour.hour == 0 and hour + timedelta(hours=23) <= last:
            yield f"{hour:%Y/%m/%d/}"
            hour += timedelta(days=1)
        else:
            yield f"{hour:%Y/%m/%d/%H/}"
            hour += HOUR


def newest_first(files: Iterable[CaptureFile]) -> list[CaptureFile]:
    """Sorted by hour and minute, of whichever variant, the latest first.

    So the newest inferences, which are shown, come first: no older picture is made small for nothing.
    """
    return sorted(files, key=lambda file: file.name.split("/")[-5:], reverse=True)


def prefetched(files: Iterable[CaptureFile]) -> Iterator[CaptureFile]:
    """The same files in the same order, the small ones read ahead of their turn, several at a time."""
    with (
        ThreadPoolExecutor(READ_AHEAD // 2) as pool,
        closing(read_ahead(pool, _held, files, READ_AHEAD)) as ahead,
    ):
        yield from ahead


def local_files(folder: Path) -> Iterator[CaptureFile]:
    """The `.jsonl` and `.jsonl.gz` files at any depth of a folder, in the order of their paths."""
    for path in sorted(folder.rglob("*")):
        if path.name.endswith(SUFFIXES) and path.is_file():
            yield _local(path, path.relative_to(folder).as_posix())


def _object(s3: S3Client, bucket: str, key: str, size: int, etag: str) -> CaptureFile:
    def chunks() -> Iterator[bytes]:
        try:
            yield from ObjectStream(s3, bucket, key, etag).chunks()
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "NoSuchKey":
                raise

    return CaptureFile(key, size, etag, chunks)


def _local(path: Path, name: str) -> CaptureFile:
    def chunks() -> Iterator[bytes]:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk

    return CaptureFile(name, path.stat().st_size, "", chunks)


def _held(file: CaptureFile) -> CaptureFile:
    """The file with its bytes in memory; a large one as it is."""
    if file.size > READ_AHEAD_BYTES:
        return file
    content = b"".join(file.chunks())
    return replace(file, chunks=lambda: (content,))


def _unpacked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes themselves, or of gzip (one member or several) what is packed in them."""
    stream = iter(chunks)
    head = b""
    while len(head) < len(_GZIP) and (chunk := next(stream, b"")):
        head += chunk
    whole = chain((head,), stream)
    return _gunzip(whole) if head.startswith(_GZIP) else whole


def _gunzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    unpack, begun = zlib.decompressobj(wbits=_GZIP_BITS), False
    for chunk in chunks:
        while chunk:
            begun = True
            try:
                yield unpack.decompress(chunk, MAX_LINE_BYTES)
            except zlib.error:
                yield b"\n" + BROKEN_GZIP
                return
            chunk = unpack.unconsumed_tail
            if unpack.eof:
                chunk = unpack.unused_data
                unpack, begun = zlib.decompressobj(wbits=_GZIP_BITS), False
    if begun:
        yield unpack.flush() + b"\n" + BROKEN_GZIP
