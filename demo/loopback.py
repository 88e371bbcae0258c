"""AWS on loopback for the time of the demo."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from demo.interruption import interruption
from demo.processes import CommandFailed, run

LOCAL = (sys.executable, "-m", "loopback_aws")


def _without_aws(environment: Mapping[str, str]) -> dict[str, str]:
    """A person's profile or keys must lead no command of the demo to a real account."""
    return {name: value for name, value in environment.items() if not name.startswith(("AWS_", "CDK_"))}


def _path() -> str:
    """Where the app finds this Python's packages, as in a shell that `make up` was evaluated in."""
    return os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold `folder` for this demo: another one would stop its AWS. Raises CommandFailed when it is held."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "running.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandFailed(
                f"another demo runs in {folder.resolve()}. Wait for its end, or interrupt it."
            ) from None
        yield


@contextmanager
def loopback(state: Path) -> Iterator[dict[str, str]]:
    """Start AWS on loopback with an empty `state` folder; yield the environment to use it with; stop it.

    What an earlier demo left behind, running or not, is ended and removed first. Ctrl-C while it is being
    stopped does nothing: stopping takes a few seconds and leaves no process.
    """
    arguments = ("--state", str(state))
    if state.exists():
        run([*LOCAL, "down", *arguments], os.environ)
        shutil.rmtree(state)
    try:
        try:
            run([*LOCAL, "up", *arguments, "--port", "0"], os.environ, capture=True)
            variables = json.loads(run([*LOCAL, "env", *arguments, "--json"], os.environ, capture=True))
            yield {**_without_aws(os.environ), **variables, "PATH": _path()}
        finally:
            interruption.end()
    finally:  # of its own: a signal on the way to `end` must not pass it by
        run([*LOCAL, "down", *arguments], os.environ)
