"""Processes that end with the emulator, however it ends.

One `reaper` watches a pipe that closes when the emulator dies, by any signal, and then kills what is still
registered with it. A child waits at a gate until it is registered, so there is no moment in which it would
be left behind. Works wherever there is a POSIX shell; Linux's parent-death signal would be bound to the
thread that started the child, and threads end.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

_GATE = 'read -r _ && exec "$@" </dev/null'
"""Shell text of a child: replaced by the command once a line arrives, gone when the pipe closes before."""


class Spawner:
    """Starts commands in process groups of their own and sees to it that none outlives this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reaper: subprocess.Popen[bytes] | None = None

    def start(
        self, command: Sequence[str], *, folder: Path, environment: Mapping[str, str], log: Path
    ) -> subprocess.Popen[bytes]:
        """Start `command` in `folder` with both outputs appended to `log`."""
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            process = subprocess.Popen(
                ["/bin/sh", "-c", _GATE, "sh", *command],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=environment,
                start_new_session=True,
            )
        assert process.stdin
        with process.stdin as gate:
            self._send(f"+{process.pid}")
            gate.write(b"go\n")
        return process

    def end(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        """End the process group: SIGTERM, and SIGKILL when it is not gone after `seconds`."""
        _signal(process.pid, signal.SIGTERM)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            _signal(process.pid, signal.SIGKILL)
            process.wait()
        self.forget(process)

    def forget(self, process: subprocess.Popen[bytes]) -> None:
        """Kill what is left of an ended process's group and take it off the reaper's list."""
        _signal(process.pid, signal.SIGKILL)
        self._send(f"-{process.pid}")

    def close(self) -> None:
        """Let the reaper go, with everything that is still registered."""
        with self._lock:
            reaper, self._reaper = self._reaper, None
        if reaper and reaper.stdin:
            reaper.stdin.close()
            reaper.wait()

    def _send(self, line: str) -> None:
        with self._lock:
            if self._reaper is None:
                script = Path(__file__).with_name("reaper.py")
                self._reaper = subprocess.Popen(
                    [sys.executable, "-IS", str(script)], stdin=subprocess.PIPE, start_new_session=True
                )
            assert self._reaper.stdin
            self._reaper.stdin.write(line.encode() + b"\n")
            self._reaper.stdin.flush()


def _signal(group: int, number: int) -> None:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return  # the group is gone; macOS answers EPERM for a group of zombies
