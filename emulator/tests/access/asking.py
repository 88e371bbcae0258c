"""Requests as they are, without an SDK."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import contextmanager

from tests.running.emulator import Emulator


@contextmanager
def answered(
    aws: Emulator, method: str, path: str, headers: dict[str, str], body: bytes | None = None
) -> Iterator[http.client.HTTPResponse]:
    """The answer to a request that is sent as it is."""
    connection = http.client.HTTPConnection("127.0.0.1", aws.instance.port, timeout=60)
    try:
        connection.request(method, path, body, headers)
        yield connection.getresponse()
    finally:
        connection.close()
