"""`scones batch`: one run over many images, followed to its summary."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from operations.aws.clients import s3_client, stepfunctions_client
from operations.aws.deployment import StageOption, find_deployment, print_deployment
from operations.aws.errors import OperationError
from operations.aws.s3_location import is_s3, read_s3_location, require_bucket
from operations.aws.state_machines import fresh_name, start_execution
from operations.runs.options import (
    BatchSizeOption,
    JsonOption,
    MaxConcurrencyOption,
    ThresholdOption,
    ToleratedFailuresOption,
    WaitOption,
    run_options,
)
from operations.runs.output import RunOutput

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

EPILOG = """
Examples:
Everything below a prefix:
  scones batch s3://my-bucket/inbox/2026-11-20/

What a manifest lists, a line each a key, s3://bucket/key, {"s3_key": …, "s3_bucket": …} or {"source-ref": …}:
  scones batch --manifest images.jsonl --threshold 0.95

Larger batches, no failed one tolerated, for a program:
  scones batch s3://my-bucket/inbox/ --batch-size 500 --tolerated-failures 0 --json

Start it, look later:
  scones batch s3://my-bucket/inbox/ --no-wait
  scones results EXECUTION --wait

Exit code:
0: the run succeeded, each image is in its results. 1: the run failed. 2: not possible as asked, or nothing to
classify. 130: left by Ctrl-C; the run goes on.
"""


def batch_command(
    source: Annotated[
        str | None, typer.Argument(help="s3://bucket/prefix/ of the images.", show_default=False)
    ] = None,
    manifest: Annotated[
        str | None, typer.Option(help="FILE, which is uploaded, or s3://bucket/key: an image a line.")
    ] = None,
    threshold: ThresholdOption = None,
    batch_size: BatchSizeOption = None,
    max_concurrency: MaxConcurrencyOption = None,
    tolerated_failures: ToleratedFailuresOption = None,
    wait: WaitOption = True,
    stage: StageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Classify thousands of images in S3 by one execution, each accounted for in the results.

    An image that cannot be classified is a row of the results, and does not fail the run.
    """
    if source is not None and manifest is not None:
        raise OperationError("Give either s3://bucket/prefix/ or --manifest FILE, not both.")
    if source is not None and not is_s3(source):
        raise OperationError(
            f"{source!r} is not in S3. Upload it first (aws s3 cp --recursive FOLDER s3://bucket/prefix/), "
            "or classify it image by image: scones classify."
        )
    deployment = find_deployment(stage)
    print_deployment(deployment)
    s3, name = s3_client(), fresh_name("batch")
    if source is None and manifest is None:
        bucket = deployment.data_bucket
        raise OperationError(
            f"Say which images: scones batch s3://{bucket}/ for all of the stage's data bucket, or below a "
            f"prefix of it (aws s3 ls s3://{bucket}/ lists some), or --manifest FILE."
        )
    place = source if source is not None else manifest
    if place is not None and is_s3(place):
        require_bucket(s3, read_s3_location(place).bucket, deployment.data_bucket)
    if source is not None:
        given = prefix_input(source)
    else:
        given = manifest_input(s3, manifest or "", deployment.data_bucket, name)
    given |= run_options(threshold, batch_size, max_concurrency, tolerated_failures)
    stepfunctions = stepfunctions_client()
    arn = start_execution(stepfunctions, deployment.batch_state_machine, name, given)
    output = RunOutput(deployment=deployment, s3=s3, stepfunctions=stepfunctions, arn=arn, as_json=as_json)
    raise typer.Exit(output.follow() if wait else output.started())


def prefix_input(source: str) -> dict[str, Any]:
    """Input of the machine for everything below a place in S3."""
    location = read_s3_location(source)
    return {"s3_bucket": location.bucket, "s3_prefix": location.key}


def manifest_input(s3: S3Client, manifest: str, data_bucket: str, run: str) -> dict[str, Any]:
    """Input of the machine for a manifest; a local one is uploaded as `manifests/<run>.jsonl`."""
    if is_s3(manifest):
        location = read_s3_location(manifest)
        if location.is_folder:
            raise OperationError(f"{manifest} is a folder: --manifest takes one object of JSON lines.")
        return {"s3_bucket": location.bucket, "manifest_key": location.key}
    path, key = Path(manifest), f"manifests/{run}.jsonl"
    try:
        with path.open("rb") as body:
            s3.put_object(Bucket=data_bucket, Key=key, Body=body, ContentType="application/jsonl")
    except OSError as error:
        raise OperationError(f"The manifest {path} cannot be read: {error.strerror}.") from error
    return {"s3_bucket": data_bucket, "manifest_key": key}
