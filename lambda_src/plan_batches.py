"""State "Plan batches": list the images, give each a number, cut the list into batches."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from lambda_src.aws.images import s3_client
from lambda_src.aws.run_files import ObjectWriter, list_keys, read_chunks
from lambda_src.core.batch.manifest import ListedImage, RejectedLine, manifest_entries
from lambda_src.core.batch.plan import Planned, Planner
from lambda_src.core.batch.request import OWN_FOLDERS, RunDefaults, RunRequest, read_run_request
from lambda_src.core.batch.rows import PLAN, REJECTED, run_key
from lambda_src.core.environment import PlanEnvironment
from lambda_src.core.invocation import logged, read_invocation

ENVIRONMENT = PlanEnvironment.read(os.environ)
S3 = s3_client()


@logged("Plan batches")
def handler(event: Any, _context: object) -> dict[str, Any]:
    """Operator's input -> Planned; the plan itself and the lines without an image are in S3."""
    execution_name, fields = read_invocation(event)
    bucket, _, size, concurrency, tolerated = ENVIRONMENT
    request = read_run_request(fields, RunDefaults(bucket, size, concurrency, tolerated))
    return plan(request, execution_name, datetime.now(UTC))._asdict()


def plan(request: RunRequest, execution_name: str, started: datetime) -> Planned:
    """Write the plan of an execution, the same for the same images whenever it is done again."""
    bucket, plan_key = ENVIRONMENT.data_bucket, run_key(execution_name, PLAN)
    with (
        ObjectWriter(S3, bucket, run_key(execution_name, REJECTED)) as rejected,
        ObjectWriter(S3, bucket, plan_key) as batches,
    ):
        planner = Planner(
            size=request.batch_size,
            class_names=ENVIRONMENT.class_names,
            write_batch=batches.write,
            write_rejected=rejected.write,
        )
        for entry in entries(request):
            planner.add(entry)
        planner.close()
    return Planned(
        plan_bucket=bucket,
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


def entries(request: RunRequest) -> Iterable[ListedImage | RejectedLine]:
    """The images of a request in their order, as they are read."""
    bucket = request.s3_bucket
    if request.images is not None:
        return request.images
    if request.manifest_key is not None:
        return manifest_entries(read_chunks(S3, bucket, request.manifest_key), bucket)
    skipped = OWN_FOLDERS if bucket == ENVIRONMENT.data_bucket else ()
    return (ListedImage(bucket, key) for key in list_keys(S3, bucket, request.s3_prefix or "", skipped))
