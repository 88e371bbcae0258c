"""Vehicles, drawn or of CIFAR-100, as sources of pictures; drawn drivers have a room of their own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from training.staging.cifar.download import PUBLISHED_MD5, download_archive, file_md5
from training.staging.cifar.pictures import read_cifar
from training.staging.class_names import CIFAR100, require_known
from training.staging.drawing.picture import VEHICLES, VERSION, draw_picture
from training.staging.drivers.source import Drivers
from training.staging.example import Example, Examples, Progress, StagingError

DEFAULT_CLASSES = ("bicycle", "motorcycle")
ARCHIVE_VARIABLE = "CIFAR100_ARCHIVE"
DOWNLOAD = Path("build/download/cifar-100-python.tar.gz")
IMAGE_LIMITS = (30, 100_000)
"""Fewest and most pictures of a class."""
TEST_STEP = 5
"""One picture in so many is for testing."""


@dataclass(frozen=True)
class Drawn:
    """Pictures of vehicles that a seeded generator draws; nothing is downloaded."""

    images: int = 1000
    seed: int = 0
    name: str = "drawn"
    default_classes: tuple[str, ...] = DEFAULT_CLASSES

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(VEHICLES)

    def identity(self) -> dict[str, Any]:
        return {
            "dataset": self.name,
            "generator": VERSION,
            "images": self.images,
            "drawing_seed": self.seed,
        }

    def describe(self) -> str:
        return f"drawing generator {VERSION} with seed {self.seed}, {self.images:,} pictures a class"

    def check_classes(self, classes: tuple[str, ...]) -> None:
        require_known(classes, self.classes, self.name)

    def examples(self, classes: tuple[str, ...], progress: Progress) -> Examples:
        return draw_examples(classes, self.images, self.seed, progress)


def draw_examples(classes: tuple[str, ...], images: int, seed: int, progress: Progress) -> Examples:
    """`images` pictures of each class, a fifth of them for testing.

    A picture depends on the seed, its class and its number only: more pictures or other classes add
    to a data set without changing what was in it.
    """
    fewest, most = IMAGE_LIMITS
    if not fewest <= images <= most:
        raise StagingError(f"{images} pictures a class is outside {fewest:,} to {most:,}.")
    examples = Examples(train=[], test=[])
    for label, vehicle in enumerate(classes):
        for index in range(images):
            name = f"{vehicle}_s_{index:06d}.png"
            part = examples.test if index % TEST_STEP == TEST_STEP - 2 else examples.train
            part.append(Example(name, label, draw_picture(vehicle, seed, index)))
            progress("drawing pictures", label * images + index + 1, len(classes) * images)
    return examples


@dataclass(frozen=True)
class Cifar100:
    """CIFAR-100: the user's `archive`, which may be a part of it, or the published one.

    download: where the published archive is kept once fetched.
    """

    archive: Path | None
    download: Path
    name: str = "cifar100"
    classes: tuple[str, ...] = CIFAR100
    default_classes: tuple[str, ...] = DEFAULT_CLASSES

    def identity(self) -> dict[str, Any]:
        return {"dataset": self.name, "archive_md5": self._md5}

    def describe(self) -> str:
        return f"CIFAR-100 archive with md5 {self._md5}"

    def check_classes(self, classes: tuple[str, ...]) -> None:
        """The published names; a user's archive is asked itself, when it is read."""
        if self.archive is None:
            require_known(classes, self.classes, self.name)

    def examples(self, classes: tuple[str, ...], progress: Progress) -> Examples:
        return read_cifar(self.archive or download_archive(self.download, progress), classes, progress)

    @cached_property
    def _md5(self) -> str:
        if self.archive is None:
            return PUBLISHED_MD5
        if not self.archive.is_file():
            raise StagingError(f"There is no archive {self.archive}.")
        return file_md5(self.archive)


def cifar100(archive: Path | None = None) -> Cifar100:
    """CIFAR-100 of an archive, else of the one that CIFAR100_ARCHIVE names, else as published, downloaded."""
    named = os.environ.get(ARCHIVE_VARIABLE)
    return Cifar100(archive or (Path(named) if named else None), DOWNLOAD)


Known = Drawn | Cifar100 | Drivers
"""A source that has `default_classes`: what is staged of it unless others are asked for."""
