"""`scones simulate`: a load of labelled images on a deployed stage, and what became of it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import boto3
import typer
from botocore.exceptions import ClientError

from contracts.whole_files import UnwritableError, replacing
from lambda_src.core.environment import FilterEnvironment
from operations.aws.clients import s3_client, stepfunctions_client
from operations.aws.deployment import (
    Deployment,
    StageOption,
    deploy_command,
    find_deployment,
    print_deployment,
)
from operations.aws.errors import OperationError, error_code
from operations.simulation.arrivals import StreamPlan
from operations.simulation.batch_run import BatchRun
from operations.simulation.burst import Burst
from operations.simulation.images import DrawnPictures, DriftingPictures, Pictures, StagedPictures
from operations.simulation.labels import LABELS, Labels
from operations.simulation.live import live_progress
from operations.simulation.single_image import SingleImage
from operations.simulation.stream import Stream
from operations.simulation.summary import burst_counts, print_summary, stream_counts
from operations.terminal import say, say_json
from training.staging.drift import Drift

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

FOLDER = Path("build/simulations")
SUMMARY = "summary.json"
MAX_BURST = 100_000
EPILOG = f"""
Examples:
Five images a second for two minutes, from the staged test split:
  scones simulate --minutes 2 --rate 5

The same with new pictures, out of focus from half-way on:
  scones simulate --minutes 2 --rate 5 --drawn --drift blur

2,000 images at once, through the batch machine:
  scones simulate --burst 2000 --drawn

Exit code:
0 done, whatever became of the images; 1 the burst's run failed; 2 not possible as asked;
130 after Ctrl-C and 143 after SIGTERM, with the summary of what there was.

build/simulations/NAME/ then holds {SUMMARY} and {LABELS}: each image's key, inference id and true class.
"""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,49}")


Minutes = Annotated[float | None, typer.Option(help="Length of a steady stream.", min=0.01)]
Rate = Annotated[
    float | None,
    typer.Option(help="Images a second on average, at random moments (Poisson).", min=0.01, max=1000),
]
Images = Annotated[
    int | None,
    typer.Option(help="Instead of a stream: so many images at once, by one run.", min=1, max=MAX_BURST),
]
Dataset = Annotated[Path, typer.Option(help="Staged folder whose test split is shown, again and again.")]
Drawn = Annotated[
    bool,
    typer.Option(
        "--drawn",
        help="Draw new pictures of the deployed model's classes instead. A model that learnt from "
        "photographs sees drift in them.",
    ),
]
Drifts = Annotated[
    Drift | None,
    typer.Option(help="What changes on the way; new-class needs --drawn, and is every other picture."),
]
DriftFrom = Annotated[
    float | None,
    typer.Option(help="Share of the simulation after which it changes.", min=0, max=1, show_default="0.5"),
]
Seed = Annotated[int, typer.Option(help="Decides the arrivals and the pictures.", min=0)]
MaxOpen = Annotated[
    int,
    typer.Option(help="Executions of a stream open at once; the next are dropped.", min=1, max=10_000),
]
Name = Annotated[
    str | None, typer.Option(help="Of the folder and the executions.", show_default="sim-TIME-SEED")
]


def simulate_command(
    minutes: Minutes = None,
    rate: Rate = None,
    burst: Images = None,
    dataset: Dataset = Path("build/dataset/drawn"),
    drawn: Drawn = False,
    drift: Drifts = None,
    drift_from: DriftFrom = None,
    seed: Seed = 0,
    max_open: MaxOpen = 200,
    name: Name = None,
    stage: StageOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Send labelled images to a stage, one by one or many at once, and count what becomes of them.

    Arrivals are planned ahead: a slow system does not slow the stream, its images wait. An image's latency
    counts from its planned arrival to its execution's end; in a burst, from the run's start to its batch's.

    Accuracy is the share of the accepted images that are what they were accepted as.

    Ctrl-C ends it with its summary: open executions get ten seconds, a burst's run is stopped.

    Images stay in the data bucket under simulations/NAME/; failures are told to the topic as all others are.
    """
    _check(minutes, rate, burst, drawn, drift, drift_from)
    deployment = find_deployment(stage)
    print_deployment(deployment)
    machine = deployment.state_machine if burst is None else deployment.batch_state_machine
    changes_from = 0.5 if drift_from is None else drift_from
    pictures = DriftingPictures(_pictures(deployment, dataset, drawn, drift, seed), drift, changes_from)
    called = name or f"sim-{datetime.now(UTC):%Y%m%dT%H%M%S}-{seed}"
    asked = {
        "minutes": minutes,
        "rate": rate,
        "burst": burst,
        "dataset": None if drawn else str(dataset),
        "drawn": drawn,
        "drift": drift,
        "drift_from": changes_from if drift else None,
        "seed": seed,
    }
    folder = _new_folder(called)
    started = datetime.now(UTC).isoformat(timespec="seconds")
    with Labels(folder, deployment.data_bucket) as labels:
        if burst is None:
            plan = StreamPlan(
                name=called, rate=rate or 0, seconds=(minutes or 0) * 60, seed=seed, max_open=max_open
            )
            counts, code = _stream(deployment.data_bucket, machine, plan, pictures, labels)
        else:
            counts, code = _burst(deployment.data_bucket, machine, called, burst, pictures, labels)
    about = {"name": called, "stage": deployment.stage, "where": deployment.where, "started": started}
    _tell({**about, "asked": asked, **counts}, folder, as_json=as_json)
    if code:
        raise typer.Exit(code)


