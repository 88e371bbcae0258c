"""One instance of an endpoint: a model server process on a port of its own."""

from __future__ import annotations

import http.client
import logging
import os
import re
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from loopback_aws.sagemaker.hosting.connections import Connections
from loopback_aws.sagemaker.hosting.spawn import Spawner

READY_SECONDS = 120.0
"""Longest time until /ping answers 200, unless the variant sets its own."""
STOP_SECONDS = 10.0
"""Time that a server gets to end by itself."""
_POLL_SECONDS = 0.05
_PORTS_TRIED = 3
_CHATTER = re.compile(r'"level": "(debug|info|warning)"')
_QUOTED = 700
"""Characters of a log that a failure quotes: a FailureReason holds 1024 in all."""

_log = logging.getLogger("loopback_aws.sagemaker.hosting.instance")


class NotHealthy(Exception):
    """The server ended, or did not answer /ping in time; the text says which and quotes its log."""


@dataclass(frozen=True, kw_only=True)
class Launch:
    """How to start the instances of a variant."""

    command: Sequence[str]
    working_directory: Path
    environment: Mapping[str, str]
    """Of the container."""
    model_dir: Path
    log: Path
    ready_seconds: float = READY_SECONDS


class Instance:
    """A running server."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, spawner: Spawner) -> None:
        self.process = process
        self.port = port
        self.connections = Connections(port)
        self._spawner = spawner
        self._in_flight = 0
        self._idle = threading.Condition()
        self._ending = False

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    @property
    def in_flight(self) -> int:
        """Requests that it is answering."""
        return self._in_flight

    def enter(self) -> None:
        with self._idle:
            self._in_flight += 1

    def leave(self) -> None:
        with self._idle:
            self._in_flight -= 1
            self._idle.notify_all()

    def drain(self, seconds: float) -> None:
        """Wait until no request is in flight, at most `seconds`, then end the process."""
        with self._idle:
            self._idle.wait_for(lambda: self._in_flight == 0, seconds)
        self.end()

    def end(self) -> None:
        self._ending = True
        self._spawner.end(self.process, STOP_SECONDS)
        self.connections.close()

    def watch(self, on_crash: Callable[[Instance], None]) -> None:
        """Call `on_crash` once, from a thread, if the process ends by itself."""

        def wait() -> None:
            self.process.wait()
            if not self._ending:
                _log.warning("Model server %d ended with %d", self.process.pid, self.process.returncode)
                self._spawner.forget(self.process)
                self.connections.close()
                on_crash(self)

        threading.Thread(target=wait, name=f"watch-{self.process.pid}", daemon=True).start()


def start_instance(launch: Launch, spawner: Spawner, cancelled: threading.Event) -> Instance:
    """Start a server and wait for /ping; NotHealthy when it does not come up or `cancelled` is set.

    A free port is only known to have been free: when somebody else takes it first, another one is tried.
    """
    for _ in range(_PORTS_TRIED - 1):
        port = _free_port()
        try:
            return _start_on(port, launch, spawner, cancelled)
        except NotHealthy:
            if not _taken(port):
                raise
    return _start_on(_free_port(), launch, spawner, cancelled)


def _start_on(port: int, launch: Launch, spawner: Spawner, cancelled: threading.Event) -> Instance:
    environment = {
        **os.environ,
        **launch.environment,
        "PORT": str(port),
        "SM_MODEL_DIR": str(launch.model_dir),
    }
    process = spawner.start(
        launch.command, folder=launch.working_directory, environment=environment, log=launch.log
    )
    instance = Instance(process, port, spawner)
    try:
        _wait_until_healthy(instance, launch, cancelled)
    except BaseException:
        instance.end()
        raise
    return instance


def _wait_until_healthy(instance: Instance, launch: Launch, cancelled: threading.Event) -> None:
    end = time.monotonic() + launch.ready_seconds
    while not _pings(instance.port):
        if not instance.alive:
            raise NotHealthy(f"the server ended with {instance.process.returncode}{_last_words(launch.log)}")
        if cancelled.wait(_POLL_SECONDS):
            raise NotHealthy("it was stopped")
        if time.monotonic() > end:
            raise NotHealthy(
                f"no 200 from /ping within {launch.ready_seconds:g} seconds{_last_words(launch.log)}"
            )


def _pings(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/ping")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _last_words(log: Path) -> str:
    """The end of the server's log, for people who read why it did not start."""
    lines = log.read_bytes()[-8192:].decode("utf-8", "replace").splitlines()
    telling = [line for line in lines if not _CHATTER.search(line)] or lines
    text = "\n".join(telling).strip()[-_QUOTED:]
    return f"; its log ends: {text}" if text else ""


def _taken(port: int) -> bool:
    """Whether somebody listens on the port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
