"""`scones verify`: golden pictures through the whole stage, each answer compared with the model's own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError

from contracts.names import UPLOADS
from operations.aws.clients import CONNECTIONS, s3_client, stepfunctions_client
from operations.aws.deployment import StageOption, find_deployment, print_deployment, print_json
from operations.aws.errors import explain
from operations.images.answer_table import class_cell
from operations.images.answers import ImageExecutions
from operations.images.source import SourceImage
from operations.progress import progress_bars
from operations.terminal import Cell, Column, Row, remark, say_table, tell
from operations.verification.checks import Checked, check
from operations.verification.deployed_model import DeployedModel, read_deployed_model
from reports.document import Verification
from reports.history.verification import keep_verification
from reports.times import utc

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

EPILOG = """
Examples:
After a deployment, or whenever it is doubted what serves:
  scones verify --stage prod

For a pipeline:
  scones verify --json

Exit code:
0: every picture was answered as expected. 1: not every one; what that means is told. 2: not possible as
asked. 130: left by Ctrl-C.
"""
COLUMNS = (
    Column("picture"),
    Column("expected"),
    Column("answered"),
    Column("difference", right=True),
    Column("model"),
    Column("", long=True),
)


def verify_command(
    max_concurrency: Annotated[
        int, typer.Option(help="Executions at the same time.", min=1, max=CONNECTIONS)
    ] = 8,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for all answers.", min=1)] = 300,
    stage: StageOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Prove that the stage serves the model that was deployed, and that it sees the pictures as it should.

    Training puts up to 16 pictures into the artifact, with the probabilities that the model gives them. They
    go through the state machine to the endpoint as any picture does; each answer must come from the deployed
    model and be the expected one, to a thousandth in each probability.
    """
    deployment = find_deployment(stage)
    print_deployment(deployment)
    s3 = s3_client()
    model = read_deployed_model(s3, deployment)
    executions = ImageExecutions(
        s3=s3,
        stepfunctions=stepfunctions_client(),
        machine=deployment.state_machine,
        concurrency=max_concurrency,
        timeout=timeout,
    )
    with _files(model, deployment.data_bucket) as images, progress_bars() as progress:
        answers, interrupted = executions.classify(images, 0, progress)
    checked = check(model, answers)
    failed = [one for one in checked if one.problem]
    if not interrupted:
        _keep(s3, deployment.data_bucket, model, len(checked) - len(failed))
    if as_json:
        pictures = [one._asdict() for one in checked]
        print_json(deployment, {"model": model.digest, "verified": not failed, "pictures": pictures})
    else:
        say_table(COLUMNS, [_row(one, model) for one in checked])
        remark(f"model {model.digest}: {len(checked) - len(failed)} of {len(checked)} answered as expected")
    if failed:
        tell("What each means and what to do: docs/operations.md, Verify a release")
    raise typer.Exit(130 if interrupted else 1 if failed else 0)


def _keep(s3: S3Client, bucket: str, model: DeployedModel, as_expected: int) -> None:
    """For the report. Who may not write there has verified all the same, and is told."""
    record: Verification = {
        "time": utc(datetime.now(UTC)),
        "model": model.digest,
        "pictures": len(model.golden),
        "as_expected": as_expected,
    }
    try:
        keep_verification(s3, bucket, record)
    except (BotoCoreError, ClientError) as error:
        tell(f"The report will not show this verification: {explain(error)}", colour="yellow")


@contextmanager
def _files(model: DeployedModel, bucket: str) -> Iterator[Sequence[SourceImage]]:
    """The golden pictures as files, to be uploaded to where an earlier verification of the model put them."""
    with tempfile.TemporaryDirectory() as folder:
        images = []
        for picture in model.golden:
            path = Path(folder) / picture.name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(picture.content)
            key = f"{UPLOADS}verify-{model.digest}/{picture.name}"
            images.append(SourceImage(picture.name, bucket, key, path))
        yield images


def _row(checked: Checked, model: DeployedModel) -> Row:
    answered = checked.answered_class or ""
    return (
        checked.picture,
        class_cell(checked.expected_class, model.names.get(checked.expected_class)),
        class_cell(answered, model.names.get(answered)),
        "" if checked.difference is None else f"{checked.difference:.6f}",
        checked.model or "",
        Cell(checked.problem or "as expected", "red" if checked.problem else "green"),
    )
