"""Connections to a model server are kept, and a closed one is not mistaken for a server that is gone."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from loopback_aws.sagemaker.hosting.connections import Connections

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nX-Name: v\r\n\r\nok"


class Server:
    """Answers `per_connection` requests on each connection, then closes it without a word."""

    def __init__(self, per_connection: int) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.connections = 0
        self.closed = threading.Semaphore(0)
        self._per_connection = per_connection
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:  # the listener was closed: the test is over
                return
            self.connections += 1
            with connection, connection.makefile("rb") as request:
                for _ in range(self._per_connection):
                    while request.readline().strip():
                        pass
                    request.read(4)
                    connection.sendall(ANSWER)
            self.closed.release()


@pytest.fixture(params=[1, 3])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    server = Server(request.param)
    yield server
    server.listener.shutdown(socket.SHUT_RDWR)
    server.listener.close()


def test_connections_are_kept_and_closed_ones_replaced(server: Server) -> None:
    connections = Connections(server.port)
    for number in range(1, 7):
        reply = connections.post("/invocations", b"body", {"Content-Type": "text/csv"}, seconds=60)
        assert (reply.status, reply.headers["x-name"], reply.body) == (200, "v", b"ok")
        if number % server._per_connection == 0:
            assert server.closed.acquire(timeout=60)
    assert server.connections == 6 / server._per_connection
    connections.close()


def test_a_connection_closed_in_the_moment_of_its_use_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "loopback_aws.sagemaker.hosting.connections._readable", lambda _: False
    )  # not yet noticed
    server = Server(1)
    connections = Connections(server.port)
    for _ in range(2):
        assert connections.post("/invocations", b"body", {}, seconds=60).status == 200
        assert server.closed.acquire(timeout=60)
    server.listener.shutdown(socket.SHUT_RDWR)
    server.listener.close()


def test_a_server_that_is_gone_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        Connections(port).post("/invocations", b"", {}, seconds=60)
