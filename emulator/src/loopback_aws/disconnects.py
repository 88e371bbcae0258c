"""Requests that wait long end when their client goes, so that what they wait for is left for others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]


async def end_with_client(application: Application, scope: Message, receive: Receive, send: Send) -> None:
    """Let the application answer a request of HTTP, and cancel it when the client has gone."""
    waiting = await _body(receive)
    gone = asyncio.ensure_future(receive())  # after the body, a disconnect is all that can come

    async def replay() -> Message:
        return waiting.pop(0) if waiting else await asyncio.shield(gone)

    work = asyncio.ensure_future(application(scope, replay, send))
    try:
        await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            work.result()
    finally:
        work.cancel()
        gone.cancel()


async def _body(receive: Receive) -> list[Message]:
    """The messages that the request's body consists of."""
    messages = [await receive()]
    while messages[-1].get("more_body"):
        messages.append(await receive())
    return messages
