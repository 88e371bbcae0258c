"""Every listed image gets a number, and a place in one batch."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from lambda_src.core.batch.manifest import ListedImage, RejectedLine
from lambda_src.core.batch.rows import ERROR, Row
from lambda_src.core.batch.size import BATCH_BUDGET, image_cost, json_bytes
from lambda_src.core.errors import InvalidInput
from lambda_src.core.excerpt import excerpt


class Planned(NamedTuple):
    """Output of "Plan batches": where the plan is, what it holds, and how it is to be carried out.

    `listed` counts all entries, those of `rejected` too; `started` is a time in ISO 8601; `input` says where
    the images were listed.
    """

    plan_bucket: str
    plan_key: str
    listed: int
    batches: int
    rejected: int
    started: str
    threshold: float | None
    max_concurrency: int
    tolerated_failure_percentage: float
    replay_of: str | None
    only: str | None
    input: dict[str, str]


class Planner:
    """Numbers entries from 0 in the order in which they come, and closes a batch when it is full.

    A batch is full at `size` images, or when the next one could make any state too large. `write_batch` and
    `write_rejected` get one JSON line each, with its line feed.
    """

    def __init__(
        self,
        *,
        size: int,
        class_names: Sequence[str],
        write_batch: Callable[[bytes], object],
        write_rejected: Callable[[bytes], object],
    ) -> None:
        self.listed = self.batches = self.rejected = 0
        self._size = size
        self._class_count = len(class_names)
        self._class_name_bytes = max(map(json_bytes, class_names))
        self._write_batch = write_batch
        self._write_rejected = write_rejected
        self._images: list[tuple[int, str, str]] = []
        self._cost = 0

    def add(self, entry: ListedImage | RejectedLine) -> None:
        """Give the next entry its number and its place."""
        if isinstance(entry, RejectedLine):
            self._reject(entry)
        else:
            self._plan(entry)
        self.listed += 1

    def close(self) -> None:
        """Write the last batch, which may be smaller than the others."""
        if self._images:
            self._write_batch(json_line({"batch": self.batches, "images": self._images}))
            self.batches += 1
            self._images, self._cost = [], 0

    def _plan(self, image: ListedImage) -> None:
        cost = image_cost(*image, self._class_count, self._class_name_bytes)
        if len(self._images) == self._size or self._cost + cost > BATCH_BUDGET:
            self.close()
        self._images.append((self.listed, image.s3_bucket, image.s3_key))
        self._cost += cost

    def _reject(self, line: RejectedLine) -> None:
        row: Row = {
            "n": self.listed,
            "s3_bucket": line.s3_bucket,
            "s3_key": line.s3_key,
            "outcome": ERROR,
            "error": InvalidInput.__name__,
            "cause": line.cause,
            "line": line.line,
        }
        self._write_rejected(json_line(row))
        self.rejected += 1


def read_planned(value: object) -> Planned:
    """The output of "Plan batches" in the input of "Merge results". Raises InvalidInput."""
    if not isinstance(value, dict) or not set(Planned._fields) <= set(value):
        raise InvalidInput(f"plan must be the output of Plan batches, not {excerpt(value)}")
    planned = Planned(**{name: value[name] for name in Planned._fields})
    for name in ("listed", "batches", "rejected"):
        count = value[name]
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise InvalidInput(f"plan.{name} must be a whole number, not {excerpt(count)}")
    for name in ("plan_bucket", "plan_key", "started"):
        if not isinstance(value[name], str):
            raise InvalidInput(f"plan.{name} must be a string, not {excerpt(value[name])}")
    return planned


def json_line(value: Any) -> bytes:
    """`value` on a line of its own: compact, ASCII, so that every reader splits it at the same places."""
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"
