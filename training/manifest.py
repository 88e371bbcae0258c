"""What a staged data set says of itself: `manifest.json`, which staging writes and everybody else reads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contracts.artifact.class_names import class_names_problem, class_problems, names_problems
from pictures.limits import WHOLE, share_from_text

MANIFEST = "manifest.json"
SCHEMA_VERSION = 1


class DatasetError(ValueError):
    """The data set cannot be used; the message says which file or value, and what to do."""


@dataclass(frozen=True)
class Manifest:
    """`counts` is images by split and class, `arguments` what it was staged with, `document` all of it.

    names: for people, beside those of the classes, by class; empty where there are none. mirror: a mirrored
    picture is of the same class, which it is not where left and right matter. required_share: how much of a
    damaged picture must be there.
    """

    name: str
    classes: tuple[str, ...]
    fingerprint: str
    source: str
    counts: dict[str, dict[str, int]]
    arguments: dict[str, Any]
    document: dict[str, Any]
    names: dict[str, str] = field(default_factory=dict)
    mirror: bool = True
    required_share: float = WHOLE


def read_manifest(folder: Path) -> Manifest:
    """The manifest in a folder; raises DatasetError where there is none, or none of a staged data set."""
    path = folder / MANIFEST
    try:
        content: dict[str, Any] = json.loads(path.read_bytes())
        return Manifest(
            name=str(content["name"]),
            classes=_classes(content["classes"]),
            fingerprint=str(content["fingerprint"]),
            source=str(content.get("source", "")),
            counts=content.get("counts", {}),
            arguments=content.get("arguments", {}),
            document=content,
            names={str(name): str(words) for name, words in content.get("names", {}).items()},
            mirror=_yes_or_no(content, "mirror"),
            required_share=share_from_text(str(content.get("required_picture_share", WHOLE))),
        )
    except OSError as error:
        raise DatasetError(
            f"no {MANIFEST} in {folder}: stage a data set first (`scones stage --help`)"
        ) from error
    except KeyError as error:
        raise DatasetError(
            f"{path} is not a manifest of a staged data set: it has no {error}; stage it again, or pictures "
            "and a list of your own with `scones stage folder` or `scones stage list`"
        ) from error
    except (ValueError, TypeError, AttributeError) as error:
        raise DatasetError(
            f"{path} is not a manifest of a staged data set: {error}; stage it again"
        ) from error


def _classes(names: object) -> tuple[str, ...]:
    """Of an object or a word Python would take the keys or the letters."""
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        said = json.dumps(names)[:80]
        raise TypeError(f"its classes are {said}, not a list of names, the first one that of label 0")
    return tuple(names)


def classes_problems(classes: Sequence[str], names: Mapping[str, str]) -> list[str]:
    """What keeps a model from having these classes, and these names for people, and from being deployed."""
    problems = class_problems(classes) or names_problems(names, classes)
    if not problems and (problem := class_names_problem(classes, names)):
        return [problem]
    return problems


def _yes_or_no(content: dict[str, Any], name: str) -> bool:
    """Yes where nothing is said."""
    value = content.get(name, True)
    if not isinstance(value, bool):
        raise TypeError(f"{name} is {value!r}, neither true nor false")
    return value


def find_manifest(folders: Sequence[Path]) -> Manifest:
    """The first in the folders or, for channels of one data set, just above them; of classes to train on.

    Raises DatasetError.
    """
    places = [place for folder in folders for place in (folder, folder.parent)]
    found = next((place for place in places if (place / MANIFEST).is_file()), None)
    if found is None:
        tried = ", ".join(dict.fromkeys(str(folder) for folder in folders))
        raise DatasetError(f"no {MANIFEST} in {tried}: stage a data set first (`scones stage --help`)")
    manifest = read_manifest(found)
    if problems := classes_problems(manifest.classes, manifest.names):
        raise DatasetError(f"{found / MANIFEST} cannot be trained on: {'; '.join(problems)}")
    return manifest
