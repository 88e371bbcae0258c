"""The numbers of a report: from what a deployed stage captured and ran, or from files in a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from operations.deployment import Deployment
from operations.operation_error import OperationError
from operations.report_labels import with_inference_ids
from reports.analysis import Analysis
from reports.baseline import Baseline, read_baseline
from reports.capture_source import SUFFIXES, CaptureFile, captured_files, local_files, prefetched
from reports.executions import ExecutionHistory, list_executions
from reports.image_names import image_names
from reports.labels import Labels
from reports.limits import Limits
from reports.monitor.environment import MonitorEnvironment
from reports.monitor.errors import ArtifactUnreadable
from reports.monitor.model import read_model
from reports.numbers import About, make_numbers
from reports.object_stream import ReadFailed
from training.artifact import ArtifactError, read_artifact

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions import SFNClient

Progress = Callable[[str, int, int], None]
HOUR = timedelta(hours=1)
NAMED_TOGETHER = 50
"""Images that are looked up between two signs of progress."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a report is to contain. hours None: the usual. image_every None: as the stage's monitor does."""

    hours: int | None
    labels: Labels | None
    artifact: Path | None
    image_every: int | None
    now: datetime


@dataclass(frozen=True, kw_only=True)
class StageSource:
    """A deployed stage: captured data from S3, executions from Step Functions, limits from its monitor."""

    deployment: Deployment
    settings: MonitorEnvironment
    s3: S3Client
    states: SFNClient

    def numbers(self, asked: Asked, progress: Progress, tell: Callable[[str], None]) -> dict[str, Any]:
        """The numbers document of the last hours. `tell` gets what a reader has to know beside them."""
        baseline, stored = self._model(asked.artifact)
        stop = asked.now
        start = _floor_hour(stop - HOUR * (asked.hours or self.settings.limits.window_hours))
        since = start if stored is None else max(start, stored)
        if since > start and self._captured_before(since, start):
            tell(f"The model is there since {since:%Y-%m-%d %H:%M:%S} UTC: earlier records are left out.")
        every = self.settings.image_every if asked.image_every is None else asked.image_every
        progress("listing executions", 0, 1)
        history = list_executions(self.states, self._machines(), start, stop)
        labels = asked.labels and with_inference_ids(
            asked.labels, history, self.s3, self.states, self.settings.bucket
        )
        progress("listing executions", 1, 1)
        analysis = Analysis(baseline, labels=labels, image_every=every)
        uri, endpoint = self.settings.capture_uri, self.settings.endpoint
        files = list(captured_files(self.s3, uri, endpoint, since, stop))
        _read(analysis, prefetched(files), len(files), progress, since, stop)
        self._name_images(analysis, history, progress)
        about = About(
            stage=self.deployment.stage,
            where=self.deployment.where,
            endpoint=endpoint,
            generated=asked.now,
            start=start,
            stop=stop,
            links=self.settings.links,
        )
        return make_numbers(analysis, history.as_numbers(), self.settings.limits, about)

    def _captured_before(self, since: datetime, start: datetime) -> bool:
        """Whether anything of the window was captured before the model was there, by the files' names."""
        files = captured_files(self.s3, self.settings.capture_uri, self.settings.endpoint, start, since)
        first, last = (f"{moment:%Y/%m/%d/%H/%M-%S}" for moment in (start, since))
        return any(first <= "/".join(file.name.split("/")[-5:]) < last for file in files)

    def _model(self, artifact: Path | None) -> tuple[Baseline, datetime | None]:
        """The deployed model's baseline and since when it is there, or that of another artifact."""
        if artifact is not None:
            return local_baseline(artifact, self.settings.threshold), None
        try:
            model = read_model(self.s3, self.settings.artifact_uri, self.settings.threshold)
        except ArtifactUnreadable as error:
            raise OperationError(f"{error} Or name a copy of it: --artifact FILE.") from error
        return model.baseline, model.stored

    def _machines(self) -> dict[str, str]:
        return {"image": self.settings.state_machine, "batch": self.settings.batch_state_machine}

    def _name_images(self, analysis: Analysis, history: ExecutionHistory, progress: Progress) -> None:
        """Packs at once, because their run's results are read once; single images some at a time."""
        shown = analysis.shown_ids
        singles = [id for id in shown if "#" not in id]
        parts = [[id for id in shown if "#" in id]]
        parts += [singles[first : first + NAMED_TOGETHER] for first in range(0, len(singles), NAMED_TOGETHER)]
        done = 0
        for part in parts:
            names = image_names(part, history, self.states, self.s3, self.settings.bucket)
            analysis.name_images(names)
            done += len(part)
            progress("looking up images", done, len(shown))


@dataclass(frozen=True, kw_only=True)
class FolderSource:
    """Capture files in a folder. Nothing is asked of AWS, so nothing is said of executions."""

    folder: Path
    artifact: Path
    skipped: Path | None = None
    """A file of the folder that holds labels and is no capture file."""

    def numbers(self, asked: Asked, progress: Progress, _tell: Callable[[str], None]) -> dict[str, Any]:
        """The numbers document of all records, or of the last hours if they are asked for."""
        files = self._files()
        every = 1 if asked.image_every is None else asked.image_every
        analysis = Analysis(local_baseline(self.artifact, None), labels=asked.labels, image_every=every)
        start = None if asked.hours is None else _floor_hour(asked.now - HOUR * asked.hours)
        stop = None if asked.hours is None else asked.now
        _read(analysis, iter(files), len(files), progress, start, stop)
        about = self._about(asked.now, start or asked.now - HOUR, stop or asked.now)
        numbers = make_numbers(analysis, None, Limits(), about)
        captured = numbers["captured"]
        if start is not None or captured["first"] is None:
            return numbers
        first, last = (_floor_hour(datetime.fromisoformat(captured[end])) for end in ("first", "last"))
        return make_numbers(analysis, None, Limits(), self._about(asked.now, first, last + HOUR))

    def _files(self) -> list[CaptureFile]:
        if not self.folder.is_dir():
            raise OperationError(f"There is no folder {self.folder}: --from takes a folder of capture files.")
        files = list(local_files(self.folder))
        if self.skipped is not None:
            apart = self.skipped.resolve()
            files = [file for file in files if (self.folder / file.name).resolve() != apart]
        if not files:
            raise OperationError(
                f"{self.folder} holds no capture files: {' and '.join(SUFFIXES)} files were looked for, "
                "at any depth. Copy them there: aws s3 sync s3://BUCKET/data-capture DIR"
            )
        return files

    def _about(self, now: datetime, start: datetime, stop: datetime) -> About:
        where = f"folder {self.folder}"
        return About(stage="", where=where, endpoint="", generated=now, start=start, stop=stop)


def local_baseline(artifact: Path, threshold: float | None) -> Baseline:
    """Of an artifact on this machine; None: with the threshold that it recommends."""
    try:
        found = read_artifact(artifact)
    except ArtifactError as error:
        raise OperationError(f"{error}, or name another with --artifact FILE.") from error
    return read_baseline(found.card, digest=found.sha256, threshold=threshold)


def _read(
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


def _floor_hour(moment: datetime) -> datetime:
    """The UTC hour's beginning: counts are kept by the hour, and the monitor's window begins so, too."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
