"""Capture files in S3 and in folders: which are read, and that every byte comes once."""

from __future__ import annotations

import gzip
import io
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from reports.captured import object_stream
from reports.captured.files import (
    BROKEN_GZIP,
    TOO_LONG,
    CaptureFile,
    captured_files,
    local_files,
    newest_first,
    prefetched,
    time_folders,
)
from reports.captured.object_stream import ATTEMPTS, ObjectStream, ReadFailed

URI = "s3://bucket/data-capture"
TIMES = ("11/20/23/59-59-000-a", "11/21/00/05-00-000-b", "11/21/00/06-00-000-a", "11/21/01/00-00-000-a")


def refusal(code: str, status: int) -> ClientError:
    answer: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "GetObject")


class Body(io.BytesIO):
    """An answer's body that breaks off after `lasts` bytes, if it is to."""

    def __init__(self, data: bytes, lasts: int | None) -> None:
        super().__init__(data)
        self.lasts = lasts

    def iter_chunks(self, size: int) -> Iterator[bytes]:
        left = self.lasts
        while chunk := self.read(size if left is None else min(size, left)):
            yield chunk
            if left is not None:
                left -= len(chunk)
            if left == 0:
                raise ReadTimeoutError(endpoint_url="https://s3")


class Bucket:
    """Objects by key. `breaks`: bytes after which each answer breaks off; `refusals`: raised in turn."""

    def __init__(self, objects: dict[str, bytes]) -> None:
        self.objects = objects
        self.breaks: list[int | None] = []
        self.refusals: list[ClientError] = []
        self.asked: list[dict[str, Any]] = []
        self.listed: list[str] = []

    def get_object(self, **given: Any) -> dict[str, Any]:
        self.asked.append(given)
        if self.refusals:
            raise self.refusals.pop(0)
        if given["Key"] not in self.objects:
            raise refusal("NoSuchKey", 404)
        data = self.objects[given["Key"]]
        start = int(given.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        if start and start >= len(data):
            raise refusal("InvalidRange", 416)
        return {"Body": Body(data[start:], self.breaks.pop(0) if self.breaks else None), "ETag": '"e"'}

    def get_paginator(self, _operation: str) -> Any:
        return SimpleNamespace(paginate=self._pages)

    def _pages(self, Bucket: str, Prefix: str, Delimiter: str = "") -> Iterator[dict[str, Any]]:
        assert Bucket == "bucket"
        self.listed.append(Prefix)
        below = sorted(key for key in self.objects if key.startswith(Prefix))
        if Delimiter:
            folders = sorted({Prefix + key[len(Prefix) :].partition("/")[0] + "/" for key in below})
            yield {"CommonPrefixes": [{"Prefix": folder} for folder in folders]}
            return
        for index in range(0, len(below), 2):
            entries = below[index : index + 2]
            yield {
                "Contents": [{"Key": key, "Size": len(self.objects[key]), "ETag": '"e"'} for key in entries]
            }
        if not below:
            yield {}


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_stream, "FIRST_PAUSE", 0.0)


def key(moment: str, variant: str = "AllTraffic") -> str:
    return f"data-capture/scones-dev/{variant}/{moment}.jsonl"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def names(bucket: Bucket, start: str, stop: str) -> list[str]:
    return [file.name for file in captured_files(bucket, URI, "scones-dev", moment(start), moment(stop))]  # type: ignore[arg-type]


def test_files_of_the_window_and_an_hour_around_it_of_all_variants_over_a_day_boundary() -> None:
    inside = [
        key("2026/11/20/21/59-59-999-a"),
        key("2026/11/20/23/10-00-000-b"),
        key("2026/11/21/00/10-00-000-c"),
        key("2026/11/21/02/00-00-000-d"),
        key("2026/11/20/22/00-00-000-e", "Shadow"),
    ]
    outside = [
        key("2026/11/20/20/59-59-999-f"),
        key("2026/11/21/03/00-00-000-g"),
        "data-capture/scones-dev-2/AllTraffic/2026/11/20/23/10-00-000-h.jsonl",
        "data-capture/scones-dev/AllTraffic/2026/11/20/23/validation.json",
    ]
    bucket = Bucket(dict.fromkeys([*inside, *outside], b"{}\n"))
    assert names(bucket, "2026-11-20T22:30", "2026-11-21T01:15") == inside


def test_a_window_in_another_zone_is_the_same_moments() -> None:
    bucket = Bucket({key("2026/10/25/01/10-00-000-a"): b""})
    start = datetime.fromisoformat("2026-10-25T02:30+02:00")
    found = list(captured_files(bucket, URI, "scones-dev", start, start.replace(minute=40)))  # type: ignore[arg-type]
    assert [file.name for file in found] == [key("2026/10/25/01/10-00-000-a")]


def test_whole_days_are_listed_at_once() -> None:
    first, last = moment("2026-11-19T22:00"), moment("2026-11-22T01:00")
    assert list(time_folders(first, last)) == [
        *("2026/11/19/22/", "2026/11/19/23/"),
        *("2026/11/20/", "2026/11/21/"),
        *("2026/11/22/00/", "2026/11/22/01/"),
    ]
    assert list(time_folders(moment("2026-11-20T00:00"), moment("2026-11-20T23:00"))) == ["2026/11/20/"]


def test_nothing_captured_yet_is_no_error() -> None:
    assert names(Bucket({}), "2026-11-20T22:30", "2026-11-21T01:15") == []


