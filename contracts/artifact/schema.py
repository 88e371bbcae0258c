"""What model.json must say: every problem of one, each with the value and the limit."""

from __future__ import annotations

from typing import Any

from contracts.artifact.class_names import class_problems, names_problems
from contracts.artifact.excerpt import is_name, shown_value
from contracts.artifact.fields import as_count, as_object, as_share

SCHEMA_VERSION = 1


def problems(document: Any) -> list[str]:
    """What is wrong with a model.json; nothing, if it can be used."""
    if not isinstance(document, dict):
        return [f"it is {shown_value(document)}, not a JSON object"]
    return [
        *_version_problems(document.get("schema_version")),
        *_classes_problems(document.get("classes"), as_object(document.get("metrics"))),
        *_names_problems(document.get("names"), document.get("classes")),
        *_input_problems(document.get("input")),
        *_name_problems("output.name", as_object(document.get("output")).get("name", "probabilities")),
        *_threshold_problems(as_object(document.get("threshold")).get("recommended")),
    ]


def _version_problems(version: Any) -> list[str]:
    known = version == SCHEMA_VERSION and not isinstance(version, bool)
    return [] if known else [f"schema_version is {shown_value(version)}, {SCHEMA_VERSION} is read"]


def _classes_problems(classes: Any, metrics: dict[str, Any]) -> list[str]:
    if not isinstance(classes, list):
        return [f"classes is {shown_value(classes)}, not a list of names"]
    problems, matrix = class_problems(classes), metrics.get("confusion_matrix")
    if isinstance(matrix, list) and len(matrix) != len(classes):
        problems.append(f"metrics.confusion_matrix has {len(matrix)} rows for {len(classes)} classes")
    return problems


def _names_problems(names: Any, classes: Any) -> list[str]:
    """Of what may be missing; what is wrong with the classes themselves is said of them."""
    if names is None or not isinstance(classes, list) or class_problems(classes):
        return []
    if not isinstance(names, dict):
        return [f"names is {shown_value(names)}, not an object of names for people by class"]
    return names_problems(names, classes)


def _input_problems(value: Any) -> list[str]:
    entry = as_object(value)
    sides = [
        f"input.{side} is {shown_value(entry.get(side))}, not a whole number of pixels from 1 on"
        for side in ("height", "width")
        if not as_count(entry.get(side))
    ]
    return [*sides, *_name_problems("input.name", entry.get("name", "image"))]


def _name_problems(where: str, value: Any) -> list[str]:
    return [] if is_name(value) else [f"{where} is {shown_value(value)}, not a name"]


def _threshold_problems(recommended: Any) -> list[str]:
    known = as_share(recommended) is not None
    return [] if known else [f"threshold.recommended is {shown_value(recommended)}, not a number in [0, 1]"]
