"""What the model server's good requests lose to bad ones: costly pictures, and requests sent far ahead.

Good requests are measured alone and beside bad ones in turn, on one server: ratios of medians of rounds.
"""

from __future__ import annotations

import http.client
import json
import select
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bench.process_accounts import peak_megabytes
from bench.server import http_load
from bench.server.costly_pictures import arithmetic_jpeg, empty_png, progressive_jpeg
from bench.serving import picture, post, quantile, started, started_server, trained_model

ROUNDS = 5
SECONDS = 2.0
GOOD_CLIENTS = 4
BAD_CLIENTS = 2
LATENCY_GOALS = {
    "good requests, median": 2.0,
    "good requests, slowest": None,
    "/ping, median": 2.0,
    "/ping, slowest": None,
}
"""Times as long as alone, at most; the slowest answer of a round depends on what else the machine does."""
SENT_AHEAD = 10_000
MEGABYTES_AT_MOST = 16.0
DEADLINE_SECONDS = 60.0

Entry = dict[str, Any]


def bad_pictures() -> list[tuple[str, bytes]]:
    """Content types and pictures: 6,400 scans in 65 kB, 100,000 in 1 MB, what just passes every limit."""
    return [
        ("image/jpeg", progressive_jpeg(6_400)),
        ("image/jpeg", progressive_jpeg(100_000)),
        ("image/jpeg", progressive_jpeg(100, filled=True)),
        ("image/jpeg", arithmetic_jpeg()),
        ("image/png", empty_png()),
    ]


def run(rounds: int = ROUNDS, seconds: float = SECONDS) -> list[Entry]:
    with tempfile.TemporaryDirectory() as folder:
        model = trained_model(Path(folder))
        with started_server(model) as (port, _):
            beside = beside_bad_pictures(port, rounds, seconds)
        with started_server(model) as (port, processes):
            return [*beside, sent_ahead(port, processes)]


def beside_bad_pictures(port: int, rounds: int, seconds: float) -> list[Entry]:
    """Latency of good requests and of /ping, alone and while others send one bad picture after the other."""
    alone, beside = [], []
    with started(http_load.serve_commands, port, post(picture())) as clients:
        take(clients, port, seconds)  # warms up
        for _ in range(rounds):
            alone.append(take(clients, port, seconds))
            with bad_clients(port):
                beside.append(take(clients, port, seconds))
    return [
        at_most(
            f"hostile: {what} beside {BAD_CLIENTS} bad pictures / alone",
            "ms",
            statistics.median(1000 * taken[what] for taken in beside),
            statistics.median(1000 * taken[what] for taken in alone),
            goal,
        )
        for what, goal in LATENCY_GOALS.items()
    ]


def take(clients: Connection, port: int, seconds: float) -> dict[str, float]:
    """Seconds of waiting for answers, by what is asked and which of the answers counts, /ping in its turn."""
    clients.send((GOOD_CLIENTS, seconds))
    load: http_load.Load = clients.recv()
    with pings(port) as ping_seconds:
        time.sleep(seconds / 2)
    return {
        "good requests, median": quantile(load.latencies, 0.5),
        "good requests, slowest": load.longest_wait,
        "/ping, median": quantile(sorted(ping_seconds), 0.5),
        "/ping, slowest": max(ping_seconds),
    }


def sent_ahead(port: int, processes: list[int]) -> Entry:
    """Memory that a process takes on for requests sent before the answers are read."""
    before = max(map(peak_megabytes, processes))
    answered = pipeline(port, b"GET /ping HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", SENT_AHEAD)
    if answered != SENT_AHEAD:
        raise RuntimeError(f"{answered} of {SENT_AHEAD} requests were answered")
    grown = max(map(peak_megabytes, processes)) - before
    return at_most(
        f"hostile: memory for {SENT_AHEAD:,} requests sent ahead", "MB", grown, 1, MEGABYTES_AT_MOST
    )


def pipeline(port: int, request: bytes, count: int) -> int:
    """Send a request `count` times as fast as they are taken; how many answers with 200 came in time."""
    left, answers, tail = memoryview(request * count), 0, b""
    until = time.monotonic() + DEADLINE_SECONDS
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setblocking(False)
        while answers < count and time.monotonic() < until:
            readable, writable, _ = select.select([connection], [connection] if left else [], [], 1)
            if writable:
                left = left[connection.send(left[:65_536]) :]
            if readable:
                received = connection.recv(65_536)
                if not received:
                    break
                tail += received
                answers += tail.count(b"HTTP/1.1 200")
                tail = tail[-11:]
    return answers


@contextmanager
def bad_clients(port: int) -> Iterator[None]:
    """Callers who send the bad pictures in turn, each its next as soon as it is answered."""
    pictures = bad_pictures()
    with _in_threads([_Sender(port, pictures[number:] + pictures[:number]) for number in range(BAD_CLIENTS)]):
        yield


@contextmanager
def pings(port: int) -> Iterator[list[float]]:
    """Seconds that each of the health checks took, of which one follows the other."""
    seconds: list[float] = []

    def ping() -> None:
        began = time.perf_counter()
        _ask(port, "GET", "/ping", None, {})
        seconds.append(time.perf_counter() - began)
        time.sleep(0.01)

    with _in_threads([ping]):
        yield seconds


class _Sender:
    def __init__(self, port: int, pictures: list[tuple[str, bytes]]) -> None:
        self._port = port
        self._pictures = pictures
        self._next = 0

    def __call__(self) -> None:
        content_type, body = self._pictures[self._next % len(self._pictures)]
        self._next += 1
        _ask(self._port, "POST", "/invocations", body, {"Content-Type": content_type})


def _ask(port: int, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_SECONDS)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


@contextmanager
def _in_threads(repeated: list[Callable[[], Any]]) -> Iterator[None]:
    """Calls each again and again, until the end of the `with`."""
    over = threading.Event()

    def repeat(call: Callable[[], Any]) -> None:
        while not over.is_set():
            call()

    threads = [threading.Thread(target=repeat, args=(call,), daemon=True) for call in repeated]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join(2 * DEADLINE_SECONDS)


def at_most(name: str, unit: str, value: float, reference: float, goal: float | None) -> Entry:
    """An entry whose ratio must not exceed its goal."""
    ratio = value / reference
    return {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "reference": round(reference, 3),
        "ratio": round(ratio, 3),
        "goal": goal,
        "met": None if goal is None else ratio <= goal,
    }


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
