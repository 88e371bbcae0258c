"""Where a person's files lie: a folder here; a zip archive and S3 look the same to a source."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from pictures.limits import MAX_PIXELS
from training.staging.example import StagingError
from training.staging.sample import LeftOut, Unread, shown

MAX_FILE_BYTES = 3 * MAX_PIXELS + 1_000_000
"""Of one picture: the largest that is decoded, stored without compression."""
MAX_NAME_BYTES = 1_024
"""Of a path in its place, as of a key in S3."""
MAX_FILES = 1_000_000
_SYSTEM_FILES = frozenset({"thumbs.db", "desktop.ini", "ehthumbs.db", "icon\r", "__macosx"})
_DRIVE = re.compile(r"[A-Za-z]:")
TOO_LARGE = f"larger than {MAX_FILE_BYTES // 1_000_000} MB"


class Place(Protocol):
    """A folder of files; names are paths in it, with slashes."""

    @property
    def name(self) -> str:
        """Its last part, as a short name of what is in it."""

    def names(self, left_out: LeftOut) -> Iterator[str]:
        """Of all files that may be pictures, sorted; others go to `left_out`. Raises StagingError."""

    def read(self, name: str) -> bytes:
        """The content of a file; raises OSError, or Unread with a reason."""


class DiskFolder:
    """A folder of this machine. Links in it are not followed."""

    def __init__(self, root: Path) -> None:
        if not root.is_dir():
            raise StagingError(f"There is no folder {shown(str(root))}.")
        self._root = Path(os.path.realpath(root))
        self._folders: dict[str, str] = {}

    @property
    def name(self) -> str:
        return self._root.name

    def names(self, left_out: LeftOut) -> Iterator[str]:
        found = 0
        for path in _walk(self._root, left_out):
            name = path.removeprefix(f"{self._root}{os.sep}").replace(os.sep, "/")
            if reason := unwanted(name):
                left_out.add(reason, name)
                continue
            found += 1
            require_few(found, str(self._root))
            yield name

    def read(self, name: str) -> bytes:
        folder, _, file_name = name.rpartition("/")
        path = f"{self._really(folder)}{os.sep}{file_name}"
        if Path(path).is_symlink():
            path = os.path.realpath(path)
            self._require_inside(path)
        # Without O_NONBLOCK a pipe would be waited for.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            about = os.fstat(descriptor)
            if not stat.S_ISREG(about.st_mode):
                raise Unread("no regular file")
            if about.st_size > MAX_FILE_BYTES:
                raise Unread(TOO_LARGE)
            return file.read()

    def _really(self, folder: str) -> str:
        """Where a folder of it really is; many files lie in one, and it is looked up once."""
        if folder not in self._folders:
            path = os.path.realpath(self._root / folder)
            self._require_inside(path)
            self._folders[folder] = path
        return self._folders[folder]

    def _require_inside(self, path: str) -> None:
        if path != str(self._root) and not path.startswith(f"{self._root}{os.sep}"):
            raise Unread("a link that leaves the folder")


def _walk(root: Path, left_out: LeftOut) -> Iterator[str]:
    def unreadable(error: OSError) -> None:
        left_out.add(f"unreadable ({error.strerror})", str(error.filename).removeprefix(f"{root}{os.sep}"))

    for folder, folders, files in os.walk(root, onerror=unreadable):
        kept = []
        for name in sorted(folders) + sorted(files):
            path = f"{folder}{os.sep}{name}"
            if Path(path).is_symlink():
                left_out.add("a link", path.removeprefix(f"{root}{os.sep}"))
            else:
                kept.append(name)
        inside, directories = set(kept), set(folders)
        folders[:] = sorted(directories & inside)
        yield from (f"{folder}{os.sep}{name}" for name in sorted(inside - directories))


def unwanted(name: str) -> str | None:
    """Why a file is none of the pictures, whatever is in it; None when it may be one."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return "a name that is not UTF-8"
    parts = name.split("/")
    if any(part.casefold() in _SYSTEM_FILES for part in parts):
        return "an operating system's file"
    return "hidden" if any(part.startswith(".") for part in parts) else None


def inner_path(text: str) -> str:
    """A path that somebody wrote, as a name in a place; ValueError where it leaves the place.

    Lists of Windows have backslashes.
    """
    name = text.strip().replace("\\", "/")
    if name.startswith("/") or _DRIVE.match(name):
        raise ValueError(f"the path {shown(text)!r} is absolute: write it as seen from the pictures' folder")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise ValueError(f"the path {shown(text)!r} leaves the pictures' folder")
    if not parts or "\0" in name:
        raise ValueError(f"the path {shown(text)!r} names no file")
    if (size := len(name.encode("utf-8", "surrogatepass"))) > MAX_NAME_BYTES:
        raise ValueError(
            f"the path {shown(text)!r} has {size:,} bytes, at most {MAX_NAME_BYTES:,} are possible"
        )
    return "/".join(parts)


def require_few(count: int, where: str) -> None:
    """Raise StagingError for more pictures than one data set may have."""
    if count > MAX_FILES:
        raise StagingError(f"{shown(where)} has more than {MAX_FILES:,} pictures. Stage parts of it.")
