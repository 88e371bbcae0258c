"""`scones replay`: classify again exactly what failed in an earlier execution."""

from __future__ import annotations

from typing import Annotated

import typer

from operations.aws.clients import s3_client, stepfunctions_client
from operations.aws.deployment import StageOption, find_deployment, print_deployment
from operations.aws.errors import OperationError
from operations.aws.state_machines import RUNNING, find_execution
from operations.runs.options import (
    BatchSizeOption,
    JsonOption,
    MaxConcurrencyOption,
    ThresholdOption,
    ToleratedFailuresOption,
    WaitOption,
    run_options,
)
from operations.runs.replay import Replayer

EPILOG = """
Examples:
Everything that failed in a run, and that no replay has answered since:
  scones replay batch-20261120T091500Z-3f9a2c1b

Only what the endpoint was too busy for, in smaller batches:
  scones replay EXECUTION --only EndpointThrottled --only EndpointUnavailable --batch-size 20

A single image, with the input it had:
  scones replay classify-20261120T091500Z-77aa0de1

The first run and its replays as one:
  scones results batch-20261120T091500Z-3f9a2c1b

Exit code:
As scones batch; nothing to replay is 0.
"""


def replay_command(
    execution: Annotated[str, typer.Argument(help="Name or ARN, see scones executions.", show_default=False)],
    only: Annotated[
        list[str] | None,
        typer.Option(help="Name of an error, may be given again; images that failed otherwise stay."),
    ] = None,
    threshold: ThresholdOption = None,
    batch_size: BatchSizeOption = None,
    max_concurrency: MaxConcurrencyOption = None,
    tolerated_failures: ToleratedFailuresOption = None,
    wait: WaitOption = True,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for a single image.", min=1)] = 300,
    stage: StageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Start a run over exactly the images that failed, linked to the first; or a single image once more.

    Options that are not given are those of the first run.
    """
    deployment = find_deployment(stage)
    print_deployment(deployment)
    stepfunctions = stepfunctions_client()
    found = find_execution(stepfunctions, deployment, execution)
    if found.status in RUNNING:
        raise OperationError(f"{found.name} still runs: what failed is known when it has ended.")
    replaying = Replayer(
        deployment=deployment,
        s3=s3_client(),
        stepfunctions=stepfunctions,
        only=tuple(only or ()),
        wait=wait,
        as_json=as_json,
    )
    if found.kind == "image":
        raise typer.Exit(replaying.image(found, threshold, timeout))
    options = run_options(threshold, batch_size, max_concurrency, tolerated_failures)
    raise typer.Exit(replaying.run(found, options))
