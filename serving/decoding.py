"""A worker's decoder: one process, one image at a time, stopped when that takes too long or nobody waits."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
from asyncio.subprocess import PIPE, Process

import numpy as np
from numpy.typing import NDArray

from pictures.limits import WHOLE
from serving.decoder import ANSWER, JOB
from serving.errors import (
    DecoderFailed,
    DecodingTooLong,
    ImageRefused,
    Overloaded,
    Refusal,
    StartFailed,
)
from serving.limits import DECODE_CPU_SECONDS, DECODE_SECONDS
from serving.logs import log

COMMAND = (sys.executable, "-m", "serving.decoder")


class Decoder:
    """Turns image files into pixels elsewhere; whoever asks waits for those who asked before."""

    def __init__(self, required_share: float = WHOLE) -> None:
        self.required_share = required_share
        self._turn = asyncio.Lock()
        self._process: asyncio.Task[Process] | None = None
        self._sound = True

    async def start(self) -> None:
        """Start the process ahead of its first image; `StartFailed` when it does not answer."""
        try:
            await self._running()
        except DecoderFailed as failure:
            raise StartFailed(str(failure)) from failure

    def healthy(self) -> bool:
        """False while the last process that was started did not answer; asking replaces one that ended."""
        if self._process and _ended(self._process):
            self._renew()
        return self._sound

    async def decode(self, body: bytes, width: int, height: int) -> NDArray[np.uint8]:
        """As `decode_image`; further `DecodingTooLong`, `DecoderFailed`, and `Overloaded` when it takes too
        long until the image's turn. Cancelling it takes the image out of the queue, or stops its decoding."""
        try:
            async with asyncio.timeout(DECODE_SECONDS), self._turn:
                return await self._ask(body, width, height)
        except TimeoutError:
            raise Overloaded(
                f"the image was not decoded within {DECODE_SECONDS} s: too many large ones at once; "
                "send it later"
            ) from None

    async def close(self) -> None:
        """End the process, whatever it is doing."""
        if self._process:
            with contextlib.suppress(DecoderFailed):
                process = await self._process
                _kill(process)
                await process.wait()

    async def _ask(self, body: bytes, width: int, height: int) -> NDArray[np.uint8]:
        process = await self._running()
        try:
            pixels, content = await _exchange(process, body, width, height, self.required_share)
        except (asyncio.IncompleteReadError, ConnectionError):
            raise _blame(await self._replace(process)) from None
        except asyncio.CancelledError:
            await self._replace(process)
            raise
        if pixels:
            return np.frombuffer(content, dtype=np.uint8).reshape(height, width, 3)
        name, text = json.loads(content)
        raise ImageRefused(name, text)

    async def _running(self) -> Process:
        process = self._process
        if process is None or _ended(process):
            process = self._renew()
        return await asyncio.shield(process)

    def _renew(self) -> asyncio.Task[Process]:
        self._process = asyncio.create_task(self._start())
        self._process.add_done_callback(lambda task: task.cancelled() or task.exception())
        return self._process

    async def _replace(self, process: Process) -> int:
        """How the process ended; the next one is starting meanwhile."""
        _kill(process)
        self._renew()
        return await process.wait()

    async def _start(self) -> Process:
        """A process that has answered once: to an image of 0 bytes, with a refusal."""
        try:
            process = await asyncio.create_subprocess_exec(*COMMAND, stdin=PIPE, stdout=PIPE)
            await _exchange(process, b"", 1, 1, WHOLE)
        except (OSError, asyncio.IncompleteReadError) as error:
            self._sound = False
            log("decoder_failed", level="error", message=f"it does not start: {error}")
            raise DecoderFailed(f"the decoder does not start: {error}; see the server's log") from error
        self._sound = True
        return process


async def _exchange(
    process: Process, body: bytes, width: int, height: int, required: float
) -> tuple[bool, bytes]:
    assert process.stdin
    assert process.stdout
    if process.stdin.is_closing():
        raise BrokenPipeError("it has ended")
    process.stdin.write(JOB.pack(len(body), width, height, required, DECODE_CPU_SECONDS))
    process.stdin.write(body)
    await process.stdin.drain()
    pixels, size = ANSWER.unpack(await process.stdout.readexactly(ANSWER.size))
    return pixels, await process.stdout.readexactly(size)


def _ended(process: asyncio.Task[Process]) -> bool:
    """Whether it could not be started, or has ended since, without being asked to."""
    return process.done() and (process.exception() is not None or process.result().returncode is not None)


def _kill(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()


def _blame(code: int) -> Refusal:
    """The image's fault, if the timer ended the process; else the server's."""
    if code == -signal.SIGPROF:
        return DecodingTooLong(
            f"decoding took more than {DECODE_CPU_SECONDS:g} s of processor time, the limit of one image; "
            "scale it down, or save it as a baseline JPEG or as PNG"
        )
    log("decoder_failed", level="error", exit_code=code)
    return DecoderFailed(
        f"the decoder ended with code {code}; the server's log has more, send the image again"
    )
