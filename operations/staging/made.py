"""Which data sets there are, and what can be asked of those that need no pictures of one's own."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from operations.staging.arguments import read_size
from training.staging.drivers.source import Drivers, SplitBy
from training.staging.example import StagingError
from training.staging.sources import Drawn, Known, cifar100


class DataSet(StrEnum):
    """Where pictures can come from."""

    drawn = "drawn"
    cifar100 = "cifar100"
    drivers = "drivers"
    folder = "folder"
    list = "list"
    recordio = "recordio"
    manifest = "manifest"
    statefarm = "statefarm"


class Form(StrEnum):
    """How a staged data set's pictures are stored."""

    images = "images"
    recordio = "recordio"


_TAKEN = {
    DataSet.drawn: {"images"},
    DataSet.cifar100: {"archive"},
    DataSet.drivers: {"images", "size", "subjects", "split_by"},
}
"""What can be said of the pictures of each data set; an archive has those that it has."""
MADE = frozenset(_TAKEN)


@dataclass(frozen=True, kw_only=True)
class MadeArguments:
    """As they were given; None where they were not. `size` may be meant for one's own pictures."""

    images: int | None
    size: str | None
    subjects: int | None
    split_by: SplitBy | None
    archive: Path | None

    def source(self, dataset: DataSet, seed: int) -> Known:
        """Raises StagingError for what is for another one."""
        given = {name: value for name, value in vars(self).items() if value is not None}
        for name in given:
            if name not in _TAKEN[dataset]:
                raise StagingError(_not_for(name, dataset))
        if self.size is not None:
            given["size"] = read_size(self.size)
        match dataset:
            case DataSet.drivers:
                return Drivers(seed=seed, **given)
            case DataSet.cifar100:
                return cifar100(self.archive)
            case _:
                return Drawn(seed=seed, **given)

    def require_none(self, dataset: DataSet, *, list_classes: bool) -> None:
        """Raise StagingError for what is not about one's own pictures."""
        for name, value in vars(self).items():
            if value is not None and name != "size":
                raise StagingError(_not_for(name, dataset))
        if list_classes:
            raise StagingError("--list-classes is not for your own pictures: their folders or lists tell.")


def _not_for(name: str, dataset: DataSet) -> str:
    takers = " and ".join(one for one, taken in _TAKEN.items() if name in taken)
    own = " and your own pictures" if name == "size" else ""
    example = ": scones stage cifar100 --archive FILE" if name == "archive" else ""
    return f"--{name.replace('_', '-')} is for {takers}{own}, not for {dataset}{example}."
