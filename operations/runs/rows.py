"""The row of each image of a run: as the run merged them, or else from what its batches answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from lambda_src.core.batch.records import Batch, read_batch, read_filtered_batch
from lambda_src.core.batch.rows import ERROR, OUTCOMES, Row
from lambda_src.core.errors import InvalidInput
from lambda_src.core.run.map_results import BatchResult, read_batch_result, read_result_manifest
from lambda_src.core.run.records import PLAN, REJECTED, RESULT_FILES, SUMMARY
from operations.aws.errors import OperationError
from operations.runs.files import RunFiles

MAP_RESULTS = "batches/"
NOT_STARTED = ("BatchNotStarted", "the run ended before this batch had an answer")


def run_rows(files: RunFiles, *, errors_only: bool = False) -> Iterator[Row]:
    """Rows with their `outcome`; each image that the run listed is in one. None when nothing was listed."""
    outcomes = (ERROR,) if errors_only else OUTCOMES
    if files.has(SUMMARY):  # written last, so that the others are complete
        for outcome in outcomes:
            for row in files.rows(RESULT_FILES[outcome]):
                yield {**row, "outcome": outcome}
        return
    yield from (row for row in unmerged_rows(files) if row["outcome"] in outcomes)


def unmerged_rows(files: RunFiles) -> Iterator[Row]:
    """Rejected lines, what batches answered, and every other planned image with its batch's error."""
    yield from files.rows(REJECTED)
    answered: set[int] = set()
    failures: dict[int, tuple[str, str]] = {}
    for result in _results(files):
        if result.batch is None or result.batch in answered:
            continue
        if result.output is None:
            failures[result.batch] = (result.error, result.cause)
            continue
        answered.add(result.batch)
        yield from _answer(files, result.output)
    for line in files.rows(PLAN):
        batch, images = _planned(files, line)
        if batch in answered:
            continue
        error, cause = failures.get(batch, NOT_STARTED)
        for image in images:
            yield {**image._asdict(), "outcome": ERROR, "error": error, "cause": cause}


def _results(files: RunFiles) -> Iterator[BatchResult]:
    """What became of the batches, those that succeeded first; none where the map wrote nothing."""
    found: list[tuple[str, dict[str, list[str]]]] = []
    for key in files.keys(MAP_RESULTS):
        if key.endswith("/manifest.json"):
            found.append(_manifest(files, key))
    for kind in ("SUCCEEDED", "FAILED", "PENDING"):
        for _, by_kind in found:
            for key in by_kind[kind]:
                yield from map(read_batch_result, files.rows_at(key))


def _manifest(files: RunFiles, key: str) -> tuple[str, dict[str, list[str]]]:
    try:
        return read_result_manifest(files.read(key))
    except ValueError as error:
        raise OperationError(f"s3://{files.bucket}/{key} is damaged: {error}") from error


def _planned(files: RunFiles, line: dict[str, Any]) -> Batch:
    try:
        return read_batch(line)
    except InvalidInput as error:
        raise OperationError(f"The plan of {files.execution} is damaged: {error}") from error


def _answer(files: RunFiles, output: str) -> list[dict[str, Any]]:
    try:
        return read_filtered_batch(json.loads(output)).rows
    except (ValueError, InvalidInput) as error:
        raise OperationError(f"A result of {files.execution} is no answer of a batch: {error}") from error
