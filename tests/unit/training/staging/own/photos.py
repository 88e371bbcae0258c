"""Small pictures, and folders and lists of them, made anew by code."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from PIL import Image

from training.staging.own.place import DiskFolder
from training.staging.sample import LeftOut, Sample, SampleSource


def photo(number: int, kind: str = "PNG", size: tuple[int, int] = (24, 18)) -> bytes:
    """A picture of its own for every number, with 9 x 8 fields that tell it from others."""
    random = np.random.default_rng(number)
    fields = random.integers(0, 256, (8, 9, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(fields).resize(size, Image.Resampling.NEAREST).save(file, format=kind)
    return file.getvalue()


def write_photos(root: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def by_class(classes: Iterable[str] = ("cat", "dog"), each: int = 12, below: str = "") -> dict[str, bytes]:
    """`cat/0.png` and so on; no two are alike."""
    return {
        f"{below}{name}/{number}.png": photo(1_000 * index + number)
        for index, name in enumerate(classes)
        for number in range(each)
    }


def write_zip(path: Path, files: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def place(root: Path) -> DiskFolder:
    return DiskFolder(root)


def found(source: SampleSource) -> tuple[list[Sample], LeftOut]:
    left_out = LeftOut()
    return list(source.samples(left_out)), left_out
