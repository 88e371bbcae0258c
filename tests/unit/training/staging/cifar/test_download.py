"""The downloader against a real server on loopback: resumed, checked, and never half in place."""

from __future__ import annotations

import errno
import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from training.staging.cifar import download
from training.staging.cifar.download import download_archive
from training.staging.example import StagingError

CHUNK = 1 << 14
CONTENT = hashlib.shake_256(b"archive").digest(300_000)
MD5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()


@dataclass
class Server:
    """What the server holds, how it behaves, and what it was asked."""

    url: str = ""
    content: bytes = CONTENT
    cuts: list[int] = field(default_factory=list)
    ranges: bool = True
    status: int = 200
    asked: list[str | None] = field(default_factory=list)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server that cuts its n-th answer after cuts[n] bytes."""
    monkeypatch.setattr(download, "PAUSE", 0.0)
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            state.asked.append(wanted)
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and state.ranges else 0
            total = len(state.content)
            if start >= total:
                self.answer(416, b"", {"Content-Range": f"bytes */{total}"})
            elif start:
                self.answer(
                    206, state.content[start:], {"Content-Range": f"bytes {start}-{total - 1}/{total}"}
                )
            else:
                self.answer(state.status, state.content, {})

        def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body[: state.cuts.pop(0)] if state.cuts else body)
            self.close_connection = True

        def log_message(self, *_args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        state.url = f"http://127.0.0.1:{running.server_port}/archive.tar.gz"
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield state
        running.shutdown()


def fetch(server: Server, target: Path) -> Path:
    return download_archive(target, url=server.url, md5=MD5)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_it_fetches_once_and_reports_progress(server: Server, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    target = tmp_path / "new" / "a.tar.gz"
    report = lambda _what, done, total: seen.append((done, total))  # noqa: E731
    assert download_archive(target, report, url=server.url, md5=MD5).read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert len(seen) > 1
    fetch(server, target)
    assert server.asked == [None]
    assert files(target.parent) == ["a.tar.gz"]


def test_a_cut_connection_is_gone_on_with(server: Server, tmp_path: Path) -> None:
    server.cuts = [7 * CHUNK + 5, 3 * CHUNK]
    assert fetch(server, tmp_path / "a").read_bytes() == CONTENT
    assert server.asked == [None, f"bytes={7 * CHUNK}-", f"bytes={10 * CHUNK}-"]


def test_a_download_given_up_is_gone_on_with_by_the_next_call(server: Server, tmp_path: Path) -> None:
    server.cuts = [CHUNK] * 4
    with pytest.raises(
        StagingError, match=r"cut.*goes on from byte 65,536.*CIFAR100_ARCHIVE.*scones stage drawn"
    ):
        fetch(server, tmp_path / "a")
    assert files(tmp_path) == ["a.part"]
    assert fetch(server, tmp_path / "a").read_bytes() == CONTENT
    assert server.asked[-1] == "bytes=65536-"
    assert files(tmp_path) == ["a"]


def test_a_server_without_ranges_starts_over(server: Server, tmp_path: Path) -> None:
    server.ranges, server.cuts = False, [100_000]
    assert fetch(server, tmp_path / "a").read_bytes() == CONTENT


@pytest.mark.parametrize("part", [CONTENT, CONTENT + b"more"])
def test_a_part_that_is_whole_or_too_long(server: Server, tmp_path: Path, part: bytes) -> None:
    (tmp_path / "a.part").write_bytes(part)
    assert fetch(server, tmp_path / "a").read_bytes() == CONTENT


def test_another_file_is_not_taken_for_the_published_one(server: Server, tmp_path: Path) -> None:
    server.content = b"something else"
    with pytest.raises(StagingError, match=f"md5 is .*, not {MD5}"):
        fetch(server, tmp_path / "a")
    assert files(tmp_path) == []


def test_a_server_that_refuses(server: Server, tmp_path: Path) -> None:
    server.status = 404
    with pytest.raises(StagingError, match=r"HTTP 404.*--archive"):
        fetch(server, tmp_path / "a")
    assert server.asked == [None]
    assert files(tmp_path) == []


def test_more_than_an_archive_can_be(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "SIZE_LIMIT", 1 << 17)
    with pytest.raises(StagingError, match="sent more than 0 MiB"):
        fetch(server, tmp_path / "a")


def test_a_full_disk_keeps_nothing_and_names_the_place(server: Server, tmp_path: Path) -> None:
    def fill_up(_activity: str, done: int, _total: int) -> None:
        if done > 100_000:
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(
        StagingError, match=r"kept as .*/a \(No space left.*--archive FILE.*scones stage drawn"
    ):
        download_archive(tmp_path / "a", fill_up, url=server.url, md5=MD5)
    assert files(tmp_path) == []


def test_no_network_names_the_alternatives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as unused:
        free = unused.server_port
    monkeypatch.setenv("CIFAR100_URL", f"http://127.0.0.1:{free}/a.tar.gz")
    with pytest.raises(
        StagingError, match=r"refused.*--archive FILE or CIFAR100_ARCHIVE=FILE.*scones stage drawn"
    ):
        download_archive(tmp_path / "a")
    assert files(tmp_path) == []
