"""Run the project's own commands as child processes that never outlive the demo."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress

from demo.interruption import interruption

STOP_SECONDS = 60.0
"""How long an interrupted command may take to end; `loopback_aws up` ends the server that it started."""


class CommandFailed(Exception):
    """A command of the demo ended with an error; its own output says why."""


def run(command: Sequence[str], environment: Mapping[str, str], *, capture: bool = False) -> str:
    """Run `command` to its end and return its standard output if `capture`, else show it as it comes.

    The child leads a session of its own, so that Ctrl-C reaches the demo alone; the demo then ends the
    child and everything it started before the interruption goes on.

    Raises CommandFailed with the exit code.
    """
    child = None
    try:
        with interruption.held():
            child = subprocess.Popen(
                command,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if capture else None,
                text=True,
                start_new_session=True,
            )
        output, _ = child.communicate()
    except BaseException:
        if child:
            stop(child)
        raise
    if child.returncode:
        raise CommandFailed(f"`{' '.join(command)}` ended with exit code {child.returncode}")
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
