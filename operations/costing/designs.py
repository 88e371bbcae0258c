"""Run every design on the stage at hand, one image or batch after the other, and count what it used."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from contracts.names import RUN_STEPS, STEPS
from lambda_src.core.run.map_results import read_batch_result
from lambda_src.core.run.prices import Usage, express_gb_seconds
from operations.aws.deployment import Deployment, is_loopback
from operations.aws.errors import OperationError
from operations.costing.counts import (
    BATCH_REQUESTS,
    IMAGE_REQUESTS,
    REFERENCE_REQUESTS,
    RUN_REQUESTS,
    SINGLE_REQUESTS,
    billed_since,
    lambda_usage,
    transitions,
)
from operations.costing.measurement import SIZES, Measurement
from operations.costing.reference_design import reference_design
from operations.simulation.batch_run import BatchRun
from operations.simulation.images import DrawnPictures, image_key

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions import SFNClient

SINGLES = 40
"""Images classified one by one."""
BATCH_IMAGES = {1: 20, 10: 100, 100: 500, 500: 1000}
"""Images of the run in batches of a size: the smallest and the largest run tell what each image adds."""
WARM_UP = 5
"""Executions that come first and are not counted: cold functions would stand for more than they do."""
DEADLINE_SECONDS = 600.0
"""Longest wait for one execution."""
LOOK_SECONDS = 0.1
PAUSE_SECONDS = 1.0
"""Between phases: a log line must not be taken for one of the next phase."""
BUSY = 0.5
"""Load of a core from which on the functions' time is too long: they wait for it."""
CLASSES = ("bicycle", "motorcycle")

Say = Callable[[str], None]


@dataclass(frozen=True)
class Clients:
    """What a measurement calls."""

    s3: S3Client
    states: SFNClient
    logs: CloudWatchLogsClient
    functions: LambdaClient


class _Run(NamedTuple):
    """A run over many: what its batches used together, and what it used itself."""

    images: int
    batches: int
    batch: Usage
    run: Usage


def measure(deployment: Deployment, clients: Clients, say: Say) -> Measurement:
    """Some minutes. Raises OperationError when an execution fails, or anything else uses the stage meanwhile.

    The input images are drawn, and deleted again; results of the runs stay as those of any run.
    """
    batch_machine = deployment.batch_state_machine  # says now when there is none
    local = is_loopback(clients.states.meta.endpoint_url)
    load = round(os.getloadavg()[0] / (os.cpu_count() or 1), 2) if local else None
    if load is not None and load > BUSY:
        say(f"This machine is busy ({load} processes a core): the functions' time will be too long.")
    started = f"cost-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    say("uploading images")
    keys = [image_key(started, number) for number in range(max(BATCH_IMAGES.values()))]
    sizes = list(_upload(clients.s3, deployment.data_bucket, keys))
    functions = [deployment.names.function(step) for step in STEPS]
    try:
        say(f"one by one: {SINGLES} images")
        single, memory = _singles(deployment, clients, deployment.state_machine, functions, keys)
        single = single.plus(SINGLE_REQUESTS)
        reference = None
        if local:
            say(f"reference design: {SINGLES} images")
            made = reference_design(deployment, clients.functions, clients.states, memory)
            with made as (machine, names):
                reference, _ = _singles(deployment, clients, machine, names, keys)
                reference = reference.plus(REFERENCE_REQUESTS)
        system = BatchRun(clients.s3, clients.states, deployment.data_bucket, batch_machine)
        _run(deployment, clients, system, f"{started}-warm", keys[:10], 10)
        runs = {}
        for size in SIZES:
            images = BATCH_IMAGES[size]
            say(f"batches of {size}: {images} images")
            runs[size] = _run(deployment, clients, system, f"{started}-{size}", keys[:images], size)
    finally:
        _delete(clients.s3, deployment.data_bucket, keys)
    run, image = run_and_image([(each.images, each.run) for each in runs.values()])
    return Measurement(
        measured=f"{datetime.now(UTC):%Y-%m-%d}",
        where=deployment.where,
        load=load,
        image_bytes=round(sum(sizes) / len(sizes), 1),
        single=single,
        reference=reference,
        run=run.plus(RUN_REQUESTS),
        image=image.plus(IMAGE_REQUESTS),
        batches={
            size: each.batch.times(1 / each.batches).plus(BATCH_REQUESTS) for size, each in runs.items()
        },
    )


