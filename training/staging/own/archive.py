"""A zip archive as a place of pictures: read member by member, never unpacked.

What no honest program writes is refused as a whole: paths that leave the archive, links, names beyond
measure, a size in no proportion to the archive's, a directory of millions of members.
"""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from training.staging.example import StagingError
from training.staging.own.place import MAX_FILE_BYTES, MAX_FILES, TOO_LARGE, inner_path, unwanted
from training.staging.sample import LeftOut, Unread, shown

MAX_RATIO = 20
"""Times the archive's size that its members may have together: pictures hardly get smaller."""
_RATIO_FROM = 100_000_000
"""Bytes of members below which no proportion is asked for."""
_END, _END_64 = b"PK\x05\x06", b"PK\x06\x06"
_LONGEST_END = 65_557 + 76


class ZipFolder:
    """The members of a zip archive."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with path.open("rb") as file:
                _require_few_members(file, path)
            self._archive = zipfile.ZipFile(path)
        except OSError as error:
            raise StagingError(f"{shown(str(path))} cannot be read: {error.strerror}.") from error
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise StagingError(f"{shown(str(path))} is no zip archive that can be read: {error}.") from error
        try:
            self._members = dict(map(self._checked, filter(_is_file, self._archive.infolist())))
            self._require_proportion()
        except ValueError as error:
            raise StagingError(f"{shown(str(path))} is refused: {error}.") from error

    @property
    def name(self) -> str:
        return self._path.stem

    def names(self, left_out: LeftOut) -> Iterator[str]:
        for name in sorted(self._members):
            if reason := unwanted(name):
                left_out.add(reason, name)
            else:
                yield name

    def read(self, name: str) -> bytes:
        member = self._members.get(name)
        if member is None:
            raise FileNotFoundError(name)
        if member.file_size > MAX_FILE_BYTES:
            raise Unread(TOO_LARGE)
        try:
            with self._archive.open(member) as file:
                return file.read(MAX_FILE_BYTES)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise Unread("damaged in the archive") from error

    def _checked(self, member: zipfile.ZipInfo) -> tuple[str, zipfile.ZipInfo]:
        name = inner_path(member.filename)
        if stat.S_ISLNK(member.external_attr >> 16):
            raise ValueError(f"{shown(name)} is a link; archives of pictures have none")
        if member.flag_bits & 1:
            raise ValueError(f"{shown(name)} is encrypted; unpack it, and stage the folder")
        return name, member

    def _require_proportion(self) -> None:
        size, whole = sum(one.file_size for one in self._members.values()), self._path.stat().st_size
        if size > _RATIO_FROM and size > MAX_RATIO * whole:
            raise ValueError(
                f"its files would have {size:,} bytes, more than {MAX_RATIO} times the archive's {whole:,}: "
                "no archive of pictures is like that"
            )


def _is_file(member: zipfile.ZipInfo) -> bool:
    return not member.filename.endswith(("/", "\\"))


def _require_few_members(file: BinaryIO, path: Path) -> None:
    """Before the directory is read, which takes half a kilobyte of memory for each member."""
    end = file.seek(0, 2)
    file.seek(max(0, end - _LONGEST_END))
    tail = file.read()
    at, at_64 = tail.rfind(_END), tail.rfind(_END_64)
    size = int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0
    if at_64 >= 0:
        size = max(size if size != 0xFFFFFFFF else 0, int.from_bytes(tail[at_64 + 40 : at_64 + 48], "little"))
    if size > MAX_FILES * 100:
        raise StagingError(f"{shown(str(path))} has more than {MAX_FILES:,} files. Stage parts of it.")
