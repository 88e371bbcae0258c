"""Connections of callers who send too much, too little or too late, byte by byte."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.hostile import pipeline
from serving.limits import MAX_HEAD_BYTES
from tests.unit.serving.pictures import noise, plain, png
from tests.unit.serving.server_process import ServerProcess, wait_until

Start = Callable[..., ServerProcess]
RED = plain((255, 0, 0))
PING = b"GET /ping HTTP/1.1\r\nHost: server\r\n\r\n"
QUICK = (
    "import serving.limits as l; l.HEAD_SECONDS = l.BODY_SECONDS = l.LINGER_SECONDS = 0.2; "
    "l.KEEP_ALIVE_SECONDS = l.WRITE_SECONDS = 0.5"
)


def post(body: bytes, more: bytes = b"") -> bytes:
    head = b"POST /invocations HTTP/1.1\r\nContent-Type: image/png\r\nContent-Length: %d\r\n" % len(body)
    return head + more + b"\r\n" + body


def connected(server: ServerProcess) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=60)


def read_to_end(caller: socket.socket) -> bytes:
    """Everything until the server closes; the socket's time-out is the deadline."""
    parts = []
    while part := caller.recv(65_536):
        parts.append(part)
    return b"".join(parts)


def statuses(answers: bytes) -> list[int]:
    return [int(part[:3]) for part in answers.split(b"HTTP/1.1 ")[1:]]


def peak_megabytes(server: ServerProcess) -> float:
    status = Path(f"/proc/{server.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024


@pytest.mark.parametrize("request_", [PING, post(RED), b"GET /ping HTTP/1.1\r\n\r\n"])
def test_requests_sent_ahead_are_all_answered_in_little_memory(start: Start, request_: bytes) -> None:
    server = start().wait_ready()
    server.invoke(RED)
    before = peak_megabytes(server)
    assert pipeline(server.port, request_, 10_000 if len(request_) < 99 else 2_000) in (10_000, 2_000)
    assert peak_megabytes(server) - before < 8


def test_requests_sent_ahead_are_answered_in_their_order(server: ServerProcess) -> None:
    large = png(noise(300, 300), 0)  # goes to the decoder, and those behind it wait
    chunked = b"POST /invocations HTTP/1.1\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunked += b"".join(
        b"%x\r\n%s\r\n" % (len(RED[at : at + 9]), RED[at : at + 9]) for at in range(0, len(RED), 9)
    )
    close = b"GET /ping HTTP/1.1\r\nConnection: close\r\n\r\n"
    sent = (
        post(large)
        + PING
        + post(b"text")
        + chunked
        + b"0\r\nTrailer: x\r\n\r\n"
        + b"GET / HTTP/1.1\r\n\r\n"
        + close
    )
    for size in (len(sent), 5_000, 700):
        with connected(server) as caller:
            for at in range(0, len(sent), size):
                caller.sendall(sent[at : at + size])
            answers = read_to_end(caller)
        assert statuses(answers) == [200, 200, 400, 200, 404, 200]


def send_until_cut_off(caller: socket.socket, data: bytes, reading: bool) -> bool:
    """Whether the server cut the connection within the deadline while `data` was sent again and again."""
    caller.settimeout(0.05)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            caller.send(data)
            if reading and not caller.recv(65_536):
                return True
        except TimeoutError:
            continue
        except ConnectionError:
            return True
    return False


def test_a_caller_who_sends_ahead_and_reads_nothing_is_cut_off(start: Start) -> None:
    server = start(prologue=QUICK).wait_ready()
    before = peak_megabytes(server)
    with connected(server) as caller:
        assert send_until_cut_off(caller, PING * 1_000, reading=False)
    assert peak_megabytes(server) - before < 16
    wait_until(lambda: server.invoke(RED)[0] == 200, "a head that arrives in time on a busy machine")


def test_who_leaves_with_requests_sent_ahead_has_them_not_computed(start: Start) -> None:
    slow = "import time, serving.application as a, serving.logs as l; decode = a.decode_image; "
    slow += "a.decode_image = lambda *given: time.sleep(0.1) or l.log('computed') or decode(*given)"
    server = start(prologue=slow).wait_ready()
    with connected(server) as caller:
        caller.sendall(post(RED) * 50)
        server.wait_for("computed", 2)
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    assert server.invoke(RED)[0] == 200
    assert len(server.events("computed")) < 45


@pytest.mark.parametrize(
    "sent", [b"GET /ping HT", b"GET /ping HTTP/1.1\r\nHost: half", PING + b"POST /invocations HTTP/1.1\r\n"]
)
def test_half_a_head_is_given_up(start: Start, sent: bytes) -> None:
    server = start(prologue=QUICK).wait_ready()
    with connected(server) as caller:
        caller.sendall(sent)
        answers = read_to_end(caller)
    assert statuses(answers) == [200] * sent.count(PING) + [408]
    answer = json.loads(answers.rpartition(b"\r\n\r\n")[2])
    assert answer["error"] == "RequestTimeout"
    assert "head did not arrive within 0.2 s" in answer["message"]
    assert server.wait_for("request_refused")["error"] == "RequestTimeout"


