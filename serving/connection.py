"""HTTP on one connection: uvicorn's, bounded in memory and in time whatever a caller sends or leaves unsent.

uvicorn reads all the requests that a caller sends ahead, waits for the rest of a head for ever, and for an
answer to be read as well. Here what is sent ahead waits unread, and each of the waits has a limit.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, Literal

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from serving.errors import HeadTooLarge, MalformedRequest, Overloaded, Refusal, RequestTimeout
from serving.limits import (
    BODY_SECONDS,
    FEED_BYTES,
    HEAD_SECONDS,
    KEEP_ALIVE_SECONDS,
    LINGER_SECONDS,
    MAX_CONNECTIONS,
    MAX_HEAD_BYTES,
    MAX_HEADERS,
    WRITE_SECONDS,
)
from serving.logs import log
from serving.transport import JoiningTransport

Arriving = Literal["nothing", "head", "body", "complete"]
"""What the caller has yet to send: a request, the rest of its head or of its body, or it is our turn."""

_SECONDS: dict[Arriving, float] = {
    "nothing": KEEP_ALIVE_SECONDS,
    "head": HEAD_SECONDS,
    "body": BODY_SECONDS + LINGER_SECONDS + 1,  # the application answers before
}
_CHUNK_OVERHEAD = 8
"""Bytes around each byte of a chunked body, at most: chunks of one byte have five."""


class Connection(HttpToolsProtocol):
    """Requests on one connection, answered one after the other."""

    flow: HoldingFlow

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(JoiningTransport(transport, self.loop))  # type: ignore[arg-type]
        self.flow = HoldingFlow(self.transport)
        self._arriving: Arriving = "nothing"
        self._timed: Arriving = "complete"
        self._timer: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self._running: RequestResponseCycle | None = None
        self._held = b""
        self._bytes = self._body_bytes = 0
        self._watch()
        if len(self.connections) > MAX_CONNECTIONS:
            self._end(Overloaded(f"{MAX_CONNECTIONS} connections are open, the limit of this process"))

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell every request of the connection, not the last one only as uvicorn does."""
        for cycle in (self._running, *(cycle for cycle, _ in self.pipeline)):
            if cycle and not cycle.response_complete:
                cycle.disconnected = True
                cycle.message_event.set()
        self.pipeline.clear()
        self._held = b""
        for timer in (self._timer, self._stalled):
            if timer:
                timer.cancel()
        super().connection_lost(exc)

    # What arrives

    def data_received(self, data: bytes) -> None:
        if self._held:
            self._held += data
        elif len(data) <= FEED_BYTES:
            self._feed(data)
        else:
            self._feed_in_pieces(data)
        self._watch()

    def _feed_in_pieces(self, data: bytes) -> None:
        """Up to the end of a body, else in small pieces, and no further than a request that has to wait."""
        position = 0
        while position < len(data) and not self.transport.is_closing():
            if self.pipeline:
                self._held = data[position:]
                self.flow.hold()
                return
            end = position + (self._rest_of_body() or FEED_BYTES)
            self._feed(data[position:end])
            position = end

    def _rest_of_body(self) -> int:
        """Bytes until the end of the request; 0 where that is not known."""
        if self._arriving == "body":
            for name, value in self.headers:
                if name == b"content-length":
                    return int(value) - self._body_bytes
        return 0

    def _feed(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        super().data_received(data)
        if self._arriving != "complete":
            self._check_overhead(len(data))

    def _check_overhead(self, size: int) -> None:
        """Refuse a request that is not over yet and has more around its body than any sound one."""
        self._bytes += size
        around = self._bytes - self._body_bytes
        if (
            around > MAX_HEAD_BYTES + _CHUNK_OVERHEAD * self._body_bytes
            or len(self.headers or ()) > MAX_HEADERS
        ):
            self._end(
                HeadTooLarge(
                    f"{around:,} bytes of request line, headers, chunk sizes and trailers; the limit is "
                    f"{MAX_HEAD_BYTES:,}, in {MAX_HEADERS} lines; send fewer"
                )
            )

    def on_message_begin(self) -> None:
        self._arriving = "head"
        self._bytes = self._body_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._arriving = "body"
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._arriving = "complete"
        super().on_message_complete()

    # Whose turn it is

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._held and not self.pipeline:
            self.loop.call_soon(self._release)

    def _release(self) -> None:
        held, self._held = self._held, b""
        if held and not self.transport.is_closing():
            self._feed_in_pieces(held)
            if not self._held:
                self.flow.release()
            self._watch()

    def _answering(self) -> bool:
        return self._running is not None and not self._running.response_complete

    # What does not arrive

    def _watch(self) -> None:
        """One timer for what is to arrive; none while the caller waits for an answer."""
        wanted = self._arriving
        if wanted == "complete" and not self._answering():
            wanted = "nothing"  # further bytes that begin no request
        if wanted == self._timed:
            return
        if self._timer:
            self._timer.cancel()
        self._timed = wanted
        seconds = _SECONDS.get(wanted)
        self._timer = self.loop.call_later(seconds, self._late) if seconds else None

    def _late(self) -> None:
        missing, self._timed = self._timed, "complete"
        if self.transport.is_closing():
            return
        if self._held or self.pipeline or (missing == "nothing" and self._answering()):
            self._watch()  # it is not the caller who is late
        elif missing == "head" and self._answering():
            self.cycle.keep_alive = False
        elif missing == "head":
            self._end(
                RequestTimeout(f"the head did not arrive within {_SECONDS['head']:g} s; send it faster")
            )
        else:
            self.transport.close()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stalled = self.loop.call_later(WRITE_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._stalled:
            self._stalled.cancel()

    # How it ends

    def send_400_response(self, msg: str) -> None:
        self._end(MalformedRequest(f"{msg} Send HTTP/1.1"))

    def _end(self, refusal: Refusal) -> None:
        """Answer with a refusal and close; behind answers that are owed, close without one."""
        owed = self.pipeline[0][0] if self.pipeline else self._running
        unfinished = self._arriving == "body" and owed is self.cycle
        if owed and not owed.response_complete and (not unfinished or owed.response_started):
            owed.keep_alive = False
            self.flow.hold()
            return
        log(
            "request_refused",
            level="warning",
            status=refusal.status,
            error=refusal.name,
            message=str(refusal),
        )
        body = json.dumps({"error": refusal.name, "message": str(refusal)}).encode()
        lines: list[tuple[bytes, Any]] = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
            *((name, value) for name, value in refusal.headers if name != b"connection"),
            (b"connection", b"close"),
        ]
        head = b"".join(b"%s: %s\r\n" % line for line in lines)
        self.transport.write(STATUS_LINE[refusal.status] + head + b"\r\n" + body)
        self.transport.close()


class HoldingFlow(FlowControl):
    """Keeps reading paused, whoever resumes it, while there is something held to be read first."""

    _holding = False

    def hold(self) -> None:
        self._holding = True
        self.pause_reading()

    def release(self) -> None:
        self._holding = False
        self.resume_reading()

    def resume_reading(self) -> None:
        if not self._holding:
            super().resume_reading()
