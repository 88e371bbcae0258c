"""JSONPath as Step Functions applies it: Jayway's reading, in which a definite path selects one value.

A definite path (names and single indexes) selects the value itself and must exist; any other path (`*`, `..`,
slices, several names or indexes, filters) selects a list, which may be empty. Paths are parsed once.
https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

from jsonpath_ng.ext.parser import parse as parse_filters
from moto.stepfunctions.parser.asl.utils.json_path import NoSuchJsonPathError

PATHS = 4096
"""Parsed paths that are kept."""
_STEP = re.compile(
    r"(?P<deep>\.\.)(?=[\w*\[])|\.(?P<star>\*)|(?P<after>(?<=\.\.)\*|(?<=\.\.)[^\W\d][\w-]*)"
    r"|\.(?P<name>[^.\[\]\s,()'\"*?]+)"
    r"|\[\s*(?P<any>\*)\s*\]|\[(?P<quoted>\s*(?:'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")"
    r"(?:\s*,\s*(?:'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"))*\s*)\]"
    r"|\[(?P<slice>\s*-?\d*\s*:\s*-?\d*\s*(?::\s*\d*\s*)?)\]|\[(?P<index>\s*-?\d+(?:\s*,\s*-?\d+)*\s*)\]"
)
_QUOTED = re.compile(r"'((?:\\.|[^'\\])*)'|\"((?:\\.|[^\"\\])*)\"")
Step = tuple[str, Any]


def extract(path: str, data: Any) -> Any:
    """The value or the list that a path selects.

    Raises moto's NoSuchJsonPathError when a definite path selects nothing, ValueError for what is no path.
    """
    steps, definite = parse(path)
    if steps is None:
        return [match.value for match in _filter(path).find(data)]
    found = [data]
    for kind, value in steps:
        found = [item for one in found for item in _selected(kind, value, one)]
    if not definite:
        return found
    if not found:
        raise NoSuchJsonPathError(json_path=path, data=data)
    return found[0]


@functools.lru_cache(PATHS)
def parse(path: str) -> tuple[tuple[Step, ...] | None, bool]:
    """A path's steps and whether it is definite; no steps for a path with a filter."""
    if not path.startswith("$"):
        raise ValueError(f"Invalid path '{path}': it must begin with '$'")
    steps: list[Step] = []
    position = 1
    while position < len(path):
        match = _STEP.match(path, position)
        if match is None:
            if "?" in path[position:]:
                _filter(path)
                return None, False
            raise ValueError(f"Invalid path '{path}'")
        steps.append(_step(match))
        position = match.end()
    definite = all(kind == "index" or (kind == "names" and len(value) == 1) for kind, value in steps)
    return tuple(steps), definite


@functools.lru_cache(PATHS)
def _filter(path: str) -> Any:
    try:
        return parse_filters(path.replace("&&", "&"))
    except Exception as error:  # noqa: BLE001 - the library raises many kinds, Exception itself among them
        raise ValueError(f"Invalid path '{path}': {error}") from None


def _step(match: re.Match[str]) -> Step:
    kind = match.lastgroup
    text = match[kind] if kind else ""
    if kind == "deep":
        return "deep", None
    if kind in ("star", "any") or text == "*":
        return "all", None
    if kind in ("name", "after"):
        return "names", (text,)
    if kind == "quoted":
        return "names", tuple(re.sub(r"\\(.)", r"\1", one or two) for one, two in _QUOTED.findall(text))
    if kind == "slice":
        return "slice", slice(*(int(part) if part.strip() else None for part in text.split(":")))
    indexes = [int(part) for part in text.split(",")]
    return ("index", indexes[0]) if len(indexes) == 1 else ("indexes", indexes)


def _selected(kind: str, value: Any, data: Any) -> Iterator[Any]:
    if kind == "names":
        if isinstance(data, dict):
            yield from (data[name] for name in value if name in data)
    elif kind == "all":
        if isinstance(data, dict | list):
            yield from data.values() if isinstance(data, dict) else data
    elif kind == "deep":
        yield data
        for member in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
            if isinstance(member, dict | list):
                yield from _selected("deep", None, member)
    elif isinstance(data, list):
        if kind == "slice":
            yield from data[value]
        else:
            indexes = [value] if kind == "index" else value
            yield from (data[index] for index in indexes if -len(data) <= index < len(data))


def copied(value: Any) -> Any:
    """A deep copy of a JSON value, far faster than copy.deepcopy."""
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [copied(item) for item in value]
    return value
