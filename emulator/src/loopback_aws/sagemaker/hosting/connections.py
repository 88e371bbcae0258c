"""Connections to one model server, kept open between requests."""

from __future__ import annotations

import http.client
import select
import socket
from collections import deque
from dataclasses import dataclass

_LOST = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError, ConnectionAbortedError)


@dataclass(frozen=True)
class Reply:
    """A model server's whole answer; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Connections:
    """Requests to 127.0.0.1:port over as many connections as there are requests at once."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: deque[http.client.HTTPConnection] = deque()

    def post(self, path: str, body: bytes, headers: dict[str, str], seconds: float) -> Reply:
        """The whole answer. OSError or HTTPException when the server does not give it within `seconds`.

        A kept connection may have been closed by the server in the very moment it is used: then, and only
        then, the request is sent once more on a new one.
        """
        connection = self._kept()
        if connection is not None:
            try:
                return self._exchange(connection, path, body, headers, seconds)
            except _LOST:
                connection.close()
        connection = http.client.HTTPConnection("127.0.0.1", self._port)
        return self._exchange(connection, path, body, headers, seconds)

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _kept(self) -> http.client.HTTPConnection | None:
        """The connection used last that is still open; an idle one with something to read was closed."""
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return None
            if connection.sock is not None and not _readable(connection.sock):
                return connection
            connection.close()

    def _exchange(
        self,
        connection: http.client.HTTPConnection,
        path: str,
        body: bytes,
        headers: dict[str, str],
        seconds: float,
    ) -> Reply:
        try:
            connection.timeout = seconds
            if connection.sock is not None:
                connection.sock.settimeout(seconds)
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            reply = Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        except BaseException:
            connection.close()
            raise
        if response.will_close:
            connection.close()
        else:
            self._idle.append(connection)
        return reply


def _readable(connection: socket.socket) -> bool:
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))
