"""The way into the local AWS: what is refused here is neither read nor handed on."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from loopback_aws.guard.keys import Keyring
from loopback_aws.guard.refusals import Refused, answer, error_type
from loopback_aws.guard.senders import check_sender, is_preflight
from loopback_aws.guard.signatures import Head, SignedV2, SignedV4, signature_of

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

LEFT_BYTES = 64 * 1024 * 1024
LEFT_SECONDS = 10.0
"""How much of a refused request's body is thrown away, and how long: a client that only writes before it
reads gets its answer then."""
HASHED_BYTES = 80 * 1024 * 1024
"""How long a body may be that is held until its hash is known, for its signature: AWS's longest of the kind,
a function's code, has 70 MB. S3's clients tell the hash before the body."""
UNSIGNED_CODES = ("IncompleteSignature", "MissingAuthenticationToken")
EMPTY_HASH = hashlib.sha256(b"").hexdigest()

_log = logging.getLogger("loopback_aws.guard")


class Guard:
    """An ASGI application in front of another, which sees only what this machine's own programs send."""

    def __init__(self, application: Application, *, port: int, keys: Keyring, public: str, env: str) -> None:
        """`public` is the path that answers unsigned requests, `env` the command that prints the keys."""
        self._application = application
        self._port = port
        self._keys = keys
        self._public = public
        self._env = env

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._application(scope, receive, send)
            return
        head = head_of(scope)
        try:
            admitted = await self._admit(scope["type"], head, receive)
        except Refused as refusal:
            _log.info("Refused %s %s: %s", head.method, ascii(head.path[:200]), refusal.message)
            await _refuse(refusal, scope, head, receive, send)
            return
        if admitted:
            await self._application(scope, admitted, without_cors(send))

    async def _admit(self, kind: str, head: Head, receive: Receive) -> Receive | None:
        """Where the application gets the body from, None when the client has gone. Refused."""
        check_sender(head.headers, self._port)
        if is_preflight(head.method, head.headers):
            raise Refused("AccessDenied", "Preflight requests are refused: no page may use the local AWS.")
        if head.path == self._public and kind == "http":
            return receive
        signature = self._known(head)
        payload_hash = signature.payload_hash(head)
        if payload_hash is None and kind == "websocket":
            payload_hash = EMPTY_HASH
        if payload_hash is None:
            body = await read(receive)
            if body is None:
                return None
            payload_hash, receive = body.digest, again(body.messages, receive)
        self._check(signature, head, payload_hash)
        return receive

    def _known(self, head: Head) -> SignedV4 | SignedV2:
        """The request's signature, whose key exists. Refused."""
        try:
            signature = signature_of(head, datetime.now(UTC))
        except Refused as refusal:
            if refusal.code not in UNSIGNED_CODES:
                raise  # it is signed, and says itself what is in the way
            raise Refused(refusal.code, f"{refusal.message} {self._way_out()}") from None
        if self._keys.secret_of(signature.key_id) is None:
            raise Refused(
                "InvalidClientTokenId",
                f"The access key {signature.key_id[:80]!a} is not one of this local AWS, which has "
                f"its own. {self._way_out()}",
            )
        return signature

    def _check(self, signature: SignedV4 | SignedV2, head: Head, payload_hash: str) -> None:
        expected = signature.expected(head, self._keys.secret_of(signature.key_id) or "", payload_hash)
        if not hmac.compare_digest(expected.encode(), signature.given.encode("utf-8", "replace")):
            raise Refused(
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided: it is made "
                f"with another secret, or for another request. {self._way_out()}",
            )

    def _way_out(self) -> str:
        return f'Take its keys into the shell: eval "$({self._env})".'


def head_of(scope: Message) -> Head:
    """The request without its body."""
    headers: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        lower = name.lower()
        headers[lower] = b"%b,%b" % (headers[lower], value) if lower in headers else value
    path = (scope.get("raw_path") or scope["path"].encode()).decode("latin1")
    return Head(
        scope.get("method", "GET"),
        path.partition("?")[0],
        scope.get("query_string", b"").decode("latin1"),
        headers,
    )


class Body(NamedTuple):
    """A request's body as it came."""

    messages: list[Message]
    digest: str
    """Its SHA-256, in hexadecimal."""


async def read(receive: Receive) -> Body | None:
    """The body, hashed while it comes in; None when the client goes meanwhile. Refused when too long."""
    messages: list[Message] = []
    digest = hashlib.sha256()
    size = 0
    while not messages or messages[-1].get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        digest.update(message.get("body", b""))
        size += len(message.get("body", b""))
        if size > HASHED_BYTES:
            raise Refused(
                "RequestEntityTooLarge",
                f"The body is longer than {HASHED_BYTES} bytes, and its hash is not in x-amz-content-sha256: "
                "send it to S3, and name the object here.",
                413,
            )
        messages.append(message)
    return Body(messages, digest.hexdigest())


def again(messages: list[Message], receive: Receive) -> Receive:
    """Where an application gets the body from that was read already, and then what comes after it."""
    left = messages[::-1]

    async def replay() -> Message:
        return left.pop() if left else await receive()

    return replay


def without_cors(send: Send) -> Send:
    """`send` that passes on no header that would let a page read the answer, whoever has set it."""

    async def send_rest(message: Message) -> None:
        if headers := message.get("headers"):
            rest = [header for header in headers if header[0][:15].lower() != b"access-control-"]
            if len(rest) != len(headers):
                message = {**message, "headers": rest}
        await send(message)

    return send_rest


async def _refuse(refusal: Refused, scope: Message, head: Head, receive: Receive, send: Send) -> None:
    """Answer the refusal; a websocket is not opened."""
    kind, body = answer(refusal, head.headers)
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"x-amzn-errortype", error_type(refusal).encode()),
    ]
    if scope["type"] == "websocket":
        await send({"type": "websocket.http.response.start", "status": refusal.status, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": body})
        return
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LEFT_SECONDS):
            await _throw_away(receive)
    await send({"type": "http.response.body", "body": b""})


async def _throw_away(receive: Receive) -> None:
    left = LEFT_BYTES
    while left > 0:
        message = await receive()
        left -= len(message.get("body", b""))
        if not message.get("more_body"):
            return
