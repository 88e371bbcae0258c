"""The emulator answers a change when it is on disk, and refuses what it could not keep.

What a control plane is told (a queue is made, a function changed, a stack complete) is saved before the
answer goes out. What comes by the thousand (messages, events, items, values of metrics) is saved within the
Saver's pause, for a service's state is written whole. While the disk takes nothing, neither is accepted; when
it takes something again, messages are saved before the answer, too, until the Saver has saved everything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import ministack.app
from ministack.services import cloudformation

from loopback_aws.disk import not_kept, refusal
from loopback_aws.front import Application, Message, Receive, Send
from loopback_aws.guard import refusals
from loopback_aws.guard.refusals import Refused
from loopback_aws.requests.operations import Operation, operation_of

PRIVATE = (
    "ministack.app:SERVICE_NAME_ALIASES",
    "ministack.app:SERVICE_REGISTRY",
    "ministack.services.cloudformation:_stacks",
)


class Keeper(Protocol):
    """Who saves the services' state."""

    folder: str
    failing: bool

    def commit(self, names: Collection[str] | None) -> None: ...


class Acknowledging:
    """An ASGI application in front of the emulator's."""

    def __init__(self, emulator: Application, keeper: Keeper) -> None:
        self._emulator = emulator
        self._keeper = keeper
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="keeper")
        self._known_stacks: frozenset[tuple[str, str]] = frozenset()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._emulator(scope, receive, send)
            return
        request = _Request(scope, receive)
        if self._keeper.failing:
            await request.read()
            operation = request.operation
            if not (operation.reads or operation.is_of_objects):
                try:
                    await self._commit(states_of(operation.service))
                except OSError as error:
                    await _refuse(send, scope, refusal(error, self._keeper.folder))
                    return
        await self._emulator(scope, request.receive, self._once_kept(request, send))

    def _once_kept(self, request: _Request, send: Send) -> Send:
        """`send` that lets an answer go when what it acknowledges is on disk, or an error in its place."""
        refused = False

        async def send_once_kept(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and message["status"] < 400:
                try:
                    await self._keep(request.operation)
                except OSError as error:
                    refused = True
                    await _refuse(send, request.scope, not_kept(error, self._keeper.folder))
            if not refused:
                await send(message)

        return send_once_kept

    async def _keep(self, operation: Operation) -> None:
        if operation.service == "cloudformation":
            await self._keep_stacks()
        elif operation.service and not (
            operation.reads
            or operation.is_of_objects
            or (operation.is_of_messages and not self._keeper.failing)
        ):
            await self._commit(states_of(operation.service))

    async def _commit(self, names: Collection[str] | None) -> None:
        await asyncio.get_running_loop().run_in_executor(self._threads, self._keeper.commit, names)

    async def _keep_stacks(self) -> None:
        """Save everything before anybody is told that a stack has another status than before."""
        stacks = frozenset(
            (str(stack["StackId"]), str(stack["StackStatus"]))
            for stack in list(cloudformation._stacks._data.values())
        )
        if stacks != self._known_stacks:
            await self._commit(None)
            self._known_stacks = stacks


class _Request:
    """A request whose body is looked at on its way to the emulator."""

    def __init__(self, scope: Message, receive: Receive) -> None:
        self.scope = scope
        self._receive = receive
        self._read: list[Message] = []
        self._beginning = b""

    @property
    def operation(self) -> Operation:
        headers = {name.decode().lower(): value.decode("latin1") for name, value in self.scope["headers"]}
        scope = self.scope
        return operation_of(headers, scope["method"], scope["path"], scope["query_string"], self._beginning)

    async def read(self) -> None:
        """Read the whole body, and keep it for who receives it."""
        more = True
        while more:
            message = await self._next()
            self._read.append(message)
            more = bool(message.get("more_body"))

    async def receive(self) -> Message:
        return self._read.pop(0) if self._read else await self._next()

    async def _next(self) -> Message:
        message = await self._receive()
        self._beginning = self._beginning or message.get("body", b"")[:1000]
        return message


def states_of(service: str) -> Collection[str] | None:
    """Names under which a service's state is saved; None, which is all of them, when that is not known."""
    name = ministack.app.SERVICE_NAME_ALIASES.get(service, service)
    found = ministack.app.SERVICE_REGISTRY.get(name)
    if found is None or service == "cloudformation":
        return None
    return (found.get("state_key", found["module"]), *found.get("sub_modules", ()))


async def _refuse(send: Send, scope: Message, message: str) -> None:
    """ServiceUnavailable, which SDKs try again before they raise it, in the form that the caller knows."""
    refused = Refused("ServiceUnavailable", message)
    content_type, body = refusals.answer(refused, dict(scope["headers"]))
    headers = [
        (b"content-type", content_type),
        (b"content-length", str(len(body)).encode()),
        (b"x-amzn-errortype", refusals.error_type(refused).encode()),
    ]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": body})