def test_a_head_that_trickles_is_given_up_as_well(start: Start) -> None:
    server = start(prologue=QUICK).wait_ready()
    with connected(server) as caller:
        caller.sendall(b"GET /ping HTTP/1.1\r\nX: ")
        caller.settimeout(0.05)
        received, began = b"", time.monotonic()
        while time.monotonic() < began + 60 and not received:
            caller.sendall(b"x")
            try:
                received = caller.recv(65_536)
            except TimeoutError:
                continue
        assert statuses(received) == [408]


@pytest.mark.parametrize("sent", [b"", b"\r\n", PING + b"\r\n\r\n"])
def test_a_connection_without_a_request_is_closed(start: Start, sent: bytes) -> None:
    server = start(prologue=QUICK).wait_ready()
    with connected(server) as caller:
        caller.sendall(sent)
        assert statuses(read_to_end(caller)) == [200] * sent.count(PING)


def test_a_body_that_nobody_waits_for_does_not_keep_the_connection(start: Start) -> None:
    """The path is refused at once; the rest of the body trickles."""
    server = start(prologue=QUICK).wait_ready()
    with connected(server) as caller:
        caller.sendall(b"POST /nowhere HTTP/1.1\r\nContent-Length: 999999\r\n\r\n")
        assert send_until_cut_off(caller, b"x", reading=True)


ENDLESS = {
    "a path": b"GET /" + b"x" * 65_536,
    "a header": b"GET /ping HTTP/1.1\r\nX: " + b"x" * 65_536,
    "headers": b"GET /ping HTTP/1.1\r\n" + b"X: x\r\n" * 9_000,
}


@pytest.mark.parametrize("name", ENDLESS)
def test_a_head_without_end_is_refused(server: ServerProcess, name: str) -> None:
    with connected(server) as caller:
        caller.sendall(ENDLESS[name])
        answer = caller.recv(65_536)
    assert statuses(answer) == [431]
    answered = json.loads(answer.rpartition(b"\r\n\r\n")[2])
    assert answered["error"] == "HeadTooLarge"
    assert f"the limit is {MAX_HEAD_BYTES:,}" in answered["message"]


@pytest.mark.parametrize(
    "junk", [b"1;" + b"x" * 300_000, b"0\r\n" + b"X: x\r\n" * 50_000, b"0\r\nX: " + b"x" * 300_000]
)
def test_chunks_with_more_around_them_than_in_them_are_refused(server: ServerProcess, junk: bytes) -> None:
    with connected(server) as caller:
        head = b"POST /invocations HTTP/1.1\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n"
        caller.sendall(head + junk)
        assert statuses(caller.recv(65_536)) == [431]


def test_what_is_no_http_behind_a_request_costs_its_answer_nothing(server: ServerProcess) -> None:
    with connected(server) as caller:
        caller.sendall(post(RED) + b"\x16\x03\x01 this is not HTTP\r\n\r\n")
        assert statuses(read_to_end(caller)) == [200]
    with connected(server) as caller:
        caller.sendall(b"\x16\x03\x01\r\n\r\n")
        assert json.loads(read_to_end(caller).rpartition(b"\r\n\r\n")[2])["error"] == "MalformedRequest"


def test_connections_beyond_the_limit_are_told_to_come_back(start: Start) -> None:
    server = start(prologue="import serving.limits as l; l.MAX_CONNECTIONS = 3").wait_ready()
    held = [connected(server) for _ in range(3)]
    for caller in held:
        caller.sendall(PING)
        assert statuses(caller.recv(65_536)) == [200]
    with connected(server) as one_more:
        answer = read_to_end(one_more)
    assert statuses(answer) == [503]
    assert b"retry-after: 1\r\n" in answer
    held.pop().close()
    for caller in held:
        caller.sendall(PING)
        assert statuses(caller.recv(65_536)) == [200]
        caller.close()


def test_many_half_requests_at_once_leave_room_for_a_whole_one(start: Start) -> None:
    server = start(prologue=QUICK).wait_ready()
    before = peak_megabytes(server)
    callers = [connected(server) for _ in range(300)]
    for caller in callers:
        caller.sendall(b"POST /invocations HTTP/1.1\r\nX: " + b"x" * 10_000)
    assert server.invoke(RED)[0] == 200
    for caller in callers:
        assert statuses(read_to_end(caller)) == [408]
        caller.close()
    assert peak_megabytes(server) - before < 32
