"""Uploads in parts: what was acknowledged of them is on disk, and the bodies of the parts only there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from loopback_aws.objects import files

_UPLOAD = "upload"

Upload = dict[str, Any]
"""What is kept of an upload: its `parts` by their numbers, and what the object will have beside its body."""


class Parts(dict[int, dict[str, Any]]):
    """Parts by number, each in a file of the upload's folder; their bodies are nowhere else."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def __setitem__(self, number: int, part: dict[str, Any]) -> None:
        described = {name: value for name, value in part.items() if name != "body"}
        path = self._folder / str(number)
        files.replace(path, described, part["body"])
        super().__setitem__(number, _Part(path, described))

    def load(self) -> None:
        """Take in what is in the folder."""
        for record in self._folder.glob(f"*{files.RECORD}"):
            number = record.name.removesuffix(files.RECORD)
            if number.isdecimal():
                described = json.loads(record.read_bytes())
                super().__setitem__(int(number), _Part(self._folder / number, described))


class _Part(dict[str, Any]):
    """A part whose body is read whenever it is asked for."""

    def __init__(self, path: Path, described: dict[str, Any]) -> None:
        super().__init__(described)
        self._path = path

    def __getitem__(self, name: str) -> Any:
        return self._path.read_bytes() if name == "body" else super().__getitem__(name)


def keep(folder: Path, upload: Upload) -> None:
    """Write an upload that begins, and have its parts kept from now on. OSError: nothing of it is there."""
    described = {name: value for name, value in upload.items() if name != "parts"}
    try:
        files.replace(folder / _UPLOAD, described, b"")
    except OSError:
        forget(folder)
        raise
    upload["parts"] = Parts(folder)


def forget(folder: Path) -> None:
    """Remove an upload that has ended."""
    shutil.rmtree(folder, ignore_errors=True)


def kept(folder: Path) -> Iterator[tuple[Path, Upload]]:
    """Every upload that is kept below `folder`, with its own folder."""
    for record in folder.glob(f"*/*/{_UPLOAD}{files.RECORD}"):
        upload = json.loads(record.read_bytes())
        parts = Parts(record.parent)
        parts.load()
        yield record.parent, upload | {"parts": parts}
