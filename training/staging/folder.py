"""The folder that holds a staged data set: pictures, one list a split, and a manifest.

train/ validation/ test/            the pictures, in the format that was asked for
train.lst validation.lst test.lst   index<TAB>label<TAB>path, a line a picture, sorted by path
train.groups and so on              index<TAB>group, where pictures belong together
manifest.json                       what it is; its fingerprint covers every picture and label
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import secrets
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

from PIL import Image

from pictures.decode import decode_whole
from training.data import SPLITS
from training.group_list import in_a_line
from training.manifest import MANIFEST, SCHEMA_VERSION
from training.staging.example import Pixels, Progress, StagingError, content_digest
from training.staging.formats import FORMATS, Format, Images, Placed
from training.staging.near import Look, looks_of, near_repeats
from training.staging.split import Split

Entry = tuple[str, str, int, str, *tuple[str, ...]]
"""split, path inside the folder, label, content digest of one picture, and its group if it has one."""
IMAGES = Images()
FILES = "files"
"""The manifest's `content` where digests are of files, not of pixels: nothing is decoded to compare them."""


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
    folder: Path,
    split: Split,
    classes: Sequence[str],
    manifest: dict[str, Any],
    progress: Progress,
    form: Format = IMAGES,
) -> dict[str, Any]:
    """Write the split into the empty `folder` and return the manifest as written.

    `manifest` says where the pictures are from; classes, counts, size and fingerprint are added.
    """
    total = sum(len(examples) for examples in split.examples.values())
    entries: list[Entry] = []

    def placed(name: str) -> Iterator[Placed]:
        for path, example in sorted(paths_of(name, split.examples[name], classes).items()):
            group = in_a_line(example.group)
            yield Placed(example.label, path, _png(example.pixels), group)
            entries.append(entry(name, path, example.label, example.content, group))
            progress("writing pictures", len(entries), total)

    for name in SPLITS:
        form.write(folder, name, placed(name))
    complete = {
        "schema_version": SCHEMA_VERSION,
        **manifest,
        "classes": list(classes),
        "counts": split.counts(classes),
        **split.left_out.entries(),
        "near_repeats": near_repeats(
            {name: [Look(one.name, looks_of(one.pixels)) for one in split.examples[name]] for name in SPLITS}
        ),
        "image": _common_size(split),
        **form_entry(form.name),
        **mirror_entry(mirror=split.mirror),
        "fingerprint": fingerprint(entries),
    }
    write_manifest(folder, complete)
    return complete


def form_entry(name: str) -> dict[str, str]:
    """What the manifest says of the format; nothing of the usual one."""
    return {} if name == IMAGES.name else {"format": name}


def form_of(document: Mapping[str, Any]) -> str:
    """The format's name that a manifest says."""
    return str(document.get("format", IMAGES.name))


def mirror_entry(*, mirror: bool) -> dict[str, bool]:
    """What the manifest says where a mirrored picture is of another class; nothing otherwise."""
    return {} if mirror else {"mirror": False}


def write_manifest(folder: Path, document: dict[str, Any]) -> None:
    (folder / MANIFEST).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _png(pixels: Pixels) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="PNG")
    return file.getvalue()


def entry(split: str, path: str, label: int, content: str, group: str | None) -> Entry:
    return (split, path, label, content) if group is None else (split, path, label, content, group)


def fingerprint(entries: Iterable[Entry]) -> str:
    """SHA-256 over split, path, label, content and group of every picture, in sorted order."""
    lines = ("\t".join(map(str, one)) + "\n" for one in sorted(entries))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def folder_fingerprint(folder: Path, document: dict[str, Any]) -> str:
    """The fingerprint recomputed from the folder's lists and pictures, as its manifest's `document` says.

    Raises OSError or ValueError when one of them is missing or damaged.
    """
    form = FORMATS[form_of(document)]
    digest = file_digest if document.get("content") == FILES else _pixel_digest
    return fingerprint(
        entry(split, picture.path, picture.label, digest(picture.body), picture.group)
        for split in SPLITS
        for picture in form.read(folder, split)
    )


def file_digest(body: bytes) -> str:
    """What tells a picture whose file is kept as it is from another."""
    return hashlib.sha256(body).hexdigest()


def _pixel_digest(body: bytes) -> str:
    return content_digest(decode_whole(body))


class Placeable(Protocol):
    """What a path is made of. `suffix` is that of its file, with the dot."""

    @property
    def name(self) -> str: ...

    @property
    def label(self) -> int: ...

    @property
    def content(self) -> str: ...

    @property
    def suffix(self) -> str: ...


P = TypeVar("P", bound=Placeable)


def paths_of(split: str, pictures: Sequence[P], classes: Sequence[str]) -> dict[str, P]:
    """A path for each picture; names that clash get their class, and then their content, appended.

    Clashing names are all renamed, so that no path depends on the order of the pictures. Letters'
    case does not tell names apart, because some file systems cannot.
    """
    candidates = [
        lambda e: _safe_stem(e.name),
        lambda e: f"{_safe_stem(e.name)}-{_safe_stem(classes[e.label])}",
        lambda e: f"{_safe_stem(e.name)}-{e.label}-{e.content}",
    ]
    waiting = list(pictures)
    paths: dict[str, P] = {}
    taken: Counter[str] = Counter()
    for candidate in candidates:
        taken.update(candidate(picture).casefold() for picture in waiting)
        unique = {id(e) for e in waiting if taken[candidate(e).casefold()] == 1}
        paths |= {f"{split}/{candidate(e)}{e.suffix}": e for e in waiting if id(e) in unique}
        waiting = [e for e in waiting if id(e) not in unique]
    return paths


def _safe_stem(name: str) -> str:
    """A file name from outside as one that is legal in every file system and in an S3 key."""
    stem = re.sub(r"\.(png|jpe?g|jpe|jfif|webp)$", "", name, flags=re.IGNORECASE)
    return re.sub(r"[^A-Za-z0-9_.-]", "_", stem).lstrip(".")[:100] or "picture"


def _common_size(split: Split) -> dict[str, int]:
    sizes = {example.pixels.shape[:2] for examples in split.examples.values() for example in examples}
    if len(sizes) != 1:
        raise StagingError(f"Pictures of different sizes cannot be one data set: {sorted(sizes)}.")
    height, width = sizes.pop()
    return {"width": width, "height": height}
