"""Results of a map run's children: files in S3, or values for the state's output.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html. Not documented and
assumed: files of JSON Lines are named as those of JSON; in the state's output, OutputType changes nothing; a
time has always three digits of seconds' fractions; rows of pending children have no times and no fields of
redrive.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError

from loopback_aws.states.map_run.compact_json import json_bytes
from loopback_aws.states.map_run.errors import ResultWriterFailed
from loopback_aws.states.map_run.items.objects import service_cause
from loopback_aws.states.map_run.result_files import MAX_FILE_BYTES, ResultFiles
from loopback_aws.states.map_run.s3 import S3
from loopback_aws.states.map_run.spec import Transformation, WriterSpec
from loopback_aws.states.records import Child, MapRun

KINDS = {
    "SUCCEEDED": "SUCCEEDED",
    "FAILED": "FAILED",
    "TIMED_OUT": "FAILED",
    "ABORTED": "FAILED",
    "PENDING": "PENDING",
    "RUNNING": "PENDING",
    "PENDING_REDRIVE": "PENDING",
}
"""File that a child's row goes to, by its status."""


def write_results(
    spec: WriterSpec,
    map_run: MapRun,
    children: Iterable[Child],
    s3: S3,
    *,
    file_bytes: int = MAX_FILE_BYTES,
) -> dict[str, Any]:
    """Write the files and return the state's output. Raises ResultWriterFailed.

    `children` are all of the run, in order of index; those that have not ended are pending. No file is larger
    than `file_bytes`, unless one row is.
    """
    folder = "/".join(part for part in (spec.prefix.rstrip("/"), map_run.arn.rpartition(":")[2]) if part)
    assert spec.bucket is not None
    try:
        with ExitStack() as stack:
            files = {
                kind: stack.enter_context(
                    ResultFiles(s3, spec.bucket, f"{folder}/{kind}", spec.output_type, file_bytes)
                )
                for kind in ("FAILED", "PENDING", "SUCCEEDED")
            }
            for child in children:
                kind = KINDS[child.status]
                for value in _values(spec.transformation, map_run, child):
                    files[kind].add(value)
            written = {kind: each.close() for kind, each in files.items()}
        key = f"{folder}/manifest.json"
        manifest = {
            "DestinationBucket": spec.bucket,
            "MapRunArn": map_run.arn,
            "ResultFiles": written,
        }
        s3.put_object(Bucket=spec.bucket, Key=key, Body=json_bytes(manifest))
    except ClientError as error:
        raise ResultWriterFailed(service_cause(error)) from error
    except (Boto3Error, BotoCoreError, OSError) as error:
        raise ResultWriterFailed(f"Results could not be written to {spec.bucket}: {error}") from error
    return {"MapRunArn": map_run.arn, "ResultWriterDetails": {"Bucket": spec.bucket, "Key": key}}


def result_values(spec: WriterSpec | None, map_run: MapRun, children: Iterable[Child]) -> Iterator[Any]:
    """What the state's output array holds, without S3; None for a state that has no ResultWriter."""
    transformation = spec.transformation if spec else "COMPACT"
    for child in children:
        if KINDS[child.status] != "PENDING":
            yield from _values(transformation, map_run, child)


def _values(transformation: Transformation, map_run: MapRun, child: Child) -> Iterator[Any]:
    """What is said of one child; of one that has not succeeded always all that is known."""
    if transformation == "NONE" or child.status != "SUCCEEDED":
        yield row(map_run, child)
        return
    output = json.loads(child.output or "null")
    if transformation == "FLATTEN" and isinstance(output, list):
        yield from output
    else:
        yield output


def row(map_run: MapRun, child: Child) -> dict[str, Any]:
    """All that is known of a child, as DescribeExecution names it but for the capitals, in order of name."""
    known = {
        "ExecutionArn": child.execution_arn or None,
        "Input": child.input,
        "InputDetails": {"Included": True},
        "Name": child.name,
        "StateMachineArn": map_run.machine,
        "Status": "PENDING" if KINDS[child.status] == "PENDING" else child.status,
    }
    if child.start:
        known |= _ended(child)
    return {name: known[name] for name in sorted(known) if known[name] is not None}


def _ended(child: Child) -> dict[str, Any]:
    succeeded = child.status == "SUCCEEDED"
    express = ":express:" in child.execution_arn
    return {
        "Cause": child.cause,
        "Error": child.error,
        "Output": child.output,
        "OutputDetails": {"Included": True},
        "RedriveCount": child.redrives,
        "RedriveStatus": "NOT_REDRIVABLE"
        if succeeded
        else "REDRIVABLE_BY_MAP_RUN"
        if express
        else "REDRIVABLE",
        "RedriveStatusReason": "Execution is SUCCEEDED and cannot be redriven" if succeeded else None,
        "StartDate": _iso(child.start),
        "StopDate": _iso(child.stop),
    }


def _iso(time: datetime | None) -> str | None:
    if time is None:
        return None
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
