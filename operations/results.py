"""`scones results`: a run over many images, followed or looked at, its replays merged in."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from lambda_src.core.batch.rows import Row
from operations.aws.clients import s3_client, stepfunctions_client
from operations.aws.deployment import StageOption, find_deployment, print_deployment
from operations.aws.errors import OperationError
from operations.aws.state_machines import RUNNING, find_execution
from operations.runs.files import RunFiles
from operations.runs.merge import merged_counts, merged_rows
from operations.runs.output import RunOutput
from operations.runs.replay_manifests import find_replays, read_replays
from operations.runs.rows import run_rows
from operations.runs.summary import counts_line
from operations.runs.watch import RunWatch
from operations.terminal import say

EPILOG = """
Examples:
How far it is, or what came of it:
  scones results batch-20261120T091500Z-3f9a2c1b

Follow it again after Ctrl-C:
  scones results EXECUTION --wait

The answer for each image, those of replays in place of the errors, one JSON object a line:
  scones results EXECUTION --rows answers.jsonl

Exit code:
0: the run succeeded, or it still runs. 1: it failed. 2: not possible as asked. 130: left by Ctrl-C.
"""


def results_command(
    execution: Annotated[str, typer.Argument(help="Name or ARN, see scones executions.", show_default=False)],
    wait: Annotated[bool, typer.Option("--wait", help="Follow the run to its end.")] = False,
    rows: Annotated[
        str | None, typer.Option(help="FILE for the row of each image, JSON lines; - is standard output.")
    ] = None,
    stage: StageOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False,
) -> None:
    """Show a run over many images; a run and its replays are one, each image exactly once.

    The latest answer for an image wins, and an error never takes the place of an answer.
    """
    deployment = find_deployment(stage)
    print_deployment(deployment)
    s3, stepfunctions = s3_client(), stepfunctions_client()
    found = find_execution(stepfunctions, deployment, execution)
    if found.kind == "image":
        raise OperationError(f"{found.name} is about a single image: scones executions shows its result.")
    output = RunOutput(
        deployment=deployment, s3=s3, stepfunctions=stepfunctions, arn=found.arn, as_json=as_json
    )
    if found.status in RUNNING and wait:
        code = output.follow()
    elif found.status in RUNNING and rows is None and not as_json:
        say(f"{found.name} runs: {RunWatch(stepfunctions, found.arn).look()}")
        code = 0
    else:
        code = _print(output, found.description, rows)
    raise typer.Exit(code)


def _print(output: RunOutput, description: Any, target: str | None) -> int:
    """The run's own results, and where there are replays the merged ones; rows go to `target`."""
    replays = find_replays(output.files)
    more: dict[str, Any] = {}
    if replays or target is not None:
        rows = merge_run(output.files)
        counts = merged_counts(rows if target is None else _written(rows, target))
        more = {"replays": [replay.execution for replay in replays], "merged": counts}
    if target == "-":
        return 0
    code = output.ended(description, more)
    if more and not output.as_json:
        count = len(replays)
        say(f"With {count} replay{'s' if count != 1 else ''}: {counts_line(more['merged'])}")
    return code


def merge_run(files: RunFiles) -> Iterator[Row]:
    """The row of each image of a run, with what its replays answered. Raises OperationError."""
    return merged_rows(files.execution, run_rows(files), read_replays(files, find_replays(files)))


def _written(rows: Iterable[Row], target: str) -> Iterator[Row]:
    """The same rows, each written to the target as it passes."""
    with _opened(target) as file:
        for row in rows:
            file.write(json.dumps(row) + "\n")
            yield row


@contextmanager
def _opened(target: str) -> Iterator[IO[str]]:
    if target == "-":
        yield sys.stdout
        return
    try:
        with Path(target).open("w", encoding="utf-8") as file:
            yield file
    except OSError as error:
        raise OperationError(f"{target} cannot be written: {error.strerror}.") from error
