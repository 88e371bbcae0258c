"""What model.json must say: every problem of one, each with the value and the limit."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from typing import Any

from contracts.artifact.fields import as_count, as_object, as_share

SCHEMA_VERSION = 1
MINIMUM_CLASSES, MAXIMUM_CLASSES = 2, 100
MAX_CLASS_NAMES_BYTES = 3_500
"""Of all names together, as the functions take them: Lambda allows 4,096 bytes of environment in all, which
the names share with a few short variables."""
_CONTROL = frozenset({"Cc", "Cf", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"
_SHOWN = 80
"""Characters of a wrong value that a message repeats."""


def problems(document: Any) -> list[str]:
    """What is wrong with a model.json; nothing, if it can be used."""
    if not isinstance(document, dict):
        return [f"it is {_shown(document)}, not a JSON object"]
    return [
        *_version_problems(document.get("schema_version")),
        *_classes_problems(document.get("classes"), as_object(document.get("metrics"))),
        *_input_problems(document.get("input")),
        *_name_problems("output.name", as_object(document.get("output")).get("name", "probabilities")),
        *_threshold_problems(as_object(document.get("threshold")).get("recommended")),
    ]


def _version_problems(version: Any) -> list[str]:
    known = version == SCHEMA_VERSION and not isinstance(version, bool)
    return [] if known else [f"schema_version is {_shown(version)}, {SCHEMA_VERSION} is read"]


def _classes_problems(classes: Any, metrics: dict[str, Any]) -> list[str]:
    if not isinstance(classes, list):
        return [f"classes is {_shown(classes)}, not a list of names"]
    problems, matrix = class_problems(classes), metrics.get("confusion_matrix")
    if isinstance(matrix, list) and len(matrix) != len(classes):
        problems.append(f"metrics.confusion_matrix has {len(matrix)} rows for {len(classes)} classes")
    return problems


def _input_problems(value: Any) -> list[str]:
    entry = as_object(value)
    sides = [
        f"input.{side} is {_shown(entry.get(side))}, not a whole number of pixels from 1 on"
        for side in ("height", "width")
        if not as_count(entry.get(side))
    ]
    return [*sides, *_name_problems("input.name", entry.get("name", "image"))]


def _name_problems(where: str, value: Any) -> list[str]:
    return [] if _is_name(value) else [f"{where} is {_shown(value)}, not a name"]


def _threshold_problems(recommended: Any) -> list[str]:
    known = as_share(recommended) is not None
    return [] if known else [f"threshold.recommended is {_shown(recommended)}, not a number in [0, 1]"]


def class_problems(classes: Sequence[Any]) -> list[str]:
    """What is wrong with class names in label order."""
    if not all(map(_is_name, classes)):
        return [f"classes is {_shown(classes)}, not a list of names"]
    problems = []
    if not MINIMUM_CLASSES <= len(classes) <= MAXIMUM_CLASSES:
        problems.append(
            f"classes has {len(classes)} names, {MINIMUM_CLASSES} to {MAXIMUM_CLASSES} are possible"
        )
    if unseen := [name for name in classes if not _can_be_shown(name)]:
        problems.append(f"classes names {_shown(unseen)}, with characters that control a terminal or a page")
    if repeated := sorted({name for name in classes if classes.count(name) > 1}):
        problems.append(f"classes names more than once: {', '.join(map(_readable, repeated))}")
    return problems


def class_names_json(classes: Sequence[str]) -> str:
    """The class names in label order as the functions take them: a JSON array."""
    return json.dumps(list(classes), ensure_ascii=False, separators=(",", ":"))


def class_names_problem(classes: Sequence[str]) -> str | None:
    """What keeps a model of these classes from being deployed; to be known before it is trained."""
    size = len(class_names_json(classes).encode())
    if size <= MAX_CLASS_NAMES_BYTES:
        return None
    return (
        f"its class names take {size:,} bytes, more than the {MAX_CLASS_NAMES_BYTES:,} that fit into the "
        "environment of a Lambda function: shorten the names"
    )


def is_class_name(value: Any) -> bool:
    """Whether one name, taken by itself, can be a class's, also one for people only."""
    return _is_name(value) and _can_be_shown(value)


def _is_name(value: Any) -> bool:
    """Text that can be seen and written: JSON lets halves of characters through."""
    if not isinstance(value, str) or not value.strip():
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _can_be_shown(name: str) -> bool:
    """Without control characters, marks of direction and ends of lines; joiners belong to some scripts."""
    return all(char in _JOINERS or unicodedata.category(char) not in _CONTROL for char in name)


def _readable(name: str) -> str:
    return name if _can_be_shown(name) else ascii(name)


def _shown(value: Any) -> str:
    text = ascii(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
