"""The local AWS as a process of its own, known by its command line alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

ROOT = Path(__file__).resolve().parents[3]
START_SECONDS = 180
"""On a machine that is busy with everything else; idle, it takes two."""
CONFIGURATION = Path(__file__).with_name("loopback.toml")


@dataclass
class Emulator:
    """A local AWS started by `python -m loopback_aws serve` on a free port."""

    state: Path
    process: subprocess.Popen[bytes]
    port: int
    variables: dict[str, str]
    """What leads a client to this emulator."""
    _clients: dict[str, Any] = field(default_factory=dict)

    @property
    def endpoint(self) -> str:
        return self.variables["AWS_ENDPOINT_URL"]

    @property
    def environment(self) -> dict[str, str]:
        """This process's environment with everything that leads a client to this emulator."""
        return os.environ | self.variables

    def client(self, service: str) -> Any:
        """A boto3 client of the service; one per service."""
        if service not in self._clients:
            self._clients[service] = boto3.client(  # type: ignore[call-overload]
                service,
                endpoint_url=self.endpoint,
                region_name="us-east-1",
                aws_access_key_id=self.variables["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=self.variables["AWS_SECRET_ACCESS_KEY"],
            )
        return self._clients[service]

    def stop(self) -> None:
        """End the process and assert that nothing which it started is left."""
        children = descendants(self.process.pid)
        self.process.terminate()
        assert self.process.wait(60) == 0, (self.state / "emulator.log").read_text()[-3000:]
        left = [pid for pid in children if is_alive(pid)]
        assert not left, f"left running: {left}"

    def restart(self) -> None:
        """Stop it and start it again on the same state and port, so that clients are as good as before."""
        self.stop()
        self.process = start(self.state, self.port).process


def start(state: Path, port: int = 0) -> Emulator:
    """Start the emulator, on a free port unless one is given, and wait until it is ready."""
    state.mkdir(parents=True, exist_ok=True)
    log = state / "emulator.log"
    with log.open("ab") as output:
        begin = output.tell()
        process = subprocess.Popen(
            _command("serve", state, "--port", str(port)), stdout=output, stderr=subprocess.STDOUT
        )
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        if b"AWS on http://" in log.read_bytes()[begin:]:  # before, its status would say nothing
            told = _told("status", state)
            if told.get("ready"):
                return Emulator(state.resolve(), process, told["port"], _told("env", state))
        time.sleep(0.2)
    process.kill()
    process.wait()
    raise AssertionError("the emulator did not start:\n" + (state / "emulator.log").read_text()[-3000:])


def _command(verb: str, state: Path, *more: str) -> list[str]:
    options = ("--config", str(CONFIGURATION), "--state", str(state))
    return [sys.executable, "-m", "loopback_aws", verb, *options, *more]


def _told(verb: str, state: Path) -> dict[str, Any]:
    """The JSON that a verb prints."""
    done = subprocess.run(_command(verb, state, "--json"), stdout=subprocess.PIPE, check=False)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def descendants(pid: int) -> list[int]:
    """Process ids of the children of `pid`, and of theirs."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that ended since it was listed
            for child in map(int, task.read_text().split()):
                found += [child, *descendants(child)]
    return found


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
