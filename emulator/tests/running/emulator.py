"""The local AWS as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from loopback_aws.environment import client_environment
from loopback_aws.guard.keys import KeyPair, require_keys
from loopback_aws.instance import Instance, is_alive, running
from loopback_aws.lifecycle import health

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 180
"""On a machine that is busy with everything else; idle, it takes two."""
CONFIGURATION = """\
[lambda]
concurrency = {lambda_concurrency}

[executions]
speed = {execution_speed}

[endpoints]
speed = 100

[alarms]
evaluation_seconds = 1

[[images]]
repository = "model-server"
command = ["{{python}}", "model_server.py"]
working_directory = "{folder}"
"""
LAMBDA_CONCURRENCY = 4


@dataclass
class Emulator:
    """A local AWS started by `python -m loopback_aws serve` on a free port."""

    state: Path
    process: subprocess.Popen[bytes]
    instance: Instance
    _clients: dict[str, Any] = field(default_factory=dict)

    @property
    def endpoint(self) -> str:
        return self.instance.url

    @cached_property
    def keys(self) -> KeyPair:
        """What its clients sign with; the same after a restart."""
        return require_keys(self.state, "")

    @property
    def environment(self) -> dict[str, str]:
        """This process's environment with everything that leads a client to this emulator."""
        return os.environ | client_environment(self.state, self.instance.port, self.keys)

    def client(self, service: str) -> Any:
        """A boto3 client of the service; one per service."""
        if service not in self._clients:
            self._clients[service] = self.client_with(service)
        return self._clients[service]

    def client_with(self, service: str, config: Config | None = None, **signing: str) -> Any:
        """A new client with a configuration of its own; `signing` takes the place of the keys."""
        keys = {
            "aws_access_key_id": self.keys.access_key_id,
            "aws_secret_access_key": self.keys.secret_access_key,
        }
        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            config=config,
            **(keys | signing),
        )

    def stop(self) -> None:
        """End the process and assert that nothing which it started is left."""
        children = descendants(self.process.pid)
        self.process.terminate()
        assert self.process.wait(60) == 0, (self.state / "emulator.log").read_text()[-3000:]
        left = [pid for pid in children if is_alive(pid)]
        assert not left, f"left running: {left}"

    def kill(self) -> None:
        """End the process as the system does that needs its memory."""
        self.process.kill()
        self.process.wait()

    def restart(self) -> None:
        """Stop it, if it runs, and start it again on the same state and port; clients stay good."""
        if self.process.poll() is None:
            self.stop()
        again = _serve(self.state, self.instance.port)
        self.process, self.instance = again.process, again.instance


def start(state: Path, *, execution_speed: float = 1) -> Emulator:
    """Start the emulator on a free port and wait until it is ready; its configuration is beside `state`."""
    state.mkdir(parents=True, exist_ok=True)
    _configuration(state).write_text(
        CONFIGURATION.format(
            lambda_concurrency=LAMBDA_CONCURRENCY,
            execution_speed=execution_speed,
            folder=ROOT / "tests" / "hosting",
        )
    )
    return _serve(state.resolve(), 0)


def _configuration(state: Path) -> Path:
    return state.with_suffix(".toml")


def _serve(state: Path, port: int) -> Emulator:
    with (state / "emulator.log").open("ab") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "loopback_aws", "serve", "--config", _configuration(state)),
                *("--state", state, "--port", str(port)),
            ],
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        instance = running(state)
        if instance and (answer := health(instance)) and answer["ready"]:
            return Emulator(state, process, instance)
        time.sleep(0.05)
    process.kill()
    process.wait()
    raise AssertionError("the emulator did not start:\n" + (state / "emulator.log").read_text()[-3000:])


def descendants(pid: int) -> list[int]:
    """Process ids of the children of `pid`, and of theirs."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that ended since it was listed
            for child in map(int, task.read_text().split()):
                found += [child, *descendants(child)]
    return found
