"""What both designs cost, from counted and timed figures and the project's price table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bench.local_aws import Clients
from contracts.names import PACKS_FOLDER, RESULTS_FOLDER, function_log_group
from lambda_src.core.run import prices

A_MILLION = 1_000_000
LISTED_AT_ONCE = 1000
_BILLED = re.compile(r"Billed Duration: (\d+) ms")


@dataclass(frozen=True)
class Billed:
    """Invocations of a function, and the seconds that they took in all."""

    count: int
    seconds: float
    memory_mb: int

    def minus(self, earlier: Billed) -> Billed:
        return Billed(self.count - earlier.count, self.seconds - earlier.seconds, self.memory_mb)

    @property
    def usage(self) -> prices.Usage:
        """What is charged for."""
        return prices.Usage(
            lambda_requests=self.count, lambda_gb_seconds=self.seconds * self.memory_mb / 1024
        )


def billed(client: Clients, function: str) -> Billed:
    """Everything that a function was invoked for since it exists, by the REPORT lines of its log."""
    memory = client("lambda").get_function_configuration(FunctionName=function)["MemorySize"]
    pages = (
        client("logs")
        .get_paginator("filter_log_events")
        .paginate(logGroupName=function_log_group(function), filterPattern="REPORT")
    )
    found = [_BILLED.search(event["message"]) for page in pages for event in page["events"]]
    milliseconds = [int(line[1]) for line in found if line]
    return Billed(len(milliseconds), sum(milliseconds) / 1000, memory)


def requests_of_a_download(s3: Any, bucket: str, key: str) -> int:
    """Requests that `download_file`, which the reference calls, sends for a small object."""
    sent: list[str] = []
    s3.meta.events.register("before-send.s3", lambda request, **_: sent.append(request.method))
    s3.download_file(bucket, key, "/dev/null")
    return len(sent)


def reference_dollars(images: int, states: float, functions: Sequence[Billed], downloads: int) -> float:
    """A million images, `states` transitions and `downloads` requests to S3 each."""
    usage = prices.Usage(standard_transitions=states, s3_gets=downloads)
    for function in functions:
        usage = usage.plus(function.usage.times(1 / images))
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
        for function in self.functions:
            batch = batch.plus(function.usage.times(1 / batches))
        run = prices.Usage(
            standard_transitions=self.states,
            lambda_requests=sum(function.count for function in self.run_functions),
            s3_gets=self.files,
            s3_puts_and_lists=self.files,
            notifications=1,
        )
        growing = sum(function.usage.lambda_gb_seconds for function in self.run_functions)
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
