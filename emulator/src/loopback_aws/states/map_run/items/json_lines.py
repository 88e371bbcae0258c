"""Items of a JSON Lines file: one value a line.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html#itemsource-example-json-lines-data
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from loopback_aws.states.map_run.items.json_text import parse
from loopback_aws.states.map_run.items.objects import lines_of


def values(pieces: Iterator[str]) -> Iterator[Any]:
    """The lines' values; a blank line is none (not documented, assumed). Raises ItemReaderFailed."""
    return (parse(line) for line in lines_of(pieces) if line.strip())
