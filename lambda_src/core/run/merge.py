"""What "Merge results" does: what the batches answered becomes the run's files, each image in one of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import datetime
from functools import partial
from typing import Any

from lambda_src.core.batch.rows import ERROR, Row
from lambda_src.core.errors import (
    IMAGE_ERRORS,
    ClassificationError,
    ImageNotFound,
    IncompleteResults,
    NothingToClassify,
)
from lambda_src.core.location import address
from lambda_src.core.run.environment import MergeEnvironment
from lambda_src.core.run.map_results import (
    KINDS,
    BatchResult,
    read_batch_result,
    read_result_manifest,
    read_result_rows,
)
from lambda_src.core.run.merged_rows import MergedRows
from lambda_src.core.run.nearest import nearest
from lambda_src.core.run.plan import json_line
from lambda_src.core.run.records import REJECTED, RESULT_FILES, SUMMARY, Files, MergeRequest, run_key
from lambda_src.core.run.summary import Work, short_summary, summarize
from lambda_src.core.run.tally import Tally

ERRORS = RESULT_FILES[ERROR]
_TO_BLAME = frozenset(error.__name__ for error in IMAGE_ERRORS)


def merge_run(
    request: MergeRequest,
    execution_name: str,
    files: Files,
    environment: MergeEnvironment,
    now: Callable[[], datetime],
) -> dict[str, Any]:
    """Write the rows and the summary; the summary without its long parts, and where it is.

    Raises IncompleteResults; and NothingToClassify, all being written, where no image could be classified and
    each is itself to blame.
    """
    tally, work = Tally(), Work(environment.function_memory_mb)
    _merge_rows(request, execution_name, files, tally, work)
    summary = summarize(
        execution_name,
        request.plan,
        tally,
        work,
        classes=environment.classes,
        default_threshold=environment.threshold,
        deployed_model=environment.model_digest,
        ended=now(),
    )
    key = run_key(execution_name, SUMMARY)
    files.put(key, json.dumps(summary, indent=2).encode(), "application/json")
    if not tally.classified and set(tally.errors) <= _TO_BLAME:
        raise NothingToClassify(_nothing_usable(tally, execution_name, files))
    return short_summary(summary) | {"summary_bucket": files.data_bucket, "summary_key": key}


def _nothing_usable(tally: Tally, execution_name: str, files: Files) -> str:
    """What images are to blame for, the first one's cause, and what is near its key."""
    counts = ", ".join(f"{count:,} {error}" for error, count in tally.errors.most_common())
    first = tally.first_error
    said = (
        f"none of the {tally.outcomes[ERROR]:,} listed images can be classified ({counts}): {first['cause']}"
    )
    if first["error"] == ImageNotFound.__name__:
        with suppress(ClassificationError):  # a bucket that this function may not list, or that is not there
            bucket = first["s3_bucket"]
            said += f"; {nearest(partial(files.names_below, bucket), bucket, first['s3_key'])}"
    return f"{said}. The reason of each is in {address(files.data_bucket, run_key(execution_name, ERRORS))}"


def _merge_rows(request: MergeRequest, execution_name: str, files: Files, tally: Tally, work: Work) -> None:
    """Write the rows to their files, all or none."""
    planned = request.plan
    with ExitStack() as stack:
        writers = {
            outcome: stack.enter_context(files.writer(run_key(execution_name, name)))
            for outcome, name in RESULT_FILES.items()
        }

        def write(outcome: str, row: Row) -> None:
            writers[outcome].write(json_line(row))
            tally.add(outcome, row)

        merged = MergedRows(planned.listed, planned.batches, write)
        for row in _rows(files, files.data_bucket, run_key(execution_name, REJECTED)):
            merged.add_rejected(row)
        for result in _results(request, files):
            merged.add_result(result)
            work.add(result)
        for line in _rows(files, planned.plan_bucket, planned.plan_key):
            merged.add_planned(line)
        merged.finish()


def _results(request: MergeRequest, files: Files) -> Iterator[BatchResult]:
    """What became of the batches, those that succeeded last."""
    bucket, key = request.results
    try:
        bucket, keys = read_result_manifest(b"".join(files.read_chunks(bucket, key)))
    except (ValueError, ImageNotFound) as error:
        raise IncompleteResults(f"{address(bucket, key)} cannot be used: {error}") from error
    for kind in KINDS:
        for key in keys[kind]:
            yield from map(read_batch_result, _rows(files, bucket, key))


def _rows(files: Files, bucket: str, key: str) -> Iterator[dict[str, Any]]:
    """The objects of a file, one at a time. Raises IncompleteResults for a file that is damaged or gone."""
    try:
        yield from read_result_rows(files.read_chunks(bucket, key))
    except (ValueError, ImageNotFound) as error:
        raise IncompleteResults(f"{address(bucket, key)} cannot be used: {error}") from error
