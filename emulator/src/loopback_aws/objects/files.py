"""An object on disk: a file with its body, and beside it a record, whose replacement is the change.

A body is written beside its place first, then the record that names it, then the body takes its place. A
process that is killed in between has changed nothing, or `recover` completes what the record says. Nothing is
synchronized with the device: what is acknowledged outlives the process, however that ends, but perhaps not a
loss of power.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from pathlib import Path
from typing import Any

RECORD = ".meta.json"
UNFINISHED = ".tmp"
"""No key of an object is stored under a name that ends so."""
STAGED = "staged"
"""Field of a record that names the file in which its body was written."""


def replace(path: Path, record: dict[str, Any], body: bytes | None) -> None:
    """Make `record`, and `body` unless it is None, what is stored at `path`. OSError: all is as before."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    token = secrets.token_hex(4)
    staged = path.with_name(f"{path.name}.{token}{UNFINISHED}")
    new_record = path.with_name(f"{path.name}{RECORD}.{token}{UNFINISHED}")
    try:
        if body is not None:
            write_new(staged, body)
            record = record | {STAGED: staged.name}
        write_new(new_record, json.dumps(record).encode())
        new_record.replace(record_path(path))
    except BaseException:
        _remove(staged, new_record)
        raise
    if body is not None:
        staged.replace(path)


def link(path: Path, copy: Path) -> None:
    """Keep what is at `path` as `copy`, too, by a link: bodies are replaced and never changed."""
    copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = copy.with_name(f"{copy.name}.{secrets.token_hex(4)}{UNFINISHED}")
    try:
        try:
            unfinished.hardlink_to(path)
        except OSError:  # a file system without links, or too many of them
            write_new(unfinished, path.read_bytes())
        unfinished.replace(copy)
    finally:
        _remove(unfinished)  # renamed to a link of the same file, it stays


def remove(path: Path) -> None:
    """Remove what is stored at `path`: without its body, a record is none."""
    path.unlink(missing_ok=True)
    _remove(record_path(path))


def record_path(path: Path) -> Path:
    return path.with_name(path.name + RECORD)


def write_new(path: Path, data: bytes) -> None:
    """Write a file that nobody reads yet, for its owner alone. OSError: it is gone again."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
    except BaseException:
        _remove(path)
        raise


def recover(folder: Path) -> None:
    """Complete the changes that a kill interrupted after they were recorded; drop what was not."""
    for place, _, names in os.walk(folder):
        for name in names:
            if name.endswith(UNFINISHED):
                _settle(Path(place, name))


def _settle(unfinished: Path) -> None:
    path = unfinished.with_name(unfinished.name.rpartition(".")[0].rpartition(".")[0])
    try:
        record = json.loads(record_path(path).read_bytes())
    except (OSError, ValueError):
        record = {}
    if record.get(STAGED) == unfinished.name:
        unfinished.replace(path)
    else:
        unfinished.unlink(missing_ok=True)


def _remove(*paths: Path) -> None:
    for path in paths:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
