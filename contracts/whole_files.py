"""Files that appear whole or not at all, for whoever reads them meanwhile: artifacts, pages, figures."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


class UnwritableError(OSError):
    """A file cannot be put where it was asked for; the message names the path, the reason and the way out."""


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of `path` when the block ends, and vanishes if it fails.

    Raises UnwritableError, naming the path, when the disk is full or does not let it be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise _unwritable(path, error) from None
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _unwritable(path, error) from None
        raise


def check_writable(path: Path, example: str) -> None:
    """Raise UnwritableError now if a file could not be put at `path` later; nothing is made.

    `example`: what such a file may be called.
    """
    if path.is_dir():
        raise UnwritableError(f"cannot write {path}: it is a folder. Name a file in it, such as {example}.")
    if path.exists() and not path.is_file():
        raise UnwritableError(f"cannot write {path}: it is no plain file. Choose another place.")
    above = next(folder for folder in path.absolute().parents if folder.exists())
    if not above.is_dir():
        raise UnwritableError(f"cannot write {path}: {above} is no folder. Choose another place.")
    if not os.access(above, os.W_OK):
        raise UnwritableError(f"cannot write {path}: {above} is not yours to write. Choose another place.")


def _unwritable(path: Path, error: OSError) -> UnwritableError:
    reason = error.strerror or str(error)
    return UnwritableError(f"cannot write {path}: {reason}. Make room there, or choose another place.")
