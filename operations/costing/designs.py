"""Run every design on the stage at hand, one image or batch after the other, and count what it used."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from contracts.names import STEPS
from costs.reference_design import REQUESTS, reference_design
from lambda_src.core.run.prices import Usage
from operations.aws.deployment import Deployment, is_loopback
from operations.costing.counts import (
    BATCH_REQUESTS,
    IMAGE_REQUESTS,
    RUN_REQUESTS,
    SINGLE_REQUESTS,
)
from operations.costing.measurement import SIZES, Measurement
from operations.costing.trials import SINGLES, Clients, RunUsage, Trials
from operations.simulation.images import DrawnPictures, image_key

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BATCH_IMAGES = {1: 20, 10: 100, 100: 500, 500: 1000}
"""Images of the run in batches of a size: the smallest and the largest run tell what each image adds."""
BUSY = 0.5
"""Load of a core from which on the functions' time is too long: they wait for it."""
CLASSES = ("bicycle", "motorcycle")

Say = Callable[[str], None]


def measure(deployment: Deployment, clients: Clients, say: Say) -> Measurement:
    """Some minutes. Raises OperationError when an execution fails, or anything else uses the stage meanwhile.

    The input images are drawn, and deleted again; results of the runs stay as those of any run.
    """
    _ = deployment.batch_state_machine  # says now when there is none
    local = is_loopback(clients.states.meta.endpoint_url)
    load = _load(say) if local else None
    started = f"cost-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    say("uploading images")
    keys = [image_key(started, number) for number in range(max(BATCH_IMAGES.values()))]
    sizes = list(_upload(clients.s3, deployment.data_bucket, keys))
    try:
        single, reference = _one_by_one(Trials(deployment, clients), keys, local, say)
        runs = _in_batches(Trials(deployment, clients), keys, started, say)
    finally:
        _delete(clients.s3, deployment.data_bucket, keys)
    run, image = run_and_image([(each.images, each.run) for each in runs.values()])
    return Measurement(
        measured=f"{datetime.now(UTC):%Y-%m-%d}",
        where=deployment.where,
        load=load,
        image_bytes=round(sum(sizes) / len(sizes), 1),
        single=single.plus(SINGLE_REQUESTS),
        reference=None if reference is None else reference.plus(REQUESTS),
        run=run.plus(RUN_REQUESTS),
        image=image.plus(IMAGE_REQUESTS),
        batches={
            size: each.batch.times(1 / each.batches).plus(BATCH_REQUESTS) for size, each in runs.items()
        },
    )


def _load(say: Say) -> float:
    """Running processes a core of this machine."""
    load = round(os.getloadavg()[0] / (os.cpu_count() or 1), 2)
    if load > BUSY:
        say(f"This machine is busy ({load} processes a core): the functions' time will be too long.")
    return load


def _one_by_one(
    trials: Trials, keys: Sequence[str], with_reference: bool, say: Say
) -> tuple[Usage, Usage | None]:
    """Usage of one image by our design and by the reference, which is made for the purpose."""
    deployment, clients = trials.deployment, trials.clients
    say(f"one by one: {SINGLES} images")
    functions = [deployment.names.function(step) for step in STEPS]
    single, memory = trials.singles(deployment.state_machine, functions, keys)
    if not with_reference:
        return single, None
    say(f"reference design: {SINGLES} images")
    with reference_design(
        clients.functions,
        clients.states,
        name=f"{deployment.names.prefix}-cost-reference",
        endpoint=deployment.endpoint_name,
        threshold=0,
        memory_mb=memory,
    ) as design:
        reference, _ = trials.singles(design.machine, design.functions, keys)
    return single, reference


def _in_batches(trials: Trials, keys: Sequence[str], started: str, say: Say) -> Mapping[int, RunUsage]:
    """A run for each size of a batch, after one that is not counted."""
    trials.run(f"{started}-warm", keys[:10], 10)
    runs = {}
    for size in SIZES:
        images = BATCH_IMAGES[size]
        say(f"batches of {size}: {images} images")
        runs[size] = trials.run(f"{started}-{size}", keys[:images], size)
    return runs


def run_and_image(runs: Sequence[tuple[int, Usage]]) -> tuple[Usage, Usage]:
    """What a run uses whatever its size, and what each image adds, from the smallest and the largest run.

    Only the functions' time grows with the images; noise that would make it shrink counts as nothing.
    """
    (few, small), (many, large) = min(runs), max(runs)
    more = large.lambda_gb_seconds - small.lambda_gb_seconds
    each = max(more / (many - few), 0.0) if many > few else 0.0
    fixed = max(small.lambda_gb_seconds - each * few, 0.0)
    return small._replace(lambda_gb_seconds=fixed), Usage(lambda_gb_seconds=each)


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
