"""RecordIO that somebody made: FILE.rec, and where they lie beside it FILE.idx and FILE.lst."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Protocol

from contracts.artifact.class_names import MAXIMUM_CLASSES
from contracts.written_text import Line, TextProblem, read_lines
from pictures.recordio import BrokenRecordIO
from training.recordio import Packed, packed_pictures, picture_at, read_index
from training.staging.example import StagingError
from training.staging.own.groups import GroupBy
from training.staging.own.place import MAX_FILE_BYTES, TOO_LARGE, inner_path, require_few
from training.staging.sample import LeftOut, Sample, Unread, shown
from training.whole_labels import whole_label

EMPTY = "a record without a picture"
NOT_INDEXED = "not in the index"
_SCANNED = 4_000_000
"""Bytes read at a time where all are read, one after the other."""
_AROUND = 4_096
"""Of framing, header and labels around a picture, nearly always more than there are."""


class Pack(Protocol):
    """A .rec and what lies beside it, on disk or in S3. Raises OSError, and StagingError where it is not."""

    @property
    def where(self) -> str:
        """As it was named, for messages; it ends as the .rec does."""

    def open(self, buffer: int) -> BinaryIO:
        """The .rec from its beginning, read by so many bytes at a time. Any thread may."""

    def lines_of(self, suffix: str) -> Iterator[Line] | None:
        """Of the file beside it that ends so, .idx or .lst; None where there is none."""


@dataclass(frozen=True)
class DiskPack:
    """A .rec of this machine."""

    path: Path

    @property
    def where(self) -> str:
        return str(self.path)

    def open(self, buffer: int) -> BinaryIO:
        if not self.path.is_file():
            raise StagingError(f"There is no file {shown(self.where)}.")
        return self.path.open("rb", buffer)

    def lines_of(self, suffix: str) -> Iterator[Line] | None:
        path = Path(beside(self.where, suffix))
        return read_lines(path) if path.is_file() else None


@dataclass(frozen=True)
class PackSource:
    """The pictures of a .rec. Those that the index leaves out are left out; without one all are taken.

    A picture's name is its path in the list, else its key: in the index, else the record's id. classes: names
    by label; without them the label is the name. label_at: which of several labels is the class, from 1 on.
    """

    pack: Pack
    classes: tuple[str, ...] | None = None
    label_at: int | None = None
    group_by: GroupBy | None = None

    @property
    def name(self) -> str:
        return PurePosixPath(self.pack.where).stem

    def identity(self) -> dict[str, Any]:
        return {
            "dataset": "recordio",
            "label_at": self.label_at,
            "group_by": self.group_by and self.group_by.words,
        }

    def samples(self, left_out: LeftOut) -> Iterator[Sample]:
        where = self.pack.where
        with _explained(where), self.pack.open(_SCANNED) as file:
            keys, paths = self._keys(), self._paths()
            for found, packed in enumerate(packed_pictures(file, where), 1):
                require_few(found, where)
                key = packed.id if keys is None else keys.pop(packed.start, None)
                name = f"{self.name}/{packed.id}" if key is None else paths.get(key, f"{self.name}/{key}")
                if reason := NOT_INDEXED if key is None else EMPTY if not packed.length else None:
                    left_out.add(reason, f"{name} (byte {packed.start})")
                elif sample := self._sample(packed, name, left_out):
                    yield sample
            if keys:
                start, key = min(keys.items())
                raise StagingError(
                    f"{beside(where, '.idx')} says that {key} is at byte {start}, where no record "
                    "begins. Remove the index if it is another file's: it is not needed."
                )

    def _keys(self) -> dict[int, int] | None:
        """Keys by the byte at which their records begin; None without an index."""
        lines, where = self.pack.lines_of(".idx"), beside(self.pack.where, ".idx")
        if lines is None:
            return None
        keys: dict[int, int] = {}
        for key, start in read_index(lines, where).items():
            if start in keys:
                raise StagingError(f"{where} has two keys for byte {start}: {keys[start]} and {key}.")
            keys[start] = key
        return keys

    def _paths(self) -> dict[int, str]:
        """The pictures' paths by index; none without a list."""
        where, paths = beside(self.pack.where, ".lst"), dict[int, str]()
        for number, text in self.pack.lines_of(".lst") or ():
            if not text.strip():
                continue
            fields = text.split("\t")
            try:
                if len(fields) < 3 or not fields[0].strip().isdecimal():
                    raise ValueError(f"expected index, label and path, separated by tabs, not {text[:80]!r}")
                paths[int(fields[0])] = inner_path(fields[-1])
            except ValueError as error:
                raise StagingError(f"{where}, line {number}: {error}.") from error
        return paths

    def _sample(self, packed: Packed, name: str, left_out: LeftOut) -> Sample | None:
        group = self.group_by.group(name, {}) if self.group_by else None
        if self.group_by and group is None:
            left_out.add("without a group", name)
            return None
        label = self._label(packed)
        class_name = self.classes[label] if self.classes else str(label)
        return Sample(name, class_name, partial(_read, self.pack, packed), group)

    def _label(self, packed: Packed) -> int:
        where, count = f"{self.pack.where}: byte {packed.start}", len(packed.labels)
        if count != 1 and self.label_at is None:
            raise StagingError(
                f"{where}: there are {count} labels; --label-at N says which is the class, 1 being the first."
            )
        at = (self.label_at or 1) - 1
        if at >= count:
            raise StagingError(f"{where}: there are {count} labels, but --label-at is {self.label_at}.")
        classes = len(self.classes) if self.classes else MAXIMUM_CLASSES
        try:
            return whole_label(f"{packed.labels[at]:.7g}", classes)
        except ValueError as error:
            raise StagingError(f"{where}: {error}.") from error


def _read(pack: Pack, packed: Packed) -> bytes:
    if packed.length > MAX_FILE_BYTES:
        raise Unread(TOO_LARGE)
    try:
        with pack.open(packed.length + _AROUND) as file:
            return picture_at(file, pack.where, packed.start)
    except BrokenRecordIO as error:
        raise StagingError(f"{error}. Was the file written to?") from error


def beside(where: str, suffix: str) -> str:
    """The name of what lies beside a .rec."""
    return where.removesuffix(".rec") + suffix


@contextmanager
def _explained(where: str) -> Iterator[None]:
    try:
        yield
    except TextProblem as error:
        raise StagingError(str(error)) from error
    except ValueError as error:
        raise StagingError(f"{error}.") from error
    except OSError as error:
        raise StagingError(f"{error.filename or where} cannot be read: {error.strerror}.") from error