def run_and_image(runs: Sequence[tuple[int, Usage]]) -> tuple[Usage, Usage]:
    """What a run uses whatever its size, and what each image adds, from the smallest and the largest run.

    Only the functions' time grows with the images; noise that would make it shrink counts as nothing.
    """
    (few, small), (many, large) = min(runs), max(runs)
    more = large.lambda_gb_seconds - small.lambda_gb_seconds
    each = max(more / (many - few), 0.0) if many > few else 0.0
    fixed = max(small.lambda_gb_seconds - each * few, 0.0)
    return small._replace(lambda_gb_seconds=fixed), Usage(lambda_gb_seconds=each)


def _singles(
    deployment: Deployment,
    clients: Clients,
    machine: str,
    functions: Sequence[str],
    keys: Sequence[str],
) -> tuple[Usage, int]:
    """Usage of one image of a machine of one image, and the memory of its first function."""
    for key in keys[:WARM_UP]:
        _one(clients.states, machine, deployment.data_bucket, key)
    time.sleep(PAUSE_SECONDS)
    ended = [_one(clients.states, machine, deployment.data_bucket, key) for key in keys[:SINGLES]]
    since = ended[0]["startDate"].timestamp()
    billed = [billed_since(clients.logs, name, since, SINGLES) for name in functions]
    used = Usage(standard_transitions=sum(transitions(clients.states, one["executionArn"]) for one in ended))
    for invocations in billed:
        used = used.plus(lambda_usage(invocations))
    return used.times(1 / SINGLES), billed[0][0].memory_mb


def _run(
    deployment: Deployment, clients: Clients, system: BatchRun, name: str, keys: Sequence[str], size: int
) -> _Run:
    """One run over the images of `keys`, one batch after the other."""
    given = {
        "images": [{"s3_key": key} for key in keys],
        "batch_size": size,
        "max_concurrency": 1,
        "threshold": 0,
    }
    ended = _execute(clients.states, system.machine, given, name)
    execution, since = ended["executionArn"], ended["startDate"].timestamp()
    children = [read_batch_result(row) for row in system.batches(name)]
    count = len(children)
    if count != math.ceil(len(keys) / size):
        raise OperationError(f"{execution} has {count} batches of {size} for {len(keys)} images.")
    batch = Usage(
        standard_transitions=count,
        express_requests=count,
        express_gb_seconds=sum(express_gb_seconds(child.seconds) for child in children),
    )
    for step in STEPS:
        function = deployment.names.function(step)
        batch = batch.plus(lambda_usage(billed_since(clients.logs, function, since, count)))
    run = Usage(standard_transitions=transitions(clients.states, execution), notifications=1)
    for run_step in RUN_STEPS:
        function = deployment.names.function(run_step)
        run = run.plus(lambda_usage(billed_since(clients.logs, function, since, 1)))
    time.sleep(PAUSE_SECONDS)
    return _Run(len(keys), count, batch, run)


def _one(states: SFNClient, machine: str, bucket: str, key: str) -> dict[str, Any]:
    """Classify one image, whatever the confidence; what DescribeExecution says in the end."""
    return _execute(states, machine, {"s3_bucket": bucket, "s3_key": key, "threshold": 0})


def _execute(
    states: SFNClient, machine: str, given: dict[str, Any], name: str | None = None
) -> dict[str, Any]:
    named = {} if name is None else {"name": name}
    execution = states.start_execution(stateMachineArn=machine, input=json.dumps(given), **named)[
        "executionArn"
    ]
    end = time.monotonic() + DEADLINE_SECONDS
    while (said := states.describe_execution(executionArn=execution))["status"] == "RUNNING":
        if time.monotonic() > end:
            raise OperationError(f"{execution} still runs after {DEADLINE_SECONDS:.0f} s.")
        time.sleep(LOOK_SECONDS)
    if said["status"] != "SUCCEEDED":
        raise OperationError(
            f"{execution} is {said['status']}: {said.get('error')}: {said.get('cause')}. "
            "Only runs without a failure can be measured."
        )
    return dict(said)


def _upload(s3: S3Client, bucket: str, keys: Sequence[str]) -> Iterator[int]:
    """Sizes of the images that are put there, 32 x 32 pixels as in the data sets."""
    pictures = DrawnPictures(CLASSES, seed=0)
    for number, key in enumerate(keys):
        png = pictures.picture(number).png
        s3.put_object(Bucket=bucket, Key=key, Body=png, ContentType="image/png")
        yield len(png)


def _delete(s3: S3Client, bucket: str, keys: Sequence[str]) -> None:
    for first in range(0, len(keys), 1000):
        objects = [{"Key": key} for key in keys[first : first + 1000]]
        s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})  # type: ignore[typeddict-item]
