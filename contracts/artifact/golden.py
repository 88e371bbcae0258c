"""`golden.json`: pictures in the artifact, with the probabilities that its model gives them as it is served.

Whoever sends them to an endpoint and gets other answers talks to another model, or to one that sees other
pixels. An artifact may have none; nothing of it is needed for serving.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from math import fsum
from typing import Any, NamedTuple

from contracts.artifact.archive import (
    GOLDEN,
    GOLDEN_PICTURES,
    MAXIMUM_GOLDEN_BYTES,
    MAXIMUM_GOLDEN_PICTURES,
    ArtifactError,
)
from contracts.artifact.excerpt import shown_value
from contracts.artifact.fields import as_object, as_share

SCHEMA_VERSION = 1
TOLERANCE = 1e-3
"""Of a probability: what processors, and libraries of another version, may make of the same picture."""


class GoldenPicture(NamedTuple):
    """A picture of the held-out part, byte for byte as it was staged, with the class that it shows and one
    probability a class, in the model's order. `name`: of its member."""

    name: str
    content: bytes
    true_class: str
    probabilities: tuple[float, ...]


def golden_members(pictures: Sequence[GoldenPicture]) -> dict[str, bytes]:
    """The archive's members for these pictures, always the same bytes; none for none."""
    if not pictures:
        return {}
    entries = [
        {"file": picture.name, "class": picture.true_class, "probabilities": list(picture.probabilities)}
        for picture in pictures
    ]
    document = {"schema_version": SCHEMA_VERSION, "pictures": entries}
    return {
        GOLDEN: (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode(),
        **{picture.name: picture.content for picture in pictures},
    }


def parse_golden(
    contents: Mapping[str, bytes], classes: Sequence[str], name: str
) -> tuple[GoldenPicture, ...]:
    """From an archive's members, of a model of these classes; empty where it has no golden.json.

    `name` is what messages call that file. Raises ArtifactError with every problem.
    """
    if GOLDEN not in contents:
        return ()
    try:
        document = json.loads(contents[GOLDEN])
        found = list(_problems(document, contents, classes))
    except (ValueError, RecursionError) as error:
        found = [f"it is not JSON ({error})"]
    if found:
        raise ArtifactError(f"{name} cannot be used: {'; '.join(found)}: train the model again")
    return tuple(
        GoldenPicture(
            entry["file"], contents[entry["file"]], entry["class"], tuple(map(float, entry["probabilities"]))
        )
        for entry in document["pictures"]
    )


def _problems(document: Any, contents: Mapping[str, bytes], classes: Sequence[str]) -> Iterator[str]:
    version = as_object(document).get("schema_version")
    if version != SCHEMA_VERSION or isinstance(version, bool):
        yield f"schema_version is {shown_value(version)}, {SCHEMA_VERSION} is read"
        return
    entries = document.get("pictures")
    if not isinstance(entries, list) or not 1 <= len(entries) <= MAXIMUM_GOLDEN_PICTURES:
        yield f"pictures is {shown_value(entries)}, not a list of 1 to {MAXIMUM_GOLDEN_PICTURES}"
        return
    for number, entry in enumerate(map(as_object, entries)):
        for problem in _entry_problems(entry, contents, classes):
            yield f"pictures[{number}].{problem}"
    files = [file for entry in entries if isinstance(file := as_object(entry).get("file"), str)]
    if len(set(files)) < len(files):
        yield "pictures names a file more than once"
    if (size := sum(len(contents.get(file, b"")) for file in set(files))) > MAXIMUM_GOLDEN_BYTES:
        yield f"its pictures have {size:,} bytes, the limit is {MAXIMUM_GOLDEN_BYTES:,}"


def _entry_problems(
    entry: Mapping[str, Any], contents: Mapping[str, bytes], classes: Sequence[str]
) -> Iterator[str]:
    file, true_class, given = entry.get("file"), entry.get("class"), entry.get("probabilities")
    if file not in GOLDEN_PICTURES:
        yield f"file is {shown_value(file)}, not golden/00.png or the like"
    elif file not in contents:
        yield f"file is {file}, which the archive does not hold"
    if true_class not in classes:
        yield f"class is {shown_value(true_class)}, which is no class of the model"
    shares = [as_share(one) for one in given] if isinstance(given, list) else []
    if len(shares) != len(classes) or None in shares or abs(fsum(filter(None, shares)) - 1) > TOLERANCE:
        yield f"probabilities is {shown_value(given)}, not {len(classes)} numbers that sum to 1"
