"""The pictures of a person as a staged folder: their own files, or smaller PNGs where that was asked for."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from pictures.decode import decode_within
from training.data import SPLITS
from training.group_list import in_a_line
from training.manifest import SCHEMA_VERSION
from training.staging.example import Progress, StagingError
from training.staging.folder import (
    FILES,
    Entry,
    entry,
    file_digest,
    fingerprint,
    form_entry,
    paths_of,
    write_manifest,
)
from training.staging.formats import FORMATS, Placed
from training.staging.own.seen import Seen, in_order
from training.staging.own.splits import Parts
from training.staging.sample import Unread, shown

Size = tuple[int, int]


class Wanted(Protocol):
    """Pictures that do not fit in `size`, (width, height), are made smaller; `form` is the format's name."""

    @property
    def size(self) -> Size | None: ...

    @property
    def form(self) -> str: ...

    @property
    def required_share(self) -> float: ...


def write_pictures(
    folder: Path, parts: Parts, about: dict[str, Any], wanted: Wanted, progress: Progress
) -> dict[str, Any]:
    """Write the splits into the empty `folder`, and return the manifest as written.

    `about` is the manifest without what is known only now.
    """
    size, form = wanted.size, wanted.form
    total = sum(map(len, parts.values()))
    entries: list[Entry] = []
    sizes: set[Size] = set()

    def placed(part: str) -> Iterator[Placed]:
        rows = sorted(paths_of(part, [_sized(one, size) for one in parts[part]], about["classes"]).items())
        for (path, picture), (body, digest, kept) in in_order(
            lambda row: _body(row[1], size, wanted.required_share), rows
        ):
            sizes.add(kept)
            group = in_a_line(picture.sample.group)
            entries.append(entry(part, path, picture.label, digest, group))
            yield Placed(picture.label, path, body, group)
            progress("writing pictures", len(entries), total)

    for part in SPLITS:
        FORMATS[form].write(folder, part, placed(part))
    document = {
        "schema_version": SCHEMA_VERSION,
        **about,
        "image": _describe(sizes),
        "content": FILES,
        **form_entry(form),
        "fingerprint": fingerprint(entries),
    }
    write_manifest(folder, document)
    return document


def _fits(picture: Seen, size: Size | None) -> bool:
    return size is None or (picture.size[0] <= size[0] and picture.size[1] <= size[1])


def _sized(picture: Seen, size: Size | None) -> Seen:
    """With the suffix that its file will have."""
    if not _fits(picture, size):
        picture.suffix = ".png"
    return picture


def _body(picture: Seen, size: Size | None, required: float) -> tuple[bytes, str, Size]:
    """The file as it will be stored, its digest, and its (width, height).

    Raises StagingError if it is another file by now.
    """
    name = picture.sample.name
    try:
        body = picture.sample.read()
    except (OSError, Unread) as error:
        raise StagingError(f"{shown(name)} cannot be read any more: {error}. Stage again.") from error
    if file_digest(body) != picture.file:
        raise StagingError(f"{shown(name)} was changed while it was staged. Stage again.")
    if size is None or _fits(picture, size):
        return body, picture.file, picture.size
    smaller = decode_within(body, *size, required)
    file = io.BytesIO()
    smaller.save(file, format="PNG")
    return file.getvalue(), file_digest(file.getvalue()), smaller.size


def _describe(sizes: set[Size]) -> dict[str, Any]:
    """The size that all share, else the smallest and the largest sides."""
    widths, heights = zip(*sizes, strict=True)
    if len(sizes) == 1:
        return {"width": widths[0], "height": heights[0]}
    return {"widths": [min(widths), max(widths)], "heights": [min(heights), max(heights)]}
