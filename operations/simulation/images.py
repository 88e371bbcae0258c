"""The pictures of a simulation: number n is the same picture whenever the arguments are the same."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import NamedTuple, Protocol

from PIL import Image

from pictures.decode import decode_whole
from pictures.recordio import BrokenRecordIO
from pictures.refusals import PictureRefused
from training.listing import ListedImage, list_images
from training.manifest import DatasetError, read_manifest
from training.staging.drawing.picture import VEHICLES, draw_picture
from training.staging.drift import NEW_CLASS_SHARE, Drift, drifted, new_class
from training.staging.drivers.activity import ACTIVITIES
from training.staging.drivers.picture import draw_driver
from training.staging.drivers.source import Drivers
from training.staging.example import Pixels, StagingError

FIRST_DRAWN = 1_000_000
"""Number of the first picture drawn for a simulation: staged data sets hold lower ones only."""


@dataclass(frozen=True)
class Picture:
    """A PNG, its class, and whether it is one that drift has changed."""

    png: bytes
    label: str
    drifted: bool = False


class Pictures(Protocol):
    """A source of labelled pictures, endless."""

    def picture(self, number: int, drift: Drift | None = None) -> Picture:
        """Picture `number`, from 0, changed by `drift` if there is any."""


class StagedPictures:
    """The test split of a staged folder, of images or RecordIO, in a random order.

    Once all were shown, in another order again.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        self._seed = seed
        self._classes, self._entries = _test_split(folder)

    def __len__(self) -> int:
        return len(self._entries)

    def picture(self, number: int, drift: Drift | None = None) -> Picture:
        """The picture as staged, byte for byte. Raises StagingError for one that is missing or damaged."""
        turn, place = divmod(number, len(self._entries))
        listed = self._entries[_order(len(self._entries), self._seed, turn)[place]]
        label = self._classes[listed.label]
        try:
            content = listed.read()
            if drift is None:
                return Picture(content, label)
            return Picture(_png(drifted(decode_whole(content), drift)), label, drifted=True)
        except (OSError, BrokenRecordIO, PictureRefused) as error:
            raise StagingError(f"{listed.where} cannot be read ({error}). Stage again.") from error


class Generator(NamedTuple):
    """Classes that can be drawn together, and what draws one: of a class, for a seed, by number."""

    classes: tuple[str, ...]
    draw: Callable[[str, int, int], Pixels]


def _new_vehicle(name: str, seed: int, number: int) -> Pixels:
    return draw_picture(name, seed, FIRST_DRAWN + number)


def _new_driver(name: str, seed: int, number: int) -> Pixels:
    """Each by a driver whom nobody has seen, in the size that is staged unless another is asked for."""
    return draw_driver(name, seed, FIRST_DRAWN + number, number, Drivers.size)


GENERATORS = (Generator(tuple(VEHICLES), _new_vehicle), Generator(tuple(ACTIVITIES), _new_driver))


class DrawnPictures:
    """Pictures that were never drawn before, of the given classes in equal shares."""

    def __init__(self, classes: tuple[str, ...], seed: int) -> None:
        self._generator = max(GENERATORS, key=lambda one: len({*one.classes} & {*classes}))
        unknown = [name for name in classes if name not in self._generator.classes]
        if unknown:
            names = " or of ".join(", ".join(one.classes) for one in GENERATORS)
            raise StagingError(
                f"No pictures of {', '.join(unknown)} can be drawn (only of {names}). "
                "Leave --drawn out, and give --dataset a folder staged with the model's classes."
            )
        self._classes = classes
        self._seed = seed
        self._new_class = new_class(classes, self._generator.classes)

    def picture(self, number: int, drift: Drift | None = None) -> Picture:
        """Raises StagingError when no class is left that the model does not know."""
        chance = Random(f"drawn:{self._seed}:{number}")
        label = chance.choice(self._classes)
        if drift is Drift.new_class:
            if self._new_class is None:
                raise StagingError(f"The model knows all that can be drawn: {', '.join(self._classes)}.")
            label = self._new_class if chance.random() < NEW_CLASS_SHARE else label
        pixels = self._generator.draw(label, self._seed, number)
        return Picture(
            _png(pixels if drift is None else drifted(pixels, drift)),
            label,
            drifted=drift is not None and (drift is not Drift.new_class or label == self._new_class),
        )


@dataclass(frozen=True)
class DriftingPictures:
    """What a simulation shows: pictures from a source, changed by `drift` from a share of it on.

    drift_from: from 0, all of it, to 1, nothing.
    """

    pictures: Pictures
    drift: Drift | None = None
    drift_from: float = 0.5

    def picture(self, number: int, share: float) -> Picture:
        """Picture `number`, which comes when `share` of the simulation is over."""
        return self.pictures.picture(number, self.drift if share >= self.drift_from else None)


def image_key(simulation: str, number: int) -> str:
    """Key of a simulation's image in the data bucket."""
    return f"simulations/{simulation}/images/{number:06d}.png"


def _test_split(folder: Path) -> tuple[tuple[str, ...], list[ListedImage]]:
    """The classes, and the pictures for testing, as training lists them. Raises StagingError."""
    try:
        classes = read_manifest(folder).classes
    except DatasetError as error:
        raise StagingError(
            f"{folder} is not a staged data set. Make one with `scones stage drawn --out {folder}`, "
            "name another with --dataset, or draw new pictures with --drawn."
        ) from error
    try:
        return classes, list_images(folder, "test", len(classes))
    except DatasetError as error:
        raise StagingError(f"{folder} is damaged ({error}). Stage again.") from error


@lru_cache(maxsize=4)
def _order(count: int, seed: int, turn: int) -> list[int]:
    order = list(range(count))
    Random(f"order:{seed}:{turn}").shuffle(order)
    return order


def _png(pixels: Pixels) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="PNG")
    return file.getvalue()
