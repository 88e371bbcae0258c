"""What a report is asked for, and what it takes from a stage and from a folder alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from contracts.artifact.archive import ArtifactError
from contracts.artifact.reader import read_artifact
from operations.aws.errors import OperationError
from reports.captured.files import CaptureFile
from reports.captured.object_stream import ReadFailed
from reports.figures.analysis import Analysis
from reports.figures.baseline import Baseline, read_baseline
from reports.history.labels import Labels

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, kw_only=True)
class ReportRequest:
    """What a report is to contain. hours None: the usual. image_every None: as the stage's monitor does."""

    hours: int | None
    labels: Labels | None
    artifact: Path | None
    image_every: int | None
    now: datetime


def local_baseline(artifact: Path, threshold: float | None) -> Baseline:
    """Of an artifact on this machine; None: with the threshold that it recommends."""
    try:
        found = read_artifact(artifact)
    except ArtifactError as error:
        raise OperationError(f"{error}, or name another with --artifact FILE.") from error
    return read_baseline(found.card, digest=found.sha256, threshold=threshold)


def read_files(
    analysis: Analysis,
    files: Iterable[CaptureFile],
    total: int,
    progress: Progress,
    start: datetime | None,
    stop: datetime | None,
) -> None:
    """Read all of them: figures without some would look as complete as with them. Raises OperationError."""
    progress("reading captured files", 0, total)
    try:
        for done, file in enumerate(files, 1):
            analysis.read(file.name, file.lines(), start=start, stop=stop)
            progress("reading captured files", done, total)
    except (ReadFailed, OSError) as error:
        raise OperationError(f"A capture file cannot be read: {error}. Try again.") from error
