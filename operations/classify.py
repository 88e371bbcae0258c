"""`scones classify`: one image or a folder, an execution each, and a table of the answers."""

from __future__ import annotations

from typing import Annotated

import typer

from operations.aws.clients import CONNECTIONS, s3_client, stepfunctions_client
from operations.aws.deployment import StageOption, find_deployment, print_deployment, print_json
from operations.aws.state_machines import fresh_name
from operations.images.answer_table import COLUMNS, answer_rows, counted, exit_code
from operations.images.answers import ImageExecutions
from operations.images.source import read_source
from operations.progress import progress_bars
from operations.terminal import remark, say_table, tell

EPILOG = """
Examples:
A picture of this machine:
  scones classify bicycle.png

A folder, whatever the confidence, sixteen at a time:
  scones classify build/dataset/drawn/test --threshold 0 --max-concurrency 16

Objects in S3, for a program:
  scones classify s3://my-bucket/inbox/ --json

Exit code:
0: every image has a confident answer. 1: some have not. 2: not possible as asked. 130: left by Ctrl-C.
"""


def classify_command(
    source: Annotated[
        str,
        typer.Argument(
            help="A file, a folder (its PNG, JPEG and WebP files), s3://bucket/key or s3://bucket/prefix/."
        ),
    ],
    threshold: Annotated[
        float | None,
        typer.Option(help="Least confidence to accept.", min=0, max=1, show_default="the stage's"),
    ] = None,
    max_concurrency: Annotated[
        int, typer.Option(help="Executions at the same time.", min=1, max=CONNECTIONS)
    ] = 8,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for all answers.", min=1)] = 300,
    stage: StageOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answers as JSON.")] = False,
) -> None:
    """Classify one image or a folder: one execution an image, waited for.

    Local images are uploaded below uploads/ of the data bucket first. For thousands of images in S3 there is
    scones batch.
    """
    deployment = find_deployment(stage)
    print_deployment(deployment)
    s3 = s3_client()
    images, skipped = found = read_source(s3, source, deployment.data_bucket, fresh_name("classify"))
    if skipped:
        tell(found.skipped_words)
    executions = ImageExecutions(
        s3=s3,
        stepfunctions=stepfunctions_client(),
        machine=deployment.state_machine,
        concurrency=max_concurrency,
        timeout=timeout,
    )
    with progress_bars() as progress:
        answers, interrupted = executions.classify(images, threshold, progress)
    if as_json:
        print_json(deployment, {"images": [answer._asdict() for answer in answers], "skipped": skipped})
    else:
        say_table(COLUMNS, answer_rows(answers))
        remark(counted(answers))
    if any(answer.outcome == "running" for answer in answers):
        tell("What still runs goes on; look again: scones executions")
    raise typer.Exit(exit_code(answers, interrupted))
