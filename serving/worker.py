"""One process that answers requests: uvicorn on an open socket, around one model."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket

import uvicorn
import uvloop

from serving.application import Application
from serving.connection import Connection
from serving.errors import StartFailed
from serving.limits import GRACE_SECONDS, KEEP_ALIVE_SECONDS
from serving.logs import log
from serving.model import load_model
from serving.settings import Settings
from serving.supervisor import Readiness


class Worker:
    """Serves until SIGTERM or SIGINT, until its supervisor is gone, or until its model proves unusable."""

    def __init__(self, settings: Settings, readiness: Readiness, number: int = 0) -> None:
        self._settings = settings
        self._readiness = readiness
        self._number = number
        self._application = Application(readiness.complete, settings.model_digest, settings.required_share)
        self._server = uvicorn.Server(_configuration(self._application))
        self._failed = False

    def run(self, listener: socket.socket, supervisor_pipe: int | None = None) -> int:
        """The exit code. `supervisor_pipe` reads end-of-file once the supervisor has ended."""
        for number in (signal.SIGTERM, signal.SIGINT):  # uvicorn acts on them, then raises them once more
            signal.signal(number, self._on_signal)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._serve(listener, supervisor_pipe))
        log("worker_stopped", worker=self._number)
        return 1 if self._failed else 0

    async def _serve(self, listener: socket.socket, supervisor_pipe: int | None) -> None:
        if supervisor_pipe is not None:
            asyncio.get_running_loop().add_reader(supervisor_pipe, self._supervisor_gone, supervisor_pipe)
        loading = asyncio.create_task(self._load())
        if self._readiness.complete():  # it replaces a worker: its fellows answer until it can
            await loading
        await self._server.serve(sockets=[listener])
        await loading
        await self._application.decoder.close()

    async def _load(self) -> None:
        directory = self._settings.model_directory
        try:
            model = await asyncio.to_thread(load_model, directory)
            await self._application.decoder.start()
        except StartFailed as failure:
            if self._readiness.first_failure():
                log("start_failed", level="error", error=type(failure).__name__, message=str(failure))
            self._failed = True
            self._server.should_exit = True
            return
        gc.collect()
        gc.freeze()  # what lives as long as the process need not be looked through again and again
        self._application.model = model
        self._readiness.announce(self._number)
        log("ready", worker=self._number, model=str(directory), classes=len(model.classes))

    def _on_signal(self, _number: int, _frame: object) -> None:
        self._server.should_exit = True

    def _supervisor_gone(self, supervisor_pipe: int) -> None:
        asyncio.get_running_loop().remove_reader(supervisor_pipe)
        os.close(supervisor_pipe)
        log("supervisor_gone", level="error", worker=self._number)
        self._server.should_exit = True


def _configuration(application: Application) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        http=Connection,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
