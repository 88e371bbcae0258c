"""The capture files that are still to be counted, hour by hour: small ones read ahead, large ones in turn."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from lambda_src.core.batch.read_ahead import read_ahead
from reports.captured.files import CaptureFile, newest_first
from reports.captured.object_stream import CHUNK_BYTES, ReadFailed
from reports.monitor.counted_files import CountedFiles
from reports.times import HOUR, floor_hour, key_hour

SPAN = 6 * HOUR
"""Hours that are listed together: what a long backlog takes of memory."""
READ_AHEAD = 16
IN_MEMORY_BYTES = 1024**2
"""Files that are read ahead, and up to which size; larger ones go to the disk, which is small, one by one."""

Listing = Callable[[datetime, datetime], Iterator[CaptureFile]]
"""Capture files by the hours of their keys, from the first to the second and perhaps around them."""


class Fetched(NamedTuple):
    """A file that was read to its end, so that its lines cannot fail half way; or why it could not be."""

    file: CaptureFile
    problem: str = ""


def new_files(listing: Listing, counted: CountedFiles, now: datetime) -> Iterator[CaptureFile]:
    """The files that are not counted, in the order of their hours, and in each the newest first.

    Files of a clock that is an hour ahead are among them.
    """
    start, end = counted.open_from, floor_hour(now) + 2 * HOUR
    while start < end:
        stop = min(start + SPAN, end)
        found = [file for file in listing(start, stop - HOUR) if _is_due(file.name, start, stop, counted)]
        yield from sorted(newest_first(found), key=lambda file: key_hour(file.name) or start)
        start = stop


def fetched(files: Iterator[CaptureFile]) -> Generator[Fetched, None, None]:
    """The same files in the same order, those that are small read ahead of their turn."""
    with (
        ThreadPoolExecutor(READ_AHEAD // 2) as pool,
        closing(read_ahead(pool, _fetch_small, files, READ_AHEAD)) as ahead,
    ):
        for one in ahead:
            yield _fetch(one) if isinstance(one, CaptureFile) else one


def _is_due(key: str, start: datetime, stop: datetime, counted: CountedFiles) -> bool:
    hour = key_hour(key)
    return hour is not None and start <= hour < stop and counted.is_new(key)


def _fetch_small(file: CaptureFile) -> Fetched | CaptureFile:
    return file if file.size > IN_MEMORY_BYTES else _fetch(file)


def _fetch(file: CaptureFile) -> Fetched:
    content: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115 - closed when forgotten
    try:
        for chunk in file.chunks():
            content.write(chunk)
    except (ReadFailed, ClientError, BotoCoreError, OSError) as error:
        content.close()
        return Fetched(file, str(error))

    def chunks() -> Iterator[bytes]:
        content.seek(0)
        while chunk := content.read(CHUNK_BYTES):
            yield chunk

    return Fetched(replace(file, chunks=chunks))
