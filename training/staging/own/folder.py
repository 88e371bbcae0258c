"""A folder of pictures: one sub-folder a class, or train/, validation/ and test/ above them.

State Farm's published pictures are such a folder with a CSV of who drove.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from contracts.written_text import written_lines
from training.staging.example import StagingError
from training.staging.own.groups import NO_ROWS, GroupBy, Rows, read_rows
from training.staging.own.place import Place
from training.staging.sample import LeftOut, Sample, Unread, shown

PARTS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("validation", "valid", "val"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}
NO_CLASS = "in no class's folder"
NO_GROUP = "without a group"
DRIVERS = "driver_imgs_list.csv"


@dataclass(frozen=True)
class FolderSource:
    """Pictures whose folder is their class.

    rows: of a CSV that tells groups. below: the folder of the place that is meant, empty or with a slash.
    wrapped: step into a folder around all classes, as archives often have one.
    """

    place: Place
    group_by: GroupBy | None = None
    rows: Rows = NO_ROWS
    kind: str = "folder"
    below: str = ""
    wrapped: bool = False
    classes: tuple[str, ...] | None = None

    @property
    def name(self) -> str:
        return self.place.name

    def identity(self) -> dict[str, Any]:
        return {"dataset": self.kind, "group_by": self.group_by.words if self.group_by else None}

    def samples(self, left_out: LeftOut) -> Iterator[Sample]:
        below = self.below
        names = self._names(left_out)
        while self.wrapped and (outer := _outer_folder(names)):
            below += outer
            names = [name.removeprefix(outer) for name in names]
        parted = _is_parted(names)
        for name in names:
            parts = name.split("/")
            part = PARTS.get(parts[0].casefold()) if parted else None
            if len(parts) < 2 + parted:
                left_out.add(NO_CLASS, name)
                continue
            group = self.group_by.group(name, self.rows.find(name)) if self.group_by else None
            if self.group_by and group is None:
                left_out.add(NO_GROUP, name)
                continue
            yield Sample(name, parts[parted], partial(self.place.read, below + name), group, part)

    def _names(self, left_out: LeftOut) -> list[str]:
        found = []
        for name in self.place.names(left_out):
            if name.startswith(self.below):
                found.append(name.removeprefix(self.below))
            elif name.rpartition("/")[2] != DRIVERS:
                left_out.add(f"outside {self.below}", name)
        return found


def _outer_folder(names: list[str]) -> str:
    """The one folder around all classes or splits, with a slash; empty where there is none.

    Files beside the classes, such as a licence, are in no class and decide nothing.
    """
    tops = {name.partition("/")[0] for name in names if "/" in name}
    deep = any(name.count("/") > 1 for name in names)
    return f"{tops.pop()}/" if len(tops) == 1 and deep and not _is_parted(names) else ""


def _is_parted(names: list[str]) -> bool:
    """Whether the first folders are splits: train and at most the others, each with folders in it."""
    tops = {name.partition("/")[0].casefold() for name in names if "/" in name}
    deep = {name.partition("/")[0].casefold() for name in names if name.count("/") > 1}
    return tops <= set(PARTS) and any(PARTS[top] == "train" for top in deep if top in PARTS)


def statefarm(place: Place) -> FolderSource:
    """State Farm's pictures by who drove; only those for training have a class.

    Raises StagingError where the list of drivers or these pictures are not there.
    """
    names = list(place.names(LeftOut()))
    listed = next((name for name in names if name.rpartition("/")[2] == DRIVERS), None)
    inside = next((name for name in names if "/train/" in f"/{name}"), None)
    if listed is None or inside is None:
        missing = "no folder train" if listed else f"no {DRIVERS}"
        raise StagingError(f"There is {missing} in {shown(place.name)}: is it what State Farm published?")
    try:
        content = place.read(listed)
    except (OSError, Unread) as error:
        raise StagingError(f"{shown(listed)} cannot be read: {error}.") from error
    below = inside[: f"/{inside}".index("/train/") + len("train/")]
    rows = read_rows(written_lines([content], listed), listed, "subject")
    return FolderSource(place, GroupBy("subject", column="subject"), rows, "statefarm", below)
