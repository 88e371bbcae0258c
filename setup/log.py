"""Programs whose output goes to a file, to be shown when they fail only."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

SHOWN_LINES = 12


class SetupError(RuntimeError):
    """Something could not be installed; the message says what, with the end of what the installer said."""


class Log:
    """A file that collects what the programs of one installation say."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
        self.path = path

    def run(self, command: Sequence[str], *, cwd: Path | None = None) -> None:
        """Run a program to its end; raises SetupError when it fails or is not there."""
        if status := self.status(command, cwd=cwd):
            said = self.path.read_text(errors="replace").strip().splitlines()[-SHOWN_LINES:]
            ended = f"`{' '.join(command)}` ended with status {status}"
            raise SetupError("\n  ".join([f"{ended}. The end of {self.path}:", *said]))

    def status(self, command: Sequence[str], *, cwd: Path | None = None) -> int:
        """Run a program to its end and return its exit code; 127 when it is not there."""
        with self.path.open("a") as file:
            print("$", *command, file=file, flush=True)
            try:
                done = subprocess.run(
                    command,
                    cwd=cwd,
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=subprocess.STDOUT,
                    check=False,
                )
            except OSError as error:
                print(error, file=file)
                return 127
        return done.returncode
