"""CIFAR-100's pictures by class name, out of the published archive.

The archive's members are pickled dicts with byte keys: `meta` lists the class names in the order of
their numbers, `train` and `test` hold `data` (uint8, N x 3072: a red, a green and a blue plane of 32
rows of 32), `fine_labels` and `filenames`. A picture's class is its fine label; file names do not tell
it (`bike_s_*` occurs in bicycle and motorcycle).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from training.staging.cifar.archive import FOLDER, read_members
from training.staging.cifar.array_pickle import UnsafePickle, bytes_of, load
from training.staging.class_names import require_known
from training.staging.example import Example, Examples, Pixels, Progress, StagingError

SIDE = 32
ROW = 3 * SIDE * SIDE


def read_cifar(archive: Path, classes: tuple[str, ...], progress: Progress) -> Examples:
    """Training and test pictures of the classes; a class's label is its place in `classes`.

    Raises StagingError when the archive is not what it should be or lacks a class.
    """
    progress("reading the archive", 0, 3)
    members = read_members(archive)
    names = _class_names(_dictionary(archive, "meta", members.pop("meta")), archive)
    require_known(classes, names, "cifar100")
    labels = {names.index(name): label for label, name in enumerate(classes)}
    parts = {}
    for done, part in enumerate(("test", "train"), start=1):
        progress("reading the archive", done, 3)
        batch = _dictionary(archive, part, members.pop(part))
        parts[part] = _examples(batch, labels, f"{archive}: {FOLDER}/{part}")
    progress("reading the archive", 3, 3)
    return Examples(train=parts["train"], test=parts["test"])


def _dictionary(archive: Path, part: str, data: bytes) -> dict[bytes, Any]:
    where = f"{archive}: {FOLDER}/{part}"
    try:
        value = load(data)
    except UnsafePickle as error:
        raise StagingError(f"{where} is refused: {error}.") from error
    if not isinstance(value, dict):
        raise StagingError(f"{where} holds {type(value).__name__}, not a dictionary.")
    return {key.encode() if isinstance(key, str) else key: item for key, item in value.items()}


def _class_names(meta: dict[bytes, Any], archive: Path) -> tuple[str, ...]:
    return tuple(_texts(meta.get(b"fine_label_names"), f"{archive}: fine_label_names"))


def _texts(value: Any, where: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str | bytes) for item in value):
        raise StagingError(f"{where} is not a list of names.")
    return [item.decode("utf-8", "replace") if isinstance(item, bytes) else item for item in value]


def _examples(batch: dict[bytes, Any], labels: dict[int, int], where: str) -> list[Example]:
    names = _texts(batch.get(b"filenames"), f"{where}: filenames")
    fine_labels = batch.get(b"fine_labels")
    if not isinstance(fine_labels, list) or not all(type(item) is int for item in fine_labels):
        raise StagingError(f"{where}: fine_labels is not a list of whole numbers.")
    try:
        rows = bytes_of(batch.get(b"data"), ROW)
    except ValueError as error:
        raise StagingError(f"{where}: data: {error}.") from error
    if not len(rows) == len(names) == len(fine_labels):
        raise StagingError(
            f"{where}: {len(rows)} pictures, {len(names)} names and {len(fine_labels)} labels do not match."
        )
    return [
        Example(name, labels[fine], _picture(row))
        for name, fine, row in zip(names, fine_labels, rows, strict=True)
        if fine in labels
    ]


def _picture(row: Pixels) -> Pixels:
    """Three planes to RGB pixels, in memory of its own so that the archive's can be freed."""
    return row.reshape(3, SIDE, SIDE).transpose(1, 2, 0).copy()
