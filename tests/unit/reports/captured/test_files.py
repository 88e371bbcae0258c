"""Capture files in S3 and in folders: which are read, and that every byte comes once."""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

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
from tests.aws import Answer, Aws, Request, s3_error
from tests.unit.reports.clients import client

URI = "s3://bucket/data-capture"
TIMES = ("11/20/23/59-59-000-a", "11/21/00/05-00-000-b", "11/21/00/06-00-000-a", "11/21/01/00-00-000-a")


@pytest.fixture(autouse=True)
def _no_pauses_and_short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_stream, "FIRST_PAUSE", 0.0)
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")


def put(aws: Aws, *keys: str, body: bytes = b"{}\n") -> None:
    for key in keys:
        aws.objects["bucket", key] = body


def files(start: datetime, stop: datetime) -> Iterator[CaptureFile]:
    return captured_files(client("s3"), URI, "scones-dev", start, stop)


def stream() -> ObjectStream:
    return ObjectStream(client("s3"), "bucket", "key")


def broken(data: bytes, *breaks: int) -> Callable[[Request], Answer | None]:
    """Answers that break off after so many bytes each; then what moto answers."""
    left = iter(breaks)

    def answer(request: Request) -> Answer | None:
        if (lasts := next(left, None)) is None:
            return None
        start = int(request.headers.get("range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        body = data[start : start + lasts]
        etag = f'"{hashlib.md5(data).hexdigest()}"'
        return Answer(206 if start else 200, body, (("ETag", etag),), length=len(body) + 1)

    return answer


def key(moment: str, variant: str = "AllTraffic") -> str:
    return f"data-capture/scones-dev/{variant}/{moment}.jsonl"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def names(start: str, stop: str) -> list[str]:
    return [file.name for file in files(moment(start), moment(stop))]


def test_files_of_the_window_and_an_hour_around_it_of_all_variants_over_a_day_boundary(aws: Aws) -> None:
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
    put(aws, *inside, *outside)
    assert names("2026-11-20T22:30", "2026-11-21T01:15") == inside


def test_a_window_in_another_zone_is_the_same_moments(aws: Aws) -> None:
    put(aws, key("2026/10/25/01/10-00-000-a"))
    start = datetime.fromisoformat("2026-10-25T02:30+02:00")
    assert [file.name for file in files(start, start.replace(minute=40))] == [
        key("2026/10/25/01/10-00-000-a")
    ]


def test_whole_days_are_listed_at_once() -> None:
    first, last = moment("2026-11-19T22:00"), moment("2026-11-22T01:00")
    assert list(time_folders(first, last)) == [
        *("2026/11/19/22/", "2026/11/19/23/"),
        *("2026/11/20/", "2026/11/21/"),
        *("2026/11/22/00/", "2026/11/22/01/"),
    ]
    assert list(time_folders(moment("2026-11-20T00:00"), moment("2026-11-20T23:00"))) == ["2026/11/20/"]


def test_nothing_captured_yet_is_no_error(aws: Aws) -> None:
    aws.objects.make_bucket("bucket")
    assert names("2026-11-20T22:30", "2026-11-21T01:15") == []


def test_a_broken_stream_goes_on_where_it_broke(aws: Aws) -> None:
    data = bytes(range(256)) * 8
    put(aws, "key", body=data)
    aws.answers["GetObject"] = broken(data, 700, 1, 600)
    assert b"".join(stream().chunks()) == data
    asked = [request.headers for request in aws.calls("GetObject")]
    assert [headers.get("range") for headers in asked] == [None, "bytes=700-", "bytes=701-", "bytes=1301-"]
    etag = f'"{hashlib.md5(data).hexdigest()}"'
    assert [headers.get("if-match") for headers in asked] == [None, etag, etag, etag]


def test_a_stream_that_broke_behind_its_last_byte_is_complete(aws: Aws) -> None:
    put(aws, "key", body=b"12345")
    aws.answers["GetObject"] = broken(b"12345", 5)
    assert b"".join(stream().chunks()) == b"12345"


def test_a_busy_s3_is_asked_again_until_it_is_of_no_use(aws: Aws) -> None:
    put(aws, "key", body=b"12345")
    refusals = iter([s3_error(503, "SlowDown")] * (ATTEMPTS - 2) + [s3_error(400, "KMS.ThrottlingException")])
    aws.answers["GetObject"] = lambda _request: next(refusals, None)
    assert b"".join(stream().chunks()) == b"12345"
    aws.answers["GetObject"] = s3_error(500, "InternalError")
    with pytest.raises(ReadFailed, match="s3://bucket/key cannot be read beyond byte 0"):
        list(stream().chunks())
    assert len(aws.calls("GetObject")) == 2 * ATTEMPTS


@pytest.mark.parametrize(("status", "code"), [(403, "AccessDenied"), (400, "ExpiredToken")])
def test_a_refusal_is_no_accident(aws: Aws, status: int, code: str) -> None:
    aws.answers["GetObject"] = s3_error(status, code)
    with pytest.raises(ClientError, match=code):
        list(stream().chunks())
    assert len(aws.calls("GetObject")) == 1


def test_a_file_that_its_lifecycle_took_meanwhile_is_empty(aws: Aws) -> None:
    taken = key("2026/11/20/22/00-00-000-a")
    put(aws, taken)
    (file,) = files(moment("2026-11-20T22:00"), moment("2026-11-20T23:00"))
    del aws.objects["bucket", taken]
    assert list(file.lines()) == []


def test_small_files_are_read_ahead_and_large_ones_in_their_turn(
    aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reports.captured.files.READ_AHEAD_BYTES", 10)
    objects = {key(f"2026/11/20/22/00-00-{number:03}-a"): b'{"n":%d}\n' % number for number in range(100)}
    large = key("2026/11/20/22/00-01-000-a")
    for name, body in {**objects, large: b"[1,2,3]\n[4,5,6]\n"}.items():
        put(aws, name, body=body)
    ahead = prefetched(files(moment("2026-11-20T22:00"), moment("2026-11-20T23:00")))
    read = [(file.name, list(file.lines())) for file in ahead]
    assert read == [(name, [data.strip()]) for name, data in objects.items()] + [
        (large, [b"[1,2,3]", b"[4,5,6]"])
    ]
    assert len(aws.calls("GetObject")) == 101


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
    found = [CaptureFile(name, 0, "", tuple) for name in names]
    assert [file.name for file in newest_first(found[i] for i in (2, 0, 3, 1))] == names[::-1]
