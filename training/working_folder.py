"""A folder for the time of one run, which the next run clears away if this one is killed."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

_LOCK = "in-use"


@contextmanager
def working_folder(prefix: str) -> Iterator[Path]:
    """An empty folder below TMPDIR, whose name begins so; it and what killed runs left are removed."""
    for folder in Path(gettempdir()).glob(f"{prefix}*"):
        with suppress(OSError):
            _remove_if_left(folder)
    with TemporaryDirectory(prefix=prefix) as name:
        folder = Path(name)
        with (folder / "new").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # it goes with the process, however that ends
            (folder / "new").rename(folder / _LOCK)  # nobody sees one that is not locked yet
            yield folder


def _remove_if_left(folder: Path) -> None:
    """Only what this module made for this user, and nobody has any more."""
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        return
    lock = os.open(folder / _LOCK, os.O_RDWR | os.O_NOFOLLOW)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)
