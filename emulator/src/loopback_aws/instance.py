"""Who runs on a state folder: one process at a time, held by a lock and named in a record."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from loopback_aws.errors import LocalError
from loopback_aws.files import write_atomically


@dataclass(frozen=True, kw_only=True)
class Instance:
    """A running local AWS."""

    pid: int
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def make_folder(state: Path) -> None:
    """Make the state folder, if it is not there, its owner's alone: what runs and what it holds is in it."""
    state.parent.mkdir(parents=True, exist_ok=True)
    state.mkdir(mode=0o700, exist_ok=True)


def record_path(state: Path) -> Path:
    return state / "running.json"


def _lock_path(state: Path) -> Path:
    return state / "running.lock"


@contextlib.contextmanager
def claim(state: Path) -> Iterator[None]:
    """Hold the state folder for this process; LocalError naming the holder when it is held already.

    The lock goes with the process, however it ends, so a record without a held lock is stale.
    """
    make_folder(state)
    with _lock_path(state).open("a") as lock:
        if not _lock_within(lock, seconds=0.5):
            raise LocalError(_held_message(state))
        record_path(state).unlink(missing_ok=True)
        try:
            yield
        finally:
            record_path(state).unlink(missing_ok=True)


def _lock_within(lock: IO[str], seconds: float) -> bool:
    """Try for `seconds`: someone who only asks `is_held` has the lock for a moment."""
    end = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        else:
            return True


def publish(state: Path, port: int) -> Instance:
    """Record that this process, holding the claim, listens on `port`."""
    instance = Instance(pid=os.getpid(), port=port)
    write_atomically(record_path(state), json.dumps(asdict(instance)).encode())
    return instance


def is_held(state: Path) -> bool:
    """Whether a live process holds the state folder."""
    try:
        with _lock_path(state).open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def running(state: Path) -> Instance | None:
    """The live instance of the state folder; None when there is none or it has not published yet."""
    if not is_held(state):
        return None
    try:
        record = json.loads(record_path(state).read_text())
        return Instance(pid=int(record["pid"]), port=int(record["port"]))
    except (OSError, ValueError, KeyError):
        return None


def holder(state: Path, seconds: float = 30.0) -> Instance | None:
    """As `running`, but waits for one that is just starting: it is named a moment after it took the lock."""
    end = time.monotonic() + seconds
    while not (instance := running(state)) and is_held(state) and time.monotonic() < end:
        time.sleep(0.05)
    return instance


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits to be collected does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return not Path("/proc/self/stat").exists()


def wait_until_gone(state: Path, pid: int, seconds: float) -> bool:
    """Whether the folder's holder has let go of it and ended within `seconds`."""
    end = time.monotonic() + seconds
    while is_held(state) or is_alive(pid):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def _held_message(state: Path) -> str:
    if instance := holder(state):
        return (
            f"A local AWS already runs on {state}: process {instance.pid}, port {instance.port}. "
            f"Use it (python -m loopback_aws env --state {state}), stop it (python -m loopback_aws down "
            f"--state {state}), or give this one another folder with --state DIR."
        )
    return f"Another process is starting or stopping a local AWS on {state}. Try again in a few seconds."
