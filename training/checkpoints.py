"""States of a training that outlive it, so that one that is killed goes on instead of beginning anew.

A stage of training saves what it has under a name, and asks for it when it begins. A state is there whole or
not at all, and for the training that made it only: that of the same pictures, arguments and versions.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contracts.whole_files import UnwritableError, replacing

State = dict[str, NDArray[Any]]
"""Arrays by name."""
SAGEMAKER = Path("/opt/ml/checkpoints")
"""Where a training job's checkpoints are, which SageMaker copies to S3 and back, if it was asked to."""
PAUSE = 60.0
"""Seconds between two states of what is not through: so much work at most a kill costs."""
_ABOUT, _LOCK, _ENDING = "training.json", "lock", ".state"
_DIGEST = hashlib.sha256


class CheckpointError(RuntimeError):
    """The checkpoints cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Checkpoints:
    """The states of one training, which `key` tells from others. Without a folder nothing is kept."""

    folder: Path | None = None
    key: str = ""

    def load(self, name: str) -> State | None:
        """What was saved under the name; None if nothing was, or it is damaged or another training's."""
        if self.folder is None:
            return None
        try:
            content = self._file(name).read_bytes()
            if content[:32] != self._digest(content[32:]):
                return None
            with np.load(io.BytesIO(content[32:]), allow_pickle=False) as arrays:
                return dict(arrays)
        except (OSError, ValueError):
            return None

    def save(self, name: str, state: State) -> None:
        """In place of what the name had. A disk that is full is said, and training goes on."""
        if self.folder is None:
            return
        packed = io.BytesIO()
        np.savez(packed, **state)  # type: ignore[arg-type]
        try:
            with replacing(self._file(name)) as file:
                file.write(self._digest(packed.getvalue()))
                file.write(packed.getvalue())
        except UnwritableError as error:
            _say_none(error)

    def remove(self, name: str) -> None:
        if self.folder is not None:
            self._file(name).unlink(missing_ok=True)

    def clear(self) -> None:
        """Take all away, and the folder if nothing else is in it: the training is through."""
        if self.folder is not None:
            for file in [*_states(self.folder), self.folder / _ABOUT, self.folder / _LOCK]:
                file.unlink(missing_ok=True)
            with suppress(OSError):
                self.folder.rmdir()

    def _file(self, name: str) -> Path:
        return (self.folder or Path()) / f"{name}{_ENDING}"

    def _digest(self, content: bytes) -> bytes:
        return _DIGEST(self.key.encode() + content).digest()


class Pause:
    """Says when it is time for the next state."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def is_over(self) -> bool:
        """Whether PAUSE has passed since it last was."""
        if time.monotonic() - self._last < PAUSE:
            return False
        self._last = time.monotonic()
        return True


@contextmanager
def open_checkpoints(
    folder: Path | None, about: Mapping[str, Any], *, fresh: bool = False
) -> Iterator[Checkpoints]:
    """Those in the folder, if they are of a training that is the same in all that `about` says.

    Else, or if it is to begin anew, they are removed, which is said. Raises CheckpointError while another
    training has them, and UnwritableError.
    """
    if folder is None:
        yield Checkpoints()
        return
    made = [one for one in (folder, *folder.parents) if not one.exists()]
    words = json.dumps(about, sort_keys=True)
    with _alone(folder):
        reason = "--fresh was given" if fresh else _difference(folder, about)
        kept = [file for file in _states(folder) if not file.name.startswith(".")]
        if reason:
            for state in _states(folder):
                state.unlink()
            if kept:
                print(f"BEGINS ANEW: {reason}; the checkpoints in {folder} are removed", file=sys.stderr)
        elif kept:
            written = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(max(map(_written, kept))))
            print(f"goes on from the checkpoints in {folder}, the last of {written}", flush=True)
        checkpoints = Checkpoints(folder, _DIGEST(words.encode()).hexdigest())
        try:
            with replacing(folder / _ABOUT) as file:
                file.write(words.encode())
        except UnwritableError as error:
            _say_none(error)
        try:
            yield checkpoints
        finally:
            if not _states(folder):
                checkpoints.clear()
                for one in made:
                    with suppress(OSError):  # there is something in it, or it is gone
                        one.rmdir()


def way_on(folder: Path | None) -> str:
    """What a person is told whose training ended before its end."""
    if folder is None or not any(file.name[0] != "." for file in _states(folder)):
        return ""
    return f"; the same command goes on from the checkpoints in {folder}, with --fresh it begins anew"


def _say_none(error: UnwritableError) -> None:
    print(f"no checkpoint: {error} Training goes on without.", file=sys.stderr, flush=True)


def _states(folder: Path) -> list[Path]:
    """Also those that were being written when somebody pulled the plug, whose names begin with a dot."""
    return [*folder.glob(f"*{_ENDING}"), *folder.glob(f".*{_ENDING}.*")] if folder.is_dir() else []


def _written(file: Path) -> float:
    return file.stat().st_mtime


def _difference(folder: Path, about: Mapping[str, Any]) -> str:
    """Whose checkpoints they are, if not those of this training; empty if they are, or there are none."""
    if not (folder / _ABOUT).is_file():
        return "it is not known what they are of" if _states(folder) else ""
    try:
        theirs = dict(json.loads((folder / _ABOUT).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return "it is not known what they are of"
    mine = json.loads(json.dumps(about))
    differing = sorted(name for name in theirs | mine if theirs.get(name) != mine.get(name))
    return f"they are of a training with other {', '.join(differing)}" if differing else ""


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """The lock goes with the process that has it, however it ends."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise UnwritableError(
            f"cannot write {folder}: {error.strerror}. Choose another place with --checkpoints."
        ) from None
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CheckpointError(
                f"another training is using {folder}: wait for it, or give --checkpoints another folder"
            ) from None
        yield
    finally:
        os.close(lock)
