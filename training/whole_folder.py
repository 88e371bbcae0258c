"""A folder that appears complete, or not at all."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def appearing_whole(folder: Path) -> Iterator[Path]:
    """A new sibling folder that takes `folder`'s place when the block ends well, and else vanishes."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.unfinished")
    previous = unfinished.with_suffix(".previous")
    unfinished.mkdir()
    try:
        yield unfinished
        if folder.exists():
            folder.rename(previous)
        try:
            unfinished.rename(folder)
        except BaseException:
            if previous.exists():
                previous.rename(folder)
            raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
        if folder.exists():
            shutil.rmtree(previous, ignore_errors=True)
