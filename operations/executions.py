"""`scones executions`: what ran lately on either machine, and what came of it."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from operations.aws.clients import stepfunctions_client
from operations.aws.deployment import StageOption, find_deployment, print_deployment, print_json
from operations.runs.recent import execution_table, recent_executions

EPILOG = """
[bold]Examples[/bold]

The last twenty, single images and runs over many:
  [cyan]scones executions[/cyan]

What went wrong lately:
  [cyan]scones executions --failed --limit 100[/cyan]

Errors by name, with jq:
  [cyan]scones executions --failed --limit 1000 --json | jq -r '.executions[].error' | sort | uniq -c[/cyan]
"""


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
    print_deployment(deployment)
    rows = recent_executions(stepfunctions_client(), deployment, limit, failed=failed)
    if as_json:
        print_json(deployment, {"executions": [row._asdict() for row in rows]})
    elif rows:
        Console().print(execution_table(rows))
    else:
        typer.echo("No execution has failed." if failed else "Nothing has been executed yet.")
