"""The two sources of pictures, as staging sees them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from training import drawn
from training.cifar import read_cifar
from training.class_names import CIFAR100, require_known
from training.download import PUBLISHED_MD5, download_archive, file_md5
from training.example import Examples, Progress
from training.staging_error import StagingError


@dataclass(frozen=True)
class Drawn:
    """Pictures of vehicles that a seeded generator draws; nothing is downloaded."""

    images: int = 1000
    seed: int = 0
    name: str = "drawn"

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(drawn.VEHICLES)

    def identity(self) -> dict[str, Any]:
        return {
            "dataset": self.name,
            "generator": drawn.VERSION,
            "images": self.images,
            "drawing_seed": self.seed,
        }

    def describe(self) -> str:
        return f"drawing generator {drawn.VERSION} with seed {self.seed}, {self.images:,} pictures a class"

    def check_classes(self, classes: tuple[str, ...]) -> None:
        require_known(classes, self.classes, self.name)

    def examples(self, classes: tuple[str, ...], progress: Progress) -> Examples:
        return drawn.draw_examples(classes, self.images, self.seed, progress)


@dataclass(frozen=True)
class Cifar100:
    """CIFAR-100: the user's `archive`, which may be a part of it, or the published one.

    download: where the published archive is kept once fetched.
    """

    archive: Path | None
    download: Path
    name: str = "cifar100"
    classes: tuple[str, ...] = CIFAR100

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
