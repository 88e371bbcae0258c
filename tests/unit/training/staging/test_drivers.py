"""Drawn drivers: the same for a seed, ten activities, and a subject whom a split at random gives away."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from training.data import SPLITS
from training.listing import list_images
from training.staging.drivers.activity import ACTIVITIES
from training.staging.drivers.picture import draw_driver
from training.staging.drivers.source import Drivers, SplitBy
from training.staging.example import Example, Examples, StagingError, silent
from training.staging.stage import StageRequest, stage

CLASSES = tuple(ACTIVITIES)
SMALL = (32, 24)
FLATTERY = 0.05
"""By how much a split at random must flatter at least."""


def test_nothing_but_its_number_decides_a_picture() -> None:
    arguments = ("c3", 7, 4, 11, SMALL)
    picture = draw_driver(*arguments)
    assert (picture.shape, picture.dtype) == ((24, 32, 3), np.uint8)
    assert picture.tobytes() == draw_driver(*arguments).tobytes()
    others = [
        ("c4", 7, 4, 11, SMALL),
        ("c3", 8, 4, 11, SMALL),
        ("c3", 7, 5, 11, SMALL),
        ("c3", 7, 4, 12, SMALL),
    ]
    assert len({picture.tobytes(), *(draw_driver(*other).tobytes() for other in others)}) == 5


@pytest.mark.parametrize("size", [(16, 16), (24, 60), (640, 480)])
def test_any_size_shows_the_driver(size: tuple[int, int]) -> None:
    for activity in ("c0", "c7"):
        picture = draw_driver(activity, 0, 3, 0, size)
        assert picture.shape == (size[1], size[0], 3)
        assert picture.std() > 15


def test_no_subject_is_in_two_splits_and_each_does_everything(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    source = Drivers(images=52, size=(16, 16))
    manifest = stage(source, StageRequest(classes=CLASSES, folder=folder)).manifest
    counts = manifest["counts"]
    assert manifest["mirror"] is False
    who = {split: subjects(folder / split) for split in counts}
    assert {split: len(found) for split, found in who.items()} == {"train": 19, "validation": 2, "test": 5}
    assert len(set().union(*who.values())) == 26
    assert all(counts[split] == dict.fromkeys(CLASSES, 2 * len(who[split])) for split in counts)


def test_training_is_told_who_drives(tmp_path: Path) -> None:
    source = Drivers(images=30, subjects=15, size=(16, 16))
    request = StageRequest(classes=CLASSES, folder=tmp_path / "data")
    stage(source, request)
    for split in SPLITS:
        for image in list_images(request.folder, split, len(CLASSES)):
            assert image.group == image.path.name.split("_")[1]
    assert not stage(source, request).fresh
    groups = request.folder / "train.groups"
    groups.write_text(groups.read_text().replace("\tp000", "\tp014"))
    with pytest.raises(StagingError, match="was changed since it was staged"):
        stage(source, request)


def subjects(folder: Path) -> set[str]:
    return {path.name.split("_")[1] for path in folder.iterdir()}


def test_a_split_at_random_flatters() -> None:
    accuracy = {
        split_by: linear_accuracy(Drivers(images=78, size=SMALL, split_by=split_by).examples(CLASSES, silent))
        for split_by in SplitBy
    }
    assert 1.3 / len(CLASSES) < accuracy[SplitBy.subject] < accuracy[SplitBy.random] - FLATTERY


def linear_accuracy(examples: Examples) -> float:
    """Of ridge regression on standardised pixels, at the best of a range of penalties on the test part."""
    pixels, labels = design(examples.train)
    tested, truth = design(examples.test)
    mean, deviation = pixels.mean(0), pixels.std(0)
    pixels, tested = (pixels - mean) / deviation, (tested - mean) / deviation
    gram, sides = pixels @ pixels.T, np.eye(len(CLASSES))[labels]
    scores = (
        tested @ (pixels.T @ np.linalg.solve(gram + penalty * np.eye(len(gram)), sides - 0.1))
        for penalty in (1e2, 1e3, 1e4)
    )
    return max(float(np.mean(score.argmax(1) == truth)) for score in scores)


def design(examples: list[Example]) -> tuple[np.ndarray, np.ndarray]:
    """Flattened pixels, and labels."""
    pixels = np.stack([example.pixels.ravel() for example in examples]).astype(np.float64)
    return pixels, np.array([example.label for example in examples])
