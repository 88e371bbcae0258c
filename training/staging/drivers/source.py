"""Drawn drivers as a source of a data set: so many of each activity, by so many subjects."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from training.staging.class_names import require_known
from training.staging.drivers.activity import ACTIVITIES
from training.staging.drivers.picture import VERSION, draw_driver
from training.staging.example import Example, Examples, Progress, StagingError

IMAGE_LIMITS = (30, 100_000)
"""Fewest and most pictures of a class."""
SUBJECT_LIMITS = (10, 1000)
SIDE_LIMITS = (16, 640)
"""Of width and height in pixels."""
TEST_STEP = 5
"""One subject, or picture, in so many is for testing."""


class SplitBy(StrEnum):
    """What a split keeps together: all pictures of a subject, or each picture by itself."""

    subject = "subject"
    random = "random"


@dataclass(frozen=True)
class Drivers:
    """Pictures of drivers that a seeded generator draws.

    images: of a class, dealt evenly to the subjects. size: (width, height) of a picture.
    """

    images: int = 260
    subjects: int = 26
    size: tuple[int, int] = (64, 48)
    split_by: SplitBy = SplitBy.subject
    seed: int = 0
    name: str = "drivers"
    classes: tuple[str, ...] = tuple(ACTIVITIES)
    default_classes: tuple[str, ...] = tuple(ACTIVITIES)

    def identity(self) -> dict[str, Any]:
        return {
            "dataset": self.name,
            "generator": VERSION,
            "images": self.images,
            "subjects": self.subjects,
            "size": list(self.size),
            "split_by": str(self.split_by),
            "drawing_seed": self.seed,
            "mirror": False,
        }

    def describe(self) -> str:
        return (
            f"drivers, generator {VERSION} with seed {self.seed}, {self.images:,} pictures a class "
            f"of {self.subjects} subjects, split by {self.split_by}"
        )

    def check_classes(self, classes: tuple[str, ...]) -> None:
        require_known(classes, self.classes, self.name)

    def examples(self, classes: tuple[str, ...], progress: Progress) -> Examples:
        """Every subject does everything; a fifth of the subjects, or of the pictures, are for testing.

        A picture depends on seed, class, number, size and the number of subjects only.
        """
        self._check()
        examples = Examples([], [], {name: ACTIVITIES[name] for name in classes}, mirror=False)
        for label, activity in enumerate(classes):
            for index in range(self.images):
                subject = index % self.subjects
                name = f"{activity}_p{subject:03d}_{index:06d}.png"
                pixels = draw_driver(activity, self.seed, subject, index, self.size)
                group = f"p{subject:03d}" if self.split_by is SplitBy.subject else None
                part = examples.test if self._tested(subject, name) else examples.train
                part.append(Example(name, label, pixels, group))
                progress("drawing pictures", label * self.images + index + 1, len(classes) * self.images)
        return examples

    def _tested(self, subject: int, name: str) -> bool:
        if self.split_by is SplitBy.subject:
            return subject % TEST_STEP == TEST_STEP - 2
        return hashlib.sha256(f"{self.seed}:{name}".encode()).digest()[0] < 256 // TEST_STEP

    def _check(self) -> None:
        for value, (least, most), what in (
            (self.images, IMAGE_LIMITS, "pictures a class"),
            (self.subjects, SUBJECT_LIMITS, "subjects"),
            (self.size[0], SIDE_LIMITS, "pixels of width"),
            (self.size[1], SIDE_LIMITS, "pixels of height"),
        ):
            if not least <= value <= most:
                raise StagingError(f"{value} {what} is outside {least:,} to {most:,}.")
        if self.images < self.subjects:
            raise StagingError(
                f"{self.images} pictures a class are fewer than the {self.subjects} subjects, of which each "
                "does everything: give more --images or fewer --subjects."
            )
