"""`scones report`: how the model performs, from captured data, as a page, as JSON or as Markdown."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from operations.aws.deployment import StageOption, find_deployment, print_deployment
from operations.aws.errors import OperationError
from operations.progress import progress_bars
from operations.reporting.folder import FolderSource
from operations.reporting.labels import check_classes, check_pictures, read_labels
from operations.reporting.output import (
    FOLDER,
    check_page,
    print_page,
    print_verdict,
    without_pictures,
    write_page,
)
from operations.reporting.request import ReportRequest
from operations.reporting.stage import StageSource, stage_source
from operations.terminal import say, say_json, tell
from reports.document import Numbers
from reports.markdown import render_markdown

ARTIFACT = Path("build/model/model.tar.gz")
MOST_HOURS = 2160
"""Ninety days: Step Functions forgets executions after them."""
EPILOG = """
Examples:
The last day of the stage, as a page:
  scones report --open

The last week, with true classes beside the estimate:
  scones report --hours 168 --labels build/simulations/NAME/labels.jsonl

From files that were copied to this machine, without AWS:
  scones report --from captured --artifact build/model/model.tar.gz

True classes by the pictures themselves, sorted into sorted/bicycle, sorted/motorcycle:
  scones report --from captured --labels sorted

For a pull request, and for a pipeline that is to stop when something is wrong:
  scones report --markdown > report.md
  scones report --json --fail-on attention | jq .verdict

Exit code:
0: the report is made, whatever its verdict. 1: the verdict is one of --fail-on. 2: not possible as asked.
"""


class FailOn(StrEnum):
    """Verdicts that a pipeline may stop on."""

    attention = "attention"
    unknown = "unknown"


Hours = Annotated[
    int | None,
    typer.Option(
        help="How far back, from the full hour then to now.",
        min=1,
        max=MOST_HOURS,
        show_default="the stage's window, 24; with --from everything",
    ),
]
From = Annotated[
    Path | None,
    typer.Option("--from", help="Folder of capture files, instead of a stage.", metavar="DIR"),
]
Labels = Annotated[
    Path | None,
    typer.Option(
        help='True classes, a line an image: {"class", and "s3_key", "inference_id", "event_id" '
        'or "digest"}; or a folder of pictures, a sub-folder a class.',
        metavar="FILE|DIR",
    ),
]
Artifact = Annotated[
    Path | None,
    typer.Option(
        help="The model to compare with.",
        show_default=f"the deployed one; with --from {ARTIFACT}",
        metavar="FILE",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(help="Page to write.", show_default=f"{FOLDER}/STAGE-TIME.html", metavar="FILE"),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print the numbers as JSON; a page only with --out or --open.")
]
AsMarkdown = Annotated[
    bool,
    typer.Option("--markdown", help="Print the numbers as Markdown; a page only with --out or --open."),
]
NoImages = Annotated[
    bool, typer.Option("--no-images", help="No picture in the report, and none measured: faster.")
]
ImageEvery = Annotated[
    int | None,
    typer.Option(
        help="Measure every N-th image only.", min=1, metavar="N", show_default="the stage's setting"
    ),
]
Fail = Annotated[
    FailOn | None,
    typer.Option(help="Exit code 1 on this verdict; unknown is for attention, too.", case_sensitive=False),
]


def report_command(
    hours: Hours = None,
    from_: From = None,
    labels: Labels = None,
    artifact: Artifact = None,
    out: Out = None,
    open_: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    as_json: AsJson = False,
    as_markdown: AsMarkdown = False,
    no_images: NoImages = False,
    image_every: ImageEvery = None,
    fail_on: Fail = None,
    stage: StageOption = None,
) -> None:
    """Show how the model performs: a page with verdict, recent inferences, executions, confidence and drift.

    The data is what the endpoint captured, the executions are those of both machines, and the limits are
    those of the stage's alarms. A report of a folder has the usual limits and no executions.

    The page is one file that needs no network. Times are in UTC.
    """
    if as_json and as_markdown:
        raise OperationError("Give either --json or --markdown, not both.")
    check_page(out)
    now = datetime.now(UTC)
    request = ReportRequest(
        hours=hours,
        labels=read_labels(labels, _warn),
        artifact=artifact,
        image_every=0 if no_images else image_every,
        now=now,
    )
    source = _source(from_, labels, artifact, stage)
    numbers = _numbers(source, request)
    if no_images:
        numbers = without_pictures(numbers)
    page = out
    if page is None and (open_ or not (as_json or as_markdown)):
        page = FOLDER / f"{numbers['stage'] or 'folder'}-{now:%Y%m%dT%H%M%SZ}.html"
    if page is not None:
        write_page(page, numbers, console=source.console)
    if as_json:
        say_json(numbers)
    elif as_markdown:
        say(*render_markdown(numbers).rstrip("\n").split("\n"))
    else:
        print_verdict(numbers)
    if page is not None:
        print_page(page, open_, quiet=as_json or as_markdown)
    if fail_on is not None and numbers["verdict"]["state"] in _failing(fail_on):
        raise typer.Exit(1)


def _numbers(source: FolderSource | StageSource, request: ReportRequest) -> Numbers:
    """What the source has to tell, and a word about labels that fit nothing of it."""
    with progress_bars() as progress:
        numbers = source.numbers(request, progress, _warn)
    check_classes(request.labels, numbers["model"]["classes"], _warn)
    check_pictures(request.labels, numbers["images"], _warn)
    return numbers


def _source(
    folder: Path | None, labels: Path | None, artifact: Path | None, stage: str | None
) -> FolderSource | StageSource:
    if folder is not None:
        if stage is not None:
            raise OperationError("Give either --from or --stage: a folder belongs to no stage.")
        return FolderSource(folder=folder, artifact=artifact or ARTIFACT, skipped=labels)
    deployment = find_deployment(stage)
    print_deployment(deployment)
    return stage_source(deployment)


def _failing(fail_on: FailOn) -> tuple[str, ...]:
    return ("attention",) if fail_on is FailOn.attention else ("attention", "unknown")


def _warn(text: str) -> None:
    tell(text, colour="yellow")
