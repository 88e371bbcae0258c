"""The folder that holds a staged data set: pictures, one list a split, and a manifest.

train/ validation/ test/            RGB PNGs
train.lst validation.lst test.lst   index<TAB>label<TAB>path, a line a picture, sorted by path
manifest.json                       what it is; its fingerprint covers every picture and label
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

from pictures.decode import decode_whole
from training.data import SPLITS
from training.manifest import MANIFEST, SCHEMA_VERSION
from training.staging.example import Example, Pixels, Progress, StagingError, content_digest
from training.staging.split import Split

Entry = tuple[str, str, int, str]
"""split, path inside the folder, label, content digest of one picture."""


@contextmanager
def appearing_whole(folder: Path) -> Iterator[Path]:
    """A new sibling folder that takes `folder`'s place when the block ends well, and else vanishes."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.unfinished")
    previous = unfinished.with_suffix(".previous")
    unfinished.mkdir()
    try:
        yield unfinished
        if folder.exists():
            folder.rename(previous)
        try:
            unfinished.rename(folder)
        except BaseException:
            if previous.exists():
                previous.rename(folder)
            raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
        if folder.exists():
            shutil.rmtree(previous, ignore_errors=True)


def write_folder(
    folder: Path, split: Split, classes: Sequence[str], manifest: dict[str, Any], progress: Progress
) -> dict[str, Any]:
    """Write the split into the empty `folder` and return the manifest as written.

    `manifest` says where the pictures are from; classes, counts, size and fingerprint are added.
    """
    total = sum(len(examples) for examples in split.examples.values())
    entries: list[Entry] = []
    for name in SPLITS:
        (folder / name).mkdir()
        rows = sorted(_paths(name, split.examples[name], classes).items())
        for path, example in rows:
            Image.fromarray(example.pixels).save(folder / path, format="PNG")
            entries.append((name, path, example.label, example.content))
            progress("writing pictures", len(entries), total)
        lines = [f"{index}\t{example.label}\t{path}\n" for index, (path, example) in enumerate(rows)]
        (folder / f"{name}.lst").write_text("".join(lines), encoding="utf-8")
    complete = {
        "schema_version": SCHEMA_VERSION,
        **manifest,
        "classes": list(classes),
        "counts": split.counts(classes),
        "left_out": split.left_out,
        "image": _common_size(split),
        "fingerprint": fingerprint(entries),
    }
    (folder / MANIFEST).write_text(json.dumps(complete, indent=2) + "\n", encoding="utf-8")
    return complete


def fingerprint(entries: Iterable[Entry]) -> str:
    """SHA-256 over split, path, label and content of every picture, in sorted order."""
    lines = ("\t".join(map(str, entry)) + "\n" for entry in sorted(entries))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def folder_fingerprint(folder: Path) -> str:
    """The fingerprint recomputed from the folder's lists and pictures.

    Raises OSError or ValueError when one of them is missing or damaged.
    """
    entries: list[Entry] = []
    for split in SPLITS:
        for line in (folder / f"{split}.lst").read_text(encoding="utf-8").splitlines():
            _, label, path = line.split("\t")
            entries.append((split, path, int(label), content_digest(_read_pixels(folder / path))))
    return fingerprint(entries)


def _read_pixels(path: Path) -> Pixels:
    return decode_whole(path.read_bytes())


def _paths(split: str, examples: Sequence[Example], classes: Sequence[str]) -> dict[str, Example]:
    """A path for each picture; names that clash get their class, and then their content, appended.

    Clashing names are all renamed, so that no path depends on the order of the pictures. Letters'
    case does not tell names apart, because some file systems cannot.
    """
    candidates = [
        lambda e: _safe_stem(e.name),
        lambda e: f"{_safe_stem(e.name)}-{classes[e.label]}",
        lambda e: f"{_safe_stem(e.name)}-{classes[e.label]}-{e.content[:12]}",
    ]
    waiting = list(examples)
    paths: dict[str, Example] = {}
    taken: Counter[str] = Counter()
    for candidate in candidates:
        taken.update(candidate(example).casefold() for example in waiting)
        unique = {id(e) for e in waiting if taken[candidate(e).casefold()] == 1}
        paths |= {f"{split}/{candidate(e)}.png": e for e in waiting if id(e) in unique}
        waiting = [e for e in waiting if id(e) not in unique]
    return paths


def _safe_stem(name: str) -> str:
    """A file name from outside as one that is legal in every file system and in an S3 key."""
    stem = re.sub(r"\.png$", "", name, flags=re.IGNORECASE)
    return re.sub(r"[^A-Za-z0-9_.-]", "_", stem).lstrip(".")[:100] or "picture"


def _common_size(split: Split) -> dict[str, int]:
    sizes = {example.pixels.shape[:2] for examples in split.examples.values() for example in examples}
    if len(sizes) != 1:
        raise StagingError(f"Pictures of different sizes cannot be one data set: {sorted(sizes)}.")
    height, width = sizes.pop()
    return {"width": width, "height": height}
