"""The ASGI application that clients reach: services of its own in front, ministack behind.

A request belongs to the service that its SigV4 signature names (`Credential=key/date/region/service/…`).
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol
from urllib.parse import unquote

from loopback_aws.disconnects import end_with_client
from loopback_aws.errors import ApiError

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]
Answer = tuple[int, dict[str, str], bytes]

HEALTH_PATH = "/_local/health"
JSON_TYPE = "application/x-amz-json-1.1"
LONG_POLLS = (".GetActivityTask",)
"""Ends of the targets whose answer may take a minute, and takes something away from other clients."""

_log = logging.getLogger("loopback_aws.front")
_CREDENTIAL_SCOPE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/")
_INVOCATION = re.compile(r"/endpoints/([^/]+)/invocations")


class ControlPlane(Protocol):
    """A service called by operation name."""

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]: ...


class Hosting(ControlPlane, Protocol):
    """SageMaker: a control plane that also answers inference requests."""

    def invoke(self, endpoint: str, headers: dict[str, str], body: bytes) -> Answer: ...


class Front:
    """Dispatches requests between the project's services and the emulator's application."""

    def __init__(
        self,
        *,
        emulator: Application,
        waiting_for: Callable[[], list[str]],
        hosting: Hosting,
        scaling: ControlPlane,
    ) -> None:
        self._emulator = emulator
        self._hosting = hosting
        self._services: dict[str, ControlPlane] = {
            "sagemaker": hosting,
            "application-autoscaling": scaling,
        }
        self._waiting_for = waiting_for
        self._threads = ThreadPoolExecutor(max_workers=64, thread_name_prefix="front")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = {name.decode().lower(): value.decode("latin1") for name, value in scope["headers"]}
            if scope["path"] == HEALTH_PATH:
                return await _send(send, self._health())
            if (service := signed_service(headers)) in self._services:
                body = await _read(receive)
                answer = await asyncio.get_running_loop().run_in_executor(
                    self._threads, self._answer, service, scope["path"], headers, body
                )
                return await _send(send, answer)
            if headers.get("x-amz-target", "").endswith(LONG_POLLS):
                return await end_with_client(self._emulator, scope, receive, send)
        return await self._emulator(scope, receive, send)

    def _health(self) -> Answer:
        waiting_for = self._waiting_for()
        state = {"pid": os.getpid(), "ready": not waiting_for, "waiting_for": waiting_for}
        return 200, {"content-type": "application/json"}, json.dumps(state).encode()

    def _answer(self, service: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        try:
            if service == "sagemaker" and (invocation := _INVOCATION.fullmatch(path)):
                return self._hosting.invoke(unquote(invocation.group(1)), headers, body)
            operation = headers.get("x-amz-target", "").rpartition(".")[2]
            result = self._services[service].call(operation, _json_object(body))
            return 200, {"content-type": JSON_TYPE}, json.dumps(result).encode()
        except ApiError as error:
            return error_answer(error)
        except Exception as error:  # noqa: BLE001 - a service's bug must be an answer, as on AWS
            _log.exception("%s failed on %s", service, path)
            return error_answer(ApiError("InternalFailure", f"{type(error).__name__}: {error}", 500))


def signed_service(headers: Mapping[str, str]) -> str:
    """Service that the request is signed for; empty without a signature in the headers."""
    scope = _CREDENTIAL_SCOPE.search(headers.get("authorization", ""))
    return scope.group(1) if scope else ""


def error_answer(error: ApiError) -> Answer:
    """The error in the form that AWS's JSON services give it."""
    body = {"__type": error.code, "message": error.message, "Message": error.message} | error.fields
    headers = {"content-type": JSON_TYPE, "x-amzn-errortype": error.code}
    return error.status, headers, json.dumps(body).encode()


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        request = json.loads(body or b"{}")
    except ValueError as error:
        raise ApiError("SerializationException", f"The request is not JSON: {error}") from None
    if not isinstance(request, dict):
        raise ApiError("SerializationException", "The request is not a JSON object.")
    return request


async def _read(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(parts)
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _send(send: Send, answer: Answer) -> None:
    status, headers, body = answer
    encoded = [(name.lower().encode(), value.encode("latin1", "replace")) for name, value in headers.items()]
    if not any(name == b"content-length" for name, _ in encoded):
        encoded.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})
