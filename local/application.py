"""The whole local AWS as one ASGI application: emulator, patches, the project's services, their life.

Importing this module imports the emulator, which reads its environment at import: see `local/server.py`.
"""

from __future__ import annotations

import asyncio

import ministack.app

from local.front import Front, Message, Receive, Send
from local.settings import Settings


class Application:
    """Starts and stops what runs beside the requests; passes requests to the front."""

    def __init__(self, settings: Settings, port: int) -> None:
        self._settings = settings
        self._restored = False
        self._front = Front(emulator=ministack.app.app, waiting_for=self._waiting_for)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
        else:
            await self._front(scope, receive, send)

    async def _live(self, scope: Message, receive: Receive, send: Send) -> None:
        """The emulator's own lifespan, with the project's start after its start and stop before its stop."""

        async def receive_after_stopping() -> Message:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await asyncio.to_thread(self._stop)
            return message

        async def send_after_starting(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                self._start()
            await send(message)

        await ministack.app.app(scope, receive_after_stopping, send_after_starting)

    def _start(self) -> None:
        self._restored = True

    def _stop(self) -> None:
        pass

    def _waiting_for(self) -> list[str]:
        """What is not up yet, for people."""
        return [] if self._restored else ["the emulator"]
