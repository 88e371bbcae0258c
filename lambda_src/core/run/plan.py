"""What "Plan batches" does: every listed image gets a number, and a place in one batch."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from lambda_src.core.batch.rows import ERROR, Row
from lambda_src.core.batch.size import BATCH_BUDGET, class_bytes, image_cost
from lambda_src.core.classes import ModelClasses
from lambda_src.core.errors import InvalidInput, NothingToClassify
from lambda_src.core.location import address
from lambda_src.core.run.manifest import ListedImage, RejectedLine, manifest_entries
from lambda_src.core.run.nearest import nearest
from lambda_src.core.run.records import PLAN, REJECTED, Files, Planned, run_key
from lambda_src.core.run.request import OWN_FOLDERS, RunRequest


def plan_run(
    request: RunRequest, execution_name: str, files: Files, classes: ModelClasses, started: datetime
) -> Planned:
    """Write the plan of an execution, the same for the same images whenever it is done again.

    Raises NothingToClassify where nothing is listed, and where no line of a list names an image: then the
    rejected lines are written.
    """
    plan_key = run_key(execution_name, PLAN)
    with (
        files.writer(run_key(execution_name, REJECTED)) as rejected,
        files.writer(plan_key) as batches,
    ):
        planner = Planner(
            size=request.batch_size,
            classes=classes,
            write_batch=batches.write,
            write_rejected=rejected.write,
        )
        for entry in _entries(request, files):
            planner.add(entry)
        planner.close()
        if not planner.listed:
            raise NothingToClassify(_nothing_listed(request, files))
    if not planner.batches:
        raise NothingToClassify(_nothing_usable(request, planner, files, execution_name))
    return Planned(
        plan_bucket=files.data_bucket,
        plan_key=plan_key,
        listed=planner.listed,
        batches=planner.batches,
        rejected=planner.rejected,
        started=started.isoformat(timespec="milliseconds"),
        threshold=request.threshold,
        max_concurrency=request.max_concurrency,
        tolerated_failure_percentage=request.tolerated_failure_percentage,
        replay_of=request.replay_of,
        only=request.only,
        input=request.described,
    )


def _entries(request: RunRequest, files: Files) -> Iterable[ListedImage | RejectedLine]:
    """The images of a request in their order, as they are read."""
    bucket = request.s3_bucket
    if request.images is not None:
        return request.images
    if request.manifest_key is not None:
        return manifest_entries(files.read_chunks(bucket, request.manifest_key), bucket)
    keys = files.list_keys(bucket, request.s3_prefix or "", _own_folders(bucket, files))
    return (ListedImage(bucket, key) for key in keys)


def _own_folders(bucket: str, files: Files) -> tuple[str, ...]:
    return OWN_FOLDERS if bucket == files.data_bucket else ()


def _nothing_listed(request: RunRequest, files: Files) -> str:
    """What was looked at, and what is there instead."""
    bucket = request.s3_bucket
    if request.images is not None:
        return "images is an empty array: name at least one image"
    if request.manifest_key is not None:
        return f"the manifest {address(bucket, request.manifest_key)} has no line: put an image on each"
    wanted, own = request.s3_prefix or "", _own_folders(bucket, files)

    def names(folder: str) -> list[str]:
        return [name for name in files.names_below(bucket, folder) if name not in own]

    place = address(bucket, wanted) if wanted else f"'s3://{bucket}/'"
    return f"there is no object below {place}; {nearest(names, bucket, wanted)}"


def _nothing_usable(request: RunRequest, planner: Planner, files: Files, execution_name: str) -> str:
    """Of the lines of a manifest the first reason, and where the others are."""
    reasons = address(files.data_bucket, run_key(execution_name, REJECTED))
    manifest = address(request.s3_bucket, request.manifest_key or "")
    return (
        f"none of the {planner.rejected:,} lines of the manifest {manifest} names an image: "
        f"{planner.first_cause}. The reason of each line is in {reasons}"
    )


class Planner:
    """Numbers entries from 0 in the order in which they come, and closes a batch when it is full.

    A batch is full at `size` images, or when the next one could make any state too large. `write_batch` and
    `write_rejected` get one JSON line each, with its line feed.
    """

    def __init__(
        self,
        *,
        size: int,
        classes: ModelClasses,
        write_batch: Callable[[bytes], object],
        write_rejected: Callable[[bytes], object],
    ) -> None:
        self.listed = self.batches = self.rejected = 0
        self.first_cause = ""
        """Why the first line that names no image does not."""
        self._size = size
        self._class_count = len(classes.labels)
        self._class_bytes = class_bytes(classes)
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
        cost = image_cost(*image, self._class_count, self._class_bytes)
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
        self.first_cause = self.first_cause or line.cause
        self._write_rejected(json_line(row))
        self.rejected += 1


def json_line(value: Any) -> bytes:
    """`value` on a line of its own: compact, ASCII, so that every reader splits it at the same places."""
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"
