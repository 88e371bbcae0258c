"""Recent executions of both machines as rows: what each was about, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from lambda_src.core.classes import shown_class
from lambda_src.core.s3_events import is_event, named_image
from operations.aws.deployment import Deployment
from operations.aws.state_machines import NOT_SUCCEEDED, RUNNING, SUCCEEDED, Kind, failure
from operations.runs.summary import counts_line
from operations.runs.watch import RunWatch
from operations.terminal import Cell, Column, Row
from reports.history.descriptions import json_object

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

LOOKS = 8
"""Executions looked at together; AWS takes 15 looks a second for long."""
STYLES = {"SUCCEEDED": "green", "RUNNING": "cyan"}
COLUMNS = (
    Column("execution"),
    Column("status"),
    Column("started (UTC)"),
    Column("seconds", right=True),
    Column("image or images", long=True),
    Column("result or error", long=True),
)


class ExecutionRow(NamedTuple):
    """One execution. `subject`: its image, or which images; `result`: class and confidence, or counts;
    `predicted_name`: the class's for people, where it has one."""

    execution: str
    execution_arn: str
    kind: Kind
    status: str
    started: str
    duration_seconds: float | None
    subject: str
    result: str
    error: str | None
    cause: str | None
    predicted_name: str | None = None


def recent_executions(
    stepfunctions: SFNClient, deployment: Deployment, limit: int, *, failed: bool
) -> list[ExecutionRow]:
    """Those of both machines that started last, newest first."""
    machines: dict[str, Kind] = {deployment.state_machine: "image", deployment.batch_state_machine: "batch"}
    items = (
        item
        for machine in machines
        for status in (NOT_SUCCEEDED if failed else (None,))
        for item in islice(_listed(stepfunctions, machine, status), limit)
    )
    with ThreadPoolExecutor(LOOKS) as pool:
        return list(
            pool.map(
                lambda item: _described(
                    stepfunctions, machines[item["stateMachineArn"]], item["executionArn"]
                ),
                newest(items, limit),
            )
        )


def _listed(stepfunctions: SFNClient, machine: str, status: str | None) -> Iterator[Any]:
    """What ListExecutions says of a machine's executions, newest first."""
    filtered: Any = {"statusFilter": status} if status else {}
    for page in stepfunctions.get_paginator("list_executions").paginate(stateMachineArn=machine, **filtered):
        yield from page["executions"]


def _described(stepfunctions: SFNClient, kind: Kind, arn: str) -> ExecutionRow:
    description: Any = stepfunctions.describe_execution(executionArn=arn)
    if kind == "batch" and description["status"] in RUNNING:
        watch = RunWatch(stepfunctions, arn)
        state = watch.look()
        return execution_row(kind, watch.description, str(state) if state.status in RUNNING else "")
    return execution_row(kind, description)


def newest(items: Iterable[Mapping[str, Any]], limit: int) -> list[Mapping[str, Any]]:
    """The `limit` items of ListExecutions that started last, the last one first."""
    ordered = sorted(items, key=lambda item: (item["startDate"], item["executionArn"]), reverse=True)
    return list(islice(ordered, limit))


def execution_row(kind: Kind, description: Mapping[str, Any], progress: str = "") -> ExecutionRow:
    """From what DescribeExecution says; `progress` says how far a run is that goes on."""
    status = description["status"]
    stop = description.get("stopDate")
    why = failure(description) if status not in (SUCCEEDED, *RUNNING) else None
    output = json_object(description.get("output"))
    given = json_object(description.get("input"))
    return ExecutionRow(
        execution=description["name"],
        execution_arn=description["executionArn"],
        kind=kind,
        status=status,
        started=description["startDate"].astimezone(UTC).isoformat(timespec="milliseconds"),
        duration_seconds=round((stop - description["startDate"]).total_seconds(), 3) if stop else None,
        subject=image_subject(given) if kind == "image" else run_subject(given),
        result=progress or (image_result(output) if kind == "image" else run_result(output)),
        error=why.error if why else None,
        cause=why.cause if why else None,
        predicted_name=str(name) if (name := output.get("predicted_name")) else None,
    )


def image_subject(given: Mapping[str, Any]) -> str:
    """The image that the input of a single image names, be it S3's event on it."""
    given = named_image(dict(given))
    bucket, key = given.get("s3_bucket"), given.get("s3_key")
    if not key:
        return "inline image" if given.get("image_data") else "no image"
    return f"s3://{bucket}/{key}" if bucket else str(key)


def run_subject(given: Mapping[str, Any]) -> str:
    """Which images the input of a run names, and which run it replays."""
    if is_event(dict(given)):
        given = {"images": given.get("Records") or [given]}
    where = f"s3://{given['s3_bucket']}/" if given.get("s3_bucket") else ""
    if isinstance(given.get("images"), list):
        subject = f"{len(given['images']):,} images"
    elif given.get("manifest_key"):
        subject = f"manifest {where}{given['manifest_key']}"
    else:
        subject = f"{where}{given.get('s3_prefix', '')}" or "the data bucket"
    return f"replay of {given['replay_of']}" if given.get("replay_of") else subject


def image_result(output: Mapping[str, Any]) -> str:
    """Class and confidence."""
    if not output.get("predicted_class"):
        return ""
    return f"{output['predicted_class']} {output.get('confidence', 0):.4f}"


def run_result(output: Mapping[str, Any]) -> str:
    """The counts of a summary."""
    return counts_line(output) if "listed" in output else ""


def execution_cells(row: ExecutionRow) -> Row:
    """What a table says of an execution, times in UTC."""
    return (
        row.execution,
        Cell(row.status, STYLES.get(row.status, "red")),
        f"{datetime.fromisoformat(row.started):%Y-%m-%d %H:%M:%S}",
        "" if row.duration_seconds is None else f"{row.duration_seconds:.2f}",
        row.subject,
        f"{row.error}: {row.cause}" if row.error else _result_cell(row),
    )


def _result_cell(row: ExecutionRow) -> Cell:
    """With the class's name for people; programs get the label."""
    label, _, confidence = row.result.rpartition(" ")
    shown = f"{shown_class(label, row.predicted_name)} {confidence}" if row.predicted_name else row.result
    return Cell(shown, program=row.result)
