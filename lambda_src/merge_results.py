"""State "Merge results": what the batches answered becomes the run's files, each image in one of them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

from lambda_src.aws.images import s3_client
from lambda_src.aws.run_files import ObjectWriter, put, read_chunks
from lambda_src.core.batch.map_results import (
    KINDS,
    BatchResult,
    read_batch_result,
    read_result_manifest,
    read_result_rows,
)
from lambda_src.core.batch.merge import Merge
from lambda_src.core.batch.merge_request import MergeRequest, read_merge_request
from lambda_src.core.batch.plan import json_line
from lambda_src.core.batch.rows import REJECTED, RESULT_FILES, SUMMARY, Row, run_key
from lambda_src.core.batch.summary import Tally, Work, short_summary, summarize
from lambda_src.core.environment import MergeEnvironment
from lambda_src.core.errors import ImageNotFound, IncompleteResults
from lambda_src.core.invocation import logged, read_invocation
from lambda_src.core.location import address

ENVIRONMENT = MergeEnvironment.read(os.environ)
S3 = s3_client()


@logged("Merge results")
def handler(event: Any, _context: object) -> dict[str, Any]:
    """MergeRequest -> the summary without its long parts, and where the files are."""
    execution_name, fields = read_invocation(event)
    request = read_merge_request(fields)
    tally, work = Tally(), Work(ENVIRONMENT.function_memory_mb)
    merge(request, execution_name, tally, work)
    summary = summarize(
        execution_name,
        request.plan,
        tally,
        work,
        class_names=ENVIRONMENT.class_names,
        default_threshold=ENVIRONMENT.threshold,
        deployed_model=ENVIRONMENT.model_digest,
        ended=datetime.now(UTC),
    )
    key = run_key(execution_name, SUMMARY)
    put(S3, ENVIRONMENT.data_bucket, key, json.dumps(summary, indent=2).encode(), "application/json")
    return short_summary(summary) | {"summary_bucket": ENVIRONMENT.data_bucket, "summary_key": key}


def merge(request: MergeRequest, execution_name: str, tally: Tally, work: Work) -> None:
    """Write the rows to their files, all or none. Raises IncompleteResults."""
    bucket, planned = ENVIRONMENT.data_bucket, request.plan
    with ExitStack() as stack:
        files = {
            outcome: stack.enter_context(ObjectWriter(S3, bucket, run_key(execution_name, name)))
            for outcome, name in RESULT_FILES.items()
        }

        def write(outcome: str, row: Row) -> None:
            files[outcome].write(json_line(row))
            tally.add(outcome, row)

        merging = Merge(planned.listed, planned.batches, write)
        for row in rows(bucket, run_key(execution_name, REJECTED)):
            merging.add_rejected(row)
        for result in results(request):
            merging.add_result(result)
            work.add(result)
        for line in rows(planned.plan_bucket, planned.plan_key):
            merging.add_planned(line)
        merging.finish()


def results(request: MergeRequest) -> Iterator[BatchResult]:
    """What became of the batches, those that succeeded last; nothing when there was none to run."""
    if request.results is None:
        return
    bucket, key = request.results
    try:
        bucket, files = read_result_manifest(b"".join(read_chunks(S3, bucket, key)))
    except (ValueError, ImageNotFound) as error:
        raise IncompleteResults(f"{address(bucket, key)} cannot be used: {error}") from error
    for kind in KINDS:
        for key in files[kind]:
            yield from map(read_batch_result, rows(bucket, key))


def rows(bucket: str, key: str) -> Iterator[dict[str, Any]]:
    """The objects of a file, one at a time. Raises IncompleteResults for a file that is damaged or gone."""
    try:
        yield from read_result_rows(read_chunks(S3, bucket, key))
    except (ValueError, ImageNotFound) as error:
        raise IncompleteResults(f"{address(bucket, key)} cannot be used: {error}") from error
