"""The project's own commands as child processes: what they say goes to a log, and none outlives the demo.

Ctrl-C, a closed terminal or a polite kill interrupts the demo once; what follows must not be cut short.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STOP_SECONDS = 60.0
"""How long an interrupted command may take to end; `loopback_aws up` ends the server that it started."""


class Interruption:
    """The first signal raises KeyboardInterrupt in the main thread; those after it do nothing.

    An impatient second Ctrl-C would otherwise end the stopping of child processes, and leave them.
    """

    def __init__(self) -> None:
        self._over = False
        self._held = False
        self._waiting = False

    def listen(self) -> None:
        """From now on handle SIGINT, SIGTERM and SIGHUP."""
        for number in SIGNALS:
            signal.signal(number, self._arrive)

    def end(self) -> None:
        """From now on no signal interrupts: the demo is stopping already."""
        self._over = True

    @contextmanager
    def held(self) -> Iterator[None]:
        """A signal inside raises at the end: between fork and return nobody knows the child's id."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
        if self._waiting:
            self._raise()

    def _arrive(self, _number: int, _frame: FrameType | None) -> None:
        if self._held:
            self._waiting = True
        else:
            self._raise()

    def _raise(self) -> None:
        if not self._over:
            self._over = True
            raise KeyboardInterrupt


interruption = Interruption()
"""Of this process: signals are a matter of the process, and so is this."""


class CommandFailed(Exception):
    """A command of the demo ended with an error; its log says why."""


def run(command: Sequence[str], environment: Mapping[str, str], log: Path, *, capture: bool = False) -> str:
    """Run `command` to its end; what it says is appended to `log`, its standard output returned if `capture`.

    The child leads a session of its own, so that Ctrl-C reaches the demo alone; the demo then ends the
    child and everything it started before the interruption goes on.

    Raises CommandFailed with the exit code.
    """
    child, name = None, shlex.join([Path(command[0]).name, *command[1:]])
    with log.open("a", encoding="utf-8") as said:
        print(f"$ {name}", file=said, flush=True)
        try:
            with interruption.held():
                child = subprocess.Popen(
                    command,
                    env=dict(environment),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE if capture else said,
                    stderr=said,
                    text=True,
                    start_new_session=True,
                )
            output, _ = child.communicate()
        except BaseException:
            if child:
                stop(child)
            raise
    if child.returncode:
        raise CommandFailed(f"`{name}` ended with exit code {child.returncode}")
    return output or ""


def stop(child: subprocess.Popen[str]) -> None:
    """End the child's whole session: politely first, then for certain."""
    for ending in (signal.SIGTERM, signal.SIGKILL):  # SIGINT is ignored below a shell's `make demo &`
        with suppress(ProcessLookupError):
            os.killpg(child.pid, ending)
        with suppress(subprocess.TimeoutExpired):
            child.wait(STOP_SECONDS)
            break
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
