"""The embedded metric format: metrics in a log event that is a JSON object with `_aws`.

After AWS's specification of the format. What AWS says of malformed documents: nothing is extracted of them,
the event stays a log event, and AWS/Logs counts `EMFParsingErrors` (the document has not the structure) and
`EMFValidationErrors` (a metric definition breaks the limits) for the log group.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MOST_METRICS = 100
"""Metrics of a directive, and values of a metric."""
MOST_DIMENSIONS = 30
PAST_SECONDS, FUTURE_SECONDS = 14 * 24 * 3600, 2 * 3600
"""CloudWatch takes values that are at most this old, or this far ahead."""
_DATA = ("Bits", "Kilobits", "Megabits", "Gigabits", "Terabits")
_BYTES = ("Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes")
UNITS = frozenset(
    (
        *("Seconds", "Microseconds", "Milliseconds", "Percent", "Count", "Count/Second", "None"),
        *(*_DATA, *_BYTES),
        *(f"{unit}/Second" for unit in _DATA + _BYTES),
    )
)


class ParsingError(ValueError):
    """The event says that it embeds metrics and has not their structure."""


class DefinitionError(ValueError):
    """A metric, its values or its dimensions are outside of what CloudWatch takes."""


@dataclass(frozen=True)
class Embedded:
    """Values of one metric under one set of dimensions."""

    namespace: str
    name: str
    dimensions: dict[str, str]
    unit: str
    values: tuple[float, ...]
    moment: float
    """Seconds."""


def embedded_metrics(text: str, now: float) -> list[Embedded]:
    """The metrics in a log event; none in one that embeds none. ParsingError, DefinitionError: nothing of a
    malformed event becomes a metric."""
    if '"_aws"' not in text or not text.lstrip().startswith("{"):
        return []
    try:
        root = json.loads(text)
    except ValueError:
        return []  # an object cut off is no embedded metric format: the event must be one JSON object
    if not isinstance(root, dict) or "_aws" not in root:
        return []
    meta = root["_aws"]
    if not isinstance(meta, dict) or not isinstance(meta.get("CloudWatchMetrics"), list):
        raise ParsingError("_aws.CloudWatchMetrics is not an array")
    moment = _moment(meta.get("Timestamp"), now)
    return [
        found
        for directive in meta["CloudWatchMetrics"]
        for found in _of_directive(_object(directive, "a directive"), root, moment)
    ]


def _of_directive(directive: dict[str, Any], root: dict[str, Any], moment: float) -> Iterator[Embedded]:
    namespace = directive.get("Namespace")
    if not isinstance(namespace, str):
        raise ParsingError("a directive has no Namespace")
    if not 1 <= len(namespace) <= 256 or namespace.startswith(":"):
        raise DefinitionError(f"{namespace!r} is no namespace")
    metrics = _array(directive.get("Metrics"), "Metrics")
    if len(metrics) > MOST_METRICS:
        raise DefinitionError(f"{len(metrics)} metrics in a directive")
    sets = [_dimensions(names, root) for names in _array(directive.get("Dimensions", [[]]), "Dimensions")]
    for metric in metrics:
        definition = _object(metric, "a metric")
        name, unit = definition.get("Name"), definition.get("Unit", "None")
        if not isinstance(name, str) or not 1 <= len(name) <= 255:
            raise DefinitionError("a metric has no Name")
        if unit not in UNITS:
            raise DefinitionError(f"{unit!r} is no unit")
        for dimensions in sets:
            yield Embedded(namespace, name, dimensions, unit, _values(name, root), moment)


def _dimensions(names: Any, root: dict[str, Any]) -> dict[str, str]:
    """The dimensions of one set, with their values from the root."""
    if len(_array(names, "a dimension set")) > MOST_DIMENSIONS:
        raise DefinitionError(f"{len(names)} dimensions in a set")
    for name in names:
        value = root.get(name) if isinstance(name, str) else None
        if not isinstance(value, str) or not 1 <= len(value) <= 1024:
            raise DefinitionError(f"the dimension {name!r} has no text at the root")
    return {name: root[name] for name in names}


def _values(name: str, root: dict[str, Any]) -> tuple[float, ...]:
    """The target of a metric: a number, or up to 100 of them."""
    target: Any = root.get(name)
    values = target if isinstance(target, list) else [target]
    if not 1 <= len(values) <= MOST_METRICS or not all(map(_number, values)):
        raise DefinitionError(f"the metric {name!r} has no numbers at the root")
    return tuple(float(value) for value in values)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _moment(timestamp: Any, now: float) -> float:
    if not _number(timestamp):
        raise ParsingError("_aws.Timestamp is not a number of milliseconds")
    seconds: float = timestamp / 1000
    if not now - PAST_SECONDS <= seconds <= now + FUTURE_SECONDS:
        raise DefinitionError(f"{timestamp} is too long ago or too far ahead")
    return seconds


def _array(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise ParsingError(f"{what} is not an array")
    return value


def _object(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ParsingError(f"{what} is not an object")
    return value
