"""Receiving a request's body within its limits, and noticing when its sender is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from contextlib import suppress
from typing import Any

from serving.errors import BodyTooLarge, ClientGone, RequestTimeout
from serving.limits import BODY_SECONDS, LINGER_BYTES, LINGER_SECONDS, MAX_BODY_BYTES

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


async def read_body(receive: Receive, declared_bytes: int, seconds: float = BODY_SECONDS) -> bytes:
    """The whole body; refused at the first sign of it being too large, before it is held in memory."""
    _check_size(declared_bytes)
    parts: list[bytes] = []
    size = 0
    expired = False
    task = asyncio.current_task()
    assert task

    def give_up() -> None:
        nonlocal expired
        expired = task.cancel()

    # asyncio.timeout, at a third of what that costs a request
    timer = asyncio.get_running_loop().call_later(seconds, give_up)
    try:
        while True:
            part, more = await _next_part(receive)
            size += len(part)
            _check_size(size)
            parts.append(part)
            if not more:
                return b"".join(parts)
    except asyncio.CancelledError:
        if not expired:
            raise
        task.uncancel()
        raise RequestTimeout(f"{size} bytes of the body arrived within {seconds} s; send it faster") from None
    finally:
        timer.cancel()


async def while_connected(receive: Receive, work: Coroutine[Any, Any, bytes]) -> bytes:
    """What `work` answers; it is cancelled when the caller goes, whose body has been received."""
    working = asyncio.create_task(work)
    watching = asyncio.ensure_future(_leaving(receive))
    try:
        await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientGone
        return working.result()
    finally:
        for task in (working, watching):
            task.cancel()
        await asyncio.wait({working, watching})


async def _leaving(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def discard_body(receive: Receive) -> None:
    """Read on without keeping anything: closing on a caller that still sends would cost it the answer."""
    size = 0
    with suppress(TimeoutError, ClientGone):
        async with asyncio.timeout(LINGER_SECONDS):
            more = True
            while more and size < LINGER_BYTES:
                part, more = await _next_part(receive)
                size += len(part)


async def _next_part(receive: Receive) -> tuple[bytes, bool]:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientGone
    return message.get("body", b""), message.get("more_body", False)


def _check_size(size: int) -> None:
    if size > MAX_BODY_BYTES:
        raise BodyTooLarge(f"a body of {size:,} bytes or more; the limit is {MAX_BODY_BYTES:,} bytes")