def test_a_broken_stream_goes_on_where_it_broke() -> None:
    data = bytes(range(256)) * 8
    bucket = Bucket({"key": data})
    bucket.breaks = [700, 1, 600]
    stream = ObjectStream(bucket, "bucket", "key")  # type: ignore[arg-type]
    assert b"".join(stream.chunks()) == data
    assert [given.get("Range") for given in bucket.asked] == [None, "bytes=700-", "bytes=701-", "bytes=1301-"]
    assert [given.get("IfMatch") for given in bucket.asked] == [None, '"e"', '"e"', '"e"']


def test_a_stream_that_broke_behind_its_last_byte_is_complete() -> None:
    bucket = Bucket({"key": b"12345"})
    bucket.breaks = [5]
    assert b"".join(ObjectStream(bucket, "bucket", "key").chunks()) == b"12345"  # type: ignore[arg-type]


def test_a_busy_s3_is_asked_again_until_it_is_of_no_use() -> None:
    bucket = Bucket({"key": b"12345"})
    stream = ObjectStream(bucket, "bucket", "key")  # type: ignore[arg-type]
    bucket.refusals = [refusal("SlowDown", 503)] * (ATTEMPTS - 1)
    assert b"".join(stream.chunks()) == b"12345"
    bucket.refusals = [refusal("InternalError", 500)] * ATTEMPTS
    with pytest.raises(ReadFailed, match="s3://bucket/key cannot be read beyond byte 0"):
        list(stream.chunks())
    assert len(bucket.asked) == 2 * ATTEMPTS


def test_a_refusal_is_no_accident() -> None:
    bucket = Bucket({"key": b"12345"})
    bucket.refusals = [refusal("AccessDenied", 403)]
    with pytest.raises(ClientError, match="AccessDenied"):
        list(ObjectStream(bucket, "bucket", "key").chunks())  # type: ignore[arg-type]
    assert len(bucket.asked) == 1


def test_a_file_that_its_lifecycle_took_meanwhile_is_empty() -> None:
    bucket = Bucket({key("2026/11/20/22/00-00-000-a"): b"{}\n"})
    (file,) = captured_files(
        bucket,  # type: ignore[arg-type]
        URI,
        "scones-dev",
        moment("2026-11-20T22:00"),
        moment("2026-11-20T23:00"),
    )
    bucket.objects.clear()
    assert list(file.lines()) == []


def test_small_files_are_read_ahead_and_large_ones_in_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.captured.files.READ_AHEAD_BYTES", 10)
    objects = {key(f"2026/11/20/22/00-00-{number:03}-a"): b'{"n":%d}\n' % number for number in range(100)}
    large = key("2026/11/20/22/00-01-000-a")
    bucket = Bucket(objects | {large: b"[1,2,3]\n[4,5,6]\n"})
    window = moment("2026-11-20T22:00"), moment("2026-11-20T23:00")
    files = prefetched(captured_files(bucket, URI, "scones-dev", *window))  # type: ignore[arg-type]
    read = [(file.name, list(file.lines())) for file in files]
    assert read == [(name, [data.strip()]) for name, data in objects.items()] + [
        (large, [b"[1,2,3]", b"[4,5,6]"])
    ]
    assert len(bucket.asked) == 101


def test_files_of_a_folder_at_any_depth_packed_or_not(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "2.jsonl").write_bytes(b"1\n2")
    (tmp_path / "1.jsonl.gz").write_bytes(gzip.compress(b"3\n") + gzip.compress(b"4\n"))
    (tmp_path / "notes.txt").write_bytes(b"5\n")
    (tmp_path / "packed.jsonl").write_bytes(gzip.compress(b"6\n"))
    assert {file.name: list(file.lines()) for file in local_files(tmp_path)} == {
        "1.jsonl.gz": [b"3", b"4"],
        "a/b/2.jsonl": [b"1", b"2"],
        "packed.jsonl": [b"6"],
    }


def test_what_cannot_be_unpacked_is_a_line_to_be_counted(tmp_path: Path) -> None:
    packed = gzip.compress(b"1\n" + os.urandom(5_000).hex().encode())
    (tmp_path / "cut.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    (tmp_path / "foreign.jsonl.gz").write_bytes(gzip.compress(b"1\n") + b"no gzip")
    (tmp_path / "whole.jsonl.gz").write_bytes(packed)
    lines = {file.name: list(file.lines()) for file in local_files(tmp_path)}
    assert lines["cut.jsonl.gz"][0] == b"1"
    assert lines["cut.jsonl.gz"][-1] == BROKEN_GZIP
    assert [line for line in lines["foreign.jsonl.gz"] if line] == [b"1", BROKEN_GZIP]
    assert len(lines["whole.jsonl.gz"]) == 2
    assert BROKEN_GZIP not in lines["whole.jsonl.gz"]


def test_a_line_without_end_takes_up_no_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.captured.files.MAX_LINE_BYTES", 100)
    (tmp_path / "1.jsonl").write_bytes(b"1\n" + b"x" * 101 + b"\n2\n")
    assert [list(file.lines()) for file in local_files(tmp_path)] == [[b"1", TOO_LONG, b"2"]]


def test_the_newest_files_come_first_whichever_variant_wrote_them() -> None:
    names = [f"p/e/{variant}/2026/{time}.jsonl" for variant, time in zip("ABAB", TIMES, strict=True)]
    files = [CaptureFile(name, 0, "", tuple) for name in names]
    assert [file.name for file in newest_first(files[i] for i in (2, 0, 3, 1))] == names[::-1]
