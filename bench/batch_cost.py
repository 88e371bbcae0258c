"""What both designs cost, from counted and timed figures and the project's price table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.names import PACKS_FOLDER, RESULTS_FOLDER
from costs.billed import Billed, lambda_usage
from costs.reference_design import REQUESTS
from lambda_src.core.run import prices
from lambda_src.core.run.summary import LISTED_AT_ONCE

A_MILLION = 1_000_000


def reference_dollars(images: int, states: float, functions: Sequence[Billed]) -> float:
    """A million images, `states` transitions each; `functions` were invoked for `images` of them."""
    usage = prices.Usage(standard_transitions=states).plus(REQUESTS)
    usage = usage.plus(lambda_usage(functions).times(1 / images))
    return prices.cost(prices.single_usage(A_MILLION, usage)).dollars


@dataclass(frozen=True)
class CountedRun:
    """A run over `images` in full batches, as it was counted."""

    images: int
    states: int
    """States that it entered, without those of its children."""
    children: Sequence[float]
    """Seconds that each child execution took."""
    functions: Sequence[Billed]
    """Those of the children."""
    run_functions: Sequence[Billed]
    packs: int
    files: int
    """Objects that it wrote besides packs."""

    def dollars(self) -> float:
        """A million images by one run: by the batch, by the run whatever its size, and by the image.

        A pack is written and read once, a file too; an image is read once, and listed among a thousand. What
        plan and merge take grows with the images.
        """
        batches = len(self.children)
        batch = prices.Usage(
            standard_transitions=1,  # a child that is started
            express_requests=1,
            express_gb_seconds=sum(map(prices.express_gb_seconds, self.children)) / batches,
            s3_gets=self.packs / batches,
            s3_puts_and_lists=self.packs / batches,
        )
        batch = batch.plus(lambda_usage(self.functions).times(1 / batches))
        run = prices.Usage(
            standard_transitions=self.states,
            lambda_requests=len(self.run_functions),
            s3_gets=self.files,
            s3_puts_and_lists=self.files,
            notifications=1,
        )
        growing = lambda_usage(self.run_functions).lambda_gb_seconds
        image = prices.Usage(
            lambda_gb_seconds=growing / self.images, s3_gets=1, s3_puts_and_lists=1 / LISTED_AT_ONCE
        )
        size = self.images // batches
        return prices.cost(prices.batch_usage(A_MILLION, size, batch=batch, run=run, image=image)).dollars


def count_run(
    s3: Any,
    bucket: str,
    name: str,
    *,
    states: int,
    functions: Sequence[Billed],
    run_functions: Sequence[Billed],
) -> CountedRun:
    """What a run left in the bucket, and how long its children took by the map's own results."""
    written = [
        key for folder in (RESULTS_FOLDER, PACKS_FOLDER) for key in _keys(s3, bucket, f"{folder}{name}/")
    ]
    packs = [key for key in written if key.endswith(".rec")]
    files = [key for key in written if not key.endswith(".rec")]
    children = [
        json.loads(line)
        for key in files
        if "/SUCCEEDED" in key
        for line in s3.get_object(Bucket=bucket, Key=key)["Body"].iter_lines()
    ]
    planned = s3.get_object(Bucket=bucket, Key=f"{RESULTS_FOLDER}{name}/plan.jsonl")["Body"].iter_lines()
    return CountedRun(
        images=sum(len(json.loads(line)["images"]) for line in planned),
        states=states,
        children=[_seconds(child) for child in children],
        functions=functions,
        run_functions=run_functions,
        packs=len(packs),
        files=len(files),
    )


def _keys(s3: Any, bucket: str, prefix: str) -> Iterator[str]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        yield from (item["Key"] for item in page.get("Contents", []))


def _seconds(child: dict[str, Any]) -> float:
    begin, end = (datetime.fromisoformat(child[name]) for name in ("StartDate", "StopDate"))
    return (end - begin).total_seconds()
