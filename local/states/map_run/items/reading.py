"""From what the state says of its data set to the items in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from local.states.map_run.s3 import S3
from local.states.map_run.spec import ReaderSpec


def read_items(config: ReaderSpec, s3: S3) -> Iterator[Any]:
    """Items one by one as they are read from S3; at most `max_items`. Raises ItemReaderFailed, midway too."""
    raise NotImplementedError
