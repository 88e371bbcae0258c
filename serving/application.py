"""The ASGI application of one worker process: routes, limits, answers and refusals."""

from __future__ import annotations

import json
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from contracts.artifact.digest import short_digest
from pictures.kinds import IMAGE_TYPES
from pictures.limits import WHOLE
from pictures.structure import is_plain
from serving.body import Receive, discard_body, read_body, while_connected
from serving.decoding import Decoder
from serving.errors import (
    BodyTooLarge,
    ClientGone,
    DecoderFailed,
    MethodNotAllowed,
    ModelLoading,
    NotFound,
    Overloaded,
    Refusal,
    UnsupportedContentType,
)
from serving.images import decode_image
from serving.invocations import PACK_TYPE, classify_costly_image
from serving.limits import MAX_IN_FLIGHT
from serving.logs import log
from serving.model import Model
from serving.packs import classify_pack
from serving.together import Together

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = tuple[tuple[bytes, bytes], ...]

_JSON: Headers = ((b"content-type", b"application/json"),)
_ATTRIBUTES = b"x-amzn-sagemaker-custom-attributes"
UNFAMILIARITY = b"answer=unfamiliarity"
"""Who sends it among the custom attributes is told how unfamiliar an image is (docs/adr/0015)."""
_ACCEPTED = ", ".join([*sorted(IMAGE_TYPES), PACK_TYPE])
_QUOTED_LETTERS = 100
"""Of what a caller sent, in an answer or a log line."""


class Application:
    """Answers once `model` is set; `everyone_ready` says whether the other workers' models answer too."""

    def __init__(
        self, everyone_ready: Callable[[], bool], model_digest: str, required_share: float = WHOLE
    ) -> None:
        self.model: Model | None = None
        self.decoder = Decoder(required_share)
        self._everyone_ready = everyone_ready
        self._in_flight = 0
        self._together = Together()
        self._side_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="packs")
        self._prediction_headers = _JSON
        if model_digest:
            attributes = f"model={short_digest(model_digest)}".encode()
            self._prediction_headers += ((_ATTRIBUTES, attributes),)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            status, headers, body = await self._answer(scope, receive)
        except ClientGone:
            log("client_gone", level="warning", path=scope["path"][:_QUOTED_LETTERS])
            return
        except Refusal as refusal:
            await _refuse(refusal, scope, receive, send)
            return
        except Exception:  # noqa: BLE001 - the last line: a defect is logged whole and answered as one
            log(
                "defect",
                level="error",
                path=scope["path"][:_QUOTED_LETTERS],
                traceback=traceback.format_exc(),
            )
            status, headers, body = (
                500,
                _JSON,
                _error_body("InternalError", "a defect of the model server; its log has more"),
            )
        await _respond(send, status, headers, body)

    async def _answer(self, scope: Scope, receive: Receive) -> tuple[int, Headers, bytes]:
        path, method = scope["path"], scope["method"]
        if path == "/invocations":
            if method != "POST":
                raise MethodNotAllowed(f"{method} {path}; it answers POST", allowed="POST")
            return 200, self._prediction_headers, await self._predict(scope, receive)
        if path == "/ping":
            if method != "GET":
                raise MethodNotAllowed(f"{method} {path}; it answers GET", allowed="GET")
            return self._health()
        raise NotFound(f"no {path[:_QUOTED_LETTERS]} here; there are GET /ping and POST /invocations")

    def _health(self) -> tuple[int, Headers, bytes]:
        """503 before the model answers is no error to log: health checks ask until it does."""
        if self.model is None or not self._everyone_ready():
            loading = ModelLoading("the model is not loaded yet; ask again")
            return loading.status, _JSON + loading.headers, _error_body(loading.name, str(loading))
        if not self.decoder.healthy():
            return (
                503,
                _JSON,
                _error_body(DecoderFailed.__name__, "the decoder cannot be started; see the log"),
            )
        return 200, _JSON, b"{}"

    async def _predict(self, scope: Scope, receive: Receive) -> bytes:
        headers = dict(scope["headers"])
        content_type = _content_type(headers)
        if content_type != PACK_TYPE and content_type not in IMAGE_TYPES:
            raise UnsupportedContentType(f"content type {content_type!r}; send one of {_ACCEPTED}")
        if self.model is None:
            raise ModelLoading("the model is not loaded yet; send the request again")
        if self._in_flight >= MAX_IN_FLIGHT:
            raise Overloaded(
                f"{self._in_flight} requests are waiting, the limit of this process; send it later"
            )
        self._in_flight += 1
        try:
            asked = UNFAMILIARITY in headers.get(_ATTRIBUTES, b"")
            body = await read_body(receive, int(headers.get(b"content-length", 0)))
            if content_type == PACK_TYPE:
                work = classify_pack(self.model, self.decoder, self._side_thread, body, asked)
            elif is_plain(body):
                image = decode_image(body, self.model.width, self.model.height, self.decoder.required_share)
                return await self._together.classify(self.model, image, asked)
            else:
                work = classify_costly_image(self.model, self.decoder, body, asked)
            return await while_connected(receive, work)
        finally:
            self._in_flight -= 1


async def _refuse(refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    log(
        "request_refused",
        level="error" if refusal.status >= 500 else "warning",
        status=refusal.status,
        error=refusal.name,
        message=str(refusal),
        method=scope["method"],
        path=scope["path"][:_QUOTED_LETTERS],
        content_type=_content_type(dict(scope["headers"])),
    )
    body = _error_body(refusal.name, str(refusal))
    if isinstance(refusal, BodyTooLarge):
        await _respond(send, refusal.status, _JSON + refusal.headers, body, last=False)
        await discard_body(receive)
        await send({"type": "http.response.body", "body": b""})
    else:
        await _respond(send, refusal.status, _JSON + refusal.headers, body)


async def _respond(send: Send, status: int, headers: Headers, body: bytes, last: bool = True) -> None:
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": (*headers, length)})
    await send({"type": "http.response.body", "body": body, "more_body": not last})


def _content_type(headers: dict[bytes, bytes]) -> str:
    text = headers.get(b"content-type", b"")[:_QUOTED_LETTERS].decode("latin-1")
    return text.partition(";")[0].strip().lower()


def _error_body(name: str, message: str) -> bytes:
    return json.dumps({"error": name, "message": message}).encode()
