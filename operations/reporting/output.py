"""What a report comes out as: the page, a file written at once, and the verdict in the terminal."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from contracts.names import REPORTS_FOLDER
from contracts.whole_files import UnwritableError, check_writable, replacing
from operations.aws.errors import OperationError, error_code
from operations.aws.s3_location import read_s3_location
from operations.terminal import Cell, Column, say, say_table, tell
from reports.document import Accuracy, InferenceRecord, Interval, Numbers
from reports.figures.check_words import unmatched_labels
from reports.page import render_page
from reports.page.embedding import LibraryMissingError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FOLDER = Path("build/reports")
"""Where pages go unless another place is named."""
STYLES = {"well": "green", "attention": "red", "unknown": "yellow"}
COLUMNS = (Column("check"), Column(""), Column("value", long=True), Column("limit", long=True))


def check_page(page: Path | None) -> None:
    """Raise OperationError, before any work, where a page could not be written."""
    if page is None:
        return
    try:
        check_writable(page, "report.html")
    except UnwritableError as error:
        raise OperationError(f"--out: {error}") from error


def write_page(page: Path, numbers: Numbers, *, console: bool) -> None:
    """Put the page in its place when it is whole; `console` as for render_page. Raises OperationError."""
    try:
        content = render_page(numbers, console=console).encode()
        with replacing(page) as file:
            file.write(content)
    except (LibraryMissingError, UnwritableError) as error:
        raise OperationError(str(error)) from error


def fetch_page(s3: S3Client, address: object, stage: str) -> Path:
    """The page that the stage's monitor wrote at this s3:// address, in FOLDER. Raises OperationError."""
    location = read_s3_location(address) if isinstance(address, str) else None
    if location is None or location.is_folder:
        raise OperationError("The monitor's answer names no page. Make one here: scones report --open")
    page = FOLDER / f"{stage}-{location.key.removeprefix(REPORTS_FOLDER).replace('/', '-')}"
    try:
        content = s3.get_object(Bucket=location.bucket, Key=location.key)["Body"].read()
        with replacing(page) as file:
            file.write(content)
    except ClientError as error:
        raise OperationError(
            f"The page {location} cannot be read ({error_code(error)}): that takes s3:GetObject below "
            "reports/. Or make one here: scones report --open"
        ) from error
    except UnwritableError as error:
        raise OperationError(str(error)) from error
    return page


def without_pictures(numbers: Numbers) -> Numbers:
    """The numbers without any picture."""
    recent = _without_pictures(numbers["recent"])
    return {**numbers, "recent": recent, "least_certain": _without_pictures(numbers["least_certain"])}


def _without_pictures(records: list[InferenceRecord]) -> list[InferenceRecord]:
    return [{**record, "picture": None} for record in records]


def print_page(page: Path, open_: bool, *, quiet: bool) -> None:
    """Say where the page is, and open it if that is wanted; `quiet`: on standard error."""
    address = page.resolve().as_uri()
    opened = open_ and webbrowser.open(address)
    if open_ and not opened:
        tell("No browser could be opened.", colour="yellow")
    write = tell if quiet else say
    write(
        f"{page}: {page.stat().st_size / 1e6:.1f} MB", *([] if opened or quiet else [f"Open it: {address}"])
    )


def print_verdict(numbers: Numbers) -> None:
    """The verdict in a sentence, its checks as a table, and what to do about those that are not well."""
    verdict = numbers["verdict"]
    say(verdict["summary"], colour=STYLES[verdict["state"]])
    rows = [
        (check["label"], Cell(check["state"], STYLES[check["state"]]), check["value"], check["limit"])
        for check in verdict["checks"]
    ]
    say_table(COLUMNS, rows)
    say(*advice(numbers), *_accuracy(numbers["accuracy"]))


def advice(numbers: Numbers) -> list[str]:
    """What to do next, a line a check that asks for attention."""
    checks = numbers["verdict"]["checks"]
    return [f"{check['label']}: {check['advice']}" for check in checks if check["state"] == "attention"]


def _accuracy(accuracy: Accuracy) -> list[str]:
    """The estimate, or why there is none, and, with labels, what it really is."""
    lines = []
    if estimate := accuracy["estimate"]:
        lines.append(f"accuracy, estimated from confidence: {_interval(estimate)}")
    if withdrawn := accuracy["withdrawn"]:
        lines.append(f"accuracy: {withdrawn}")
    if labelled := accuracy["labelled"]:
        count = f"{labelled['images']:,} labelled image{'s' if labelled['images'] != 1 else ''}"
        lines.append(f"accuracy of {count}: {_interval(labelled)}")
    if unmatched := unmatched_labels(accuracy):
        lines.append(unmatched)
    return lines


def _interval(known: Interval) -> str:
    return f"{known['value']:.1%} ({known['low']:.1%} to {known['high']:.1%})"
