"""Items of a JSON document: the elements of an array, or the pairs of an object, where a pointer leads.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html#itemsource-example-json-data
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from loopback_aws.states.map_run.errors import ItemReaderFailed
from loopback_aws.states.map_run.items.json_text import JsonText


def elements(pieces: Iterator[str], pointer: str = "") -> Iterator[tuple[str | None, Any]]:
    """Name (None in an array) and value of each. `pointer` is one of RFC 6901. Raises ItemReaderFailed."""
    text = JsonText(pieces)
    for step in pointer.split("/")[1:]:
        if not _enter(text, step.replace("~1", "/").replace("~0", "~")):
            raise ItemReaderFailed(f"ItemsPointer {pointer} leads to nothing in the JSON document.")
    match text.peek():
        case "[":
            for value in text.array():
                yield None, value
        case "{":
            for name in text.members():
                yield name, text.value()
        case _:
            text.value()
            raise ItemReaderFailed("Attempting to map over non-iterable node.")
    if not pointer and text.peek():
        raise ItemReaderFailed("The data set is not valid JSON: more follows the end of the document.")


def _enter(text: JsonText, step: str) -> bool:
    """Move to the member, or element, that is named so; False when there is none."""
    if text.peek() == "{":
        for name in text.members():
            if name == step:
                return True
            text.skip()
        return False
    if text.peek() == "[" and step.isdecimal():
        text.expect("[")
        for _ in range(int(step)):
            if text.peek() == "]":
                return False
            text.skip()
            if not text.take(","):
                return False
        return text.peek() != "]"
    return False
