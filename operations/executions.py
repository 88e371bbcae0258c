"""`scones executions`: what ran lately on either machine, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from operations.aws.clients import stepfunctions_client
from operations.aws.deployment import Deployment, StageOption, find_deployment, tell_deployment
from operations.aws.state_machines import NOT_SUCCEEDED, RUNNING, Kind
from operations.runs.recent import ExecutionRow, execution_row, execution_table, newest
from operations.runs.watch import RunWatch

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

EPILOG = """
[bold]Examples[/bold]

The last twenty, single images and runs over many:
  [cyan]scones executions[/cyan]

What went wrong lately:
  [cyan]scones executions --failed --limit 100[/cyan]

Errors by name, with jq:
  [cyan]scones executions --failed --limit 1000 --json | jq -r '.executions[].error' | sort | uniq -c[/cyan]
"""
LOOKS = 8
"""Executions looked at together; AWS takes 15 looks a second for long."""


def executions_command(
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=1000)] = 20,
    failed: Annotated[
        bool, typer.Option("--failed", help="Only those that failed, timed out or were aborted.")
    ] = False,
    stage: StageOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False,
) -> None:
    """List recent executions of both machines: outcome, duration, image or counts, error.

    [cyan]scones replay EXECUTION[/cyan] runs one again that failed;
    [cyan]scones results EXECUTION[/cyan] shows a run over many images.
    """
    deployment = find_deployment(stage)
    tell_deployment(deployment)
    rows = recent_executions(stepfunctions_client(), deployment, limit, failed=failed)
    if as_json:
        told = {
            "where": deployment.where,
            "stage": deployment.stage,
            "executions": [row._asdict() for row in rows],
        }
        typer.echo(json.dumps(told, indent=2))
    elif rows:
        Console().print(execution_table(rows))
    else:
        typer.echo("No execution has failed." if failed else "Nothing has been executed yet.")


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
