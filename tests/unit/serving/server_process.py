"""A real `python -m serving` on loopback, for tests."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
DEADLINE_SECONDS = 60


def wait_until(condition: Callable[[], Any], what: str) -> Any:
    """The first true value of `condition`; fails after the deadline, saying what was waited for."""
    end = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.01)
    raise AssertionError(f"waited {DEADLINE_SECONDS} s for {what}")


def until_there(file: Path) -> str:
    """Python that waits in the server until the test makes the file: an order of events takes no clock."""
    there = f"__import__('pathlib').Path({str(file)!r}).exists"
    return f"[__import__('time').sleep(0.01) for _ in iter({there}, True)]"


def as_record(line: str) -> dict[str, Any]:
    """A log line; what is not JSON is no event that the server knows, and tests can see it."""
    try:
        return dict(json.loads(line))
    except ValueError:
        return {"event": "not_json", "message": line}


class ServerProcess:
    """One server process, its log lines, and a client for it."""

    def __init__(
        self, model_directory: Path, *arguments: str, prologue: str = "", **environment: str
    ) -> None:
        """`prologue` is Python that runs in the process before the server starts."""
        command = ["-m", "serving"]
        if prologue:
            command = ["-c", f"{prologue}; import sys, serving.__main__ as m; sys.exit(m.main(sys.argv[1:]))"]
        self.lines: list[dict[str, Any]] = []
        self.process = subprocess.Popen(
            [sys.executable, *command, *arguments],
            cwd=ROOT,
            env={
                **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
                "PORT": "0",
                "SERVING_WORKERS": "1",
                "SM_MODEL_DIR": str(model_directory),
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(as_record(line))

    def events(self, name: str) -> list[dict[str, Any]]:
        return [line for line in list(self.lines) if line["event"] == name]

    def wait_for(self, event: str, count: int = 1) -> dict[str, Any]:
        return wait_until(lambda: self.events(event)[count - 1 : count], f"{event} in {self.lines}")[0]

    @property
    def port(self) -> int:
        return int(self.wait_for("listening")["port"])

    def wait_ready(self) -> ServerProcess:
        wait_until(lambda: self.request("GET", "/ping")[0] == 200, "/ping")
        self.wait_for("ready", int(self.wait_for("listening")["workers"]))
        return self

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        content_type: str = "",
        attributes: str = "",
    ) -> tuple[int, Any, Mapping[str, str]]:
        """(status, decoded JSON, headers)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_SECONDS)
        try:
            given = {"Content-Type": content_type, "X-Amzn-SageMaker-Custom-Attributes": attributes}
            headers = {name: value for name, value in given.items() if value}
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read()), dict(answer.getheaders())
        finally:
            connection.close()

    def invoke(self, body: bytes, content_type: str = "image/png") -> tuple[int, Any]:
        status, answer, _ = self.request("POST", "/invocations", body, content_type)
        return status, answer

    def wait_exit(self) -> int:
        """The exit code, once every line has been read: pipes close when no child is left either."""
        code = self.process.wait(DEADLINE_SECONDS)
        self._reader.join(DEADLINE_SECONDS)
        assert not self._reader.is_alive(), "a child of the server still holds its output"
        return code

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.terminate()
        return self.wait_exit()
