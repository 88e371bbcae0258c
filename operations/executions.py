"""`scones executions`: what ran lately on either machine, and what came of it."""

from __future__ import annotations

from typing import Annotated

import typer

from operations.aws.clients import stepfunctions_client
from operations.aws.deployment import StageOption, find_deployment, print_deployment, print_json
from operations.runs.recent import COLUMNS, execution_cells, recent_executions
from operations.terminal import remark, say_table

EPILOG = """
Examples:
The last twenty, single images and runs over many:
  scones executions

What went wrong lately:
  scones executions --failed --limit 100

Errors by name, with jq:
  scones executions --failed --limit 1000 --json | jq -r '.executions[].error' | sort | uniq -c

Exit code:
0: whatever is listed. 2: not possible as asked.
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

    scones replay EXECUTION runs one again that failed;
    scones results EXECUTION shows a run over many images.
    """
    deployment = find_deployment(stage)
    print_deployment(deployment)
    rows = recent_executions(stepfunctions_client(), deployment, limit, failed=failed)
    if as_json:
        print_json(deployment, {"executions": [row._asdict() for row in rows]})
    elif rows:
        say_table(COLUMNS, map(execution_cells, rows))
    else:
        remark("No execution has failed." if failed else "Nothing has been executed yet.")