def _check(
    minutes: float | None,
    rate: float | None,
    burst: int | None,
    drawn: bool,
    drift: Drift | None,
    drift_from: float | None,
) -> None:
    if (burst is None) == (minutes is None and rate is None):
        raise OperationError("Give either --minutes and --rate, for a stream, or --burst, for many at once.")
    if burst is None and (minutes is None or rate is None):
        raise OperationError("A stream needs both --minutes and --rate.")
    if drift is Drift.new_class and not drawn:
        raise OperationError("--drift new-class needs --drawn: a staged folder has the model's classes only.")
    if drift is None and drift_from is not None:
        raise OperationError("--drift-from says from when on; what changes is for --drift to say.")


def _pictures(deployment: Deployment, dataset: Path, drawn: bool, drift: Drift | None, seed: int) -> Pictures:
    """Drawn anew, or those of the staged folder. Raises OperationError or StagingError."""
    classes = _classes(deployment, boto3.client("lambda")) if drawn else ()
    pictures: Pictures = DrawnPictures(classes, seed) if drawn else StagedPictures(dataset, seed)
    if drift is Drift.new_class:
        pictures.picture(0, drift)  # says now, and not half-way, when there is no such class
    return pictures


def _tell(summary: dict[str, Any], folder: Path, *, as_json: bool) -> None:
    """Print the summary, and keep it in the simulation's folder. Raises OperationError where it cannot be."""
    if as_json:
        say_json(summary)
    else:
        print_summary(summary)
    try:
        with replacing(folder / SUMMARY) as file:
            file.write((json.dumps(summary, indent=2) + "\n").encode())
    except UnwritableError as error:
        raise OperationError(str(error)) from error
    if not as_json:
        say(f"{folder}: {SUMMARY}, {LABELS}")


def _classes(deployment: Deployment, functions: LambdaClient) -> tuple[str, ...]:
    """The classes that the deployed workflow tells apart, in the model's order."""
    function = deployment.names.function("filter-predictions")
    try:
        variables = functions.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
    except ClientError as error:
        if error_code(error) != "ResourceNotFoundException":
            raise
        raise OperationError(
            f"There is no function {function}. Deploy the stage again: {deploy_command(deployment.stage)}"
        ) from error
    return FilterEnvironment.read(variables).classes.labels


def _new_folder(name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise OperationError(
            f"--name {name!r} must be 1 to 50 of A-Z a-z 0-9 _ - and begin with none of _ -."
        )
    folder = FOLDER / name
    try:
        folder.mkdir(parents=True)
    except FileExistsError as error:
        raise OperationError(f"{folder} exists: choose another --name, or delete it.") from error
    return folder


def _stream(
    bucket: str, machine: str, plan: StreamPlan, pictures: DriftingPictures, labels: Labels
) -> tuple[dict[str, Any], int]:
    """Counts of a stream, and the exit code."""
    system = SingleImage(s3_client(), stepfunctions_client(), bucket, machine)
    with live_progress() as report:
        stream = Stream(plan, system, pictures, labels, report)
        stream.run()
    return stream_counts(stream), stream.interrupted or 0


def _burst(
    bucket: str, machine: str, name: str, images: int, pictures: DriftingPictures, labels: Labels
) -> tuple[dict[str, Any], int]:
    """Counts of a burst, and the exit code."""
    system = BatchRun(s3_client(), stepfunctions_client(), bucket, machine)
    with live_progress() as report:
        burst = Burst(name, images, system, pictures, labels, report)
        burst.run()
    failed = burst.run_ended is None or burst.run_ended.status != "SUCCEEDED"
    return burst_counts(burst), burst.interrupted or int(failed)
