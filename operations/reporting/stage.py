"""The numbers of a deployed stage: from what it captured and ran."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from operations.aws.clients import s3_client, stepfunctions_client
from operations.aws.deployment import Deployment
from operations.aws.errors import OperationError
from operations.reporting.labels import with_inference_ids
from operations.reporting.monitor_function import lambda_client, monitor_settings
from operations.reporting.request import Progress, ReportRequest, local_baseline, read_files
from reports.captured.files import captured_files, newest_first, prefetched
from reports.document import Numbers
from reports.figures.analysis import Analysis
from reports.figures.baseline import Baseline
from reports.figures.numbers import About, make_numbers
from reports.history.executions import ExecutionHistory, list_executions
from reports.history.image_names import image_names
from reports.history.verification import with_verification
from reports.monitor.environment import MonitorEnvironment
from reports.monitor.model import ArtifactUnreadable, read_model
from reports.monitor.notes import Note, with_notes
from reports.times import HOUR, floor_hour
from training.staging.example import silent

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions import SFNClient

NAMED_TOGETHER = 50
"""Images that are looked up between two signs of progress."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0
"""Seconds between two looks for what is to be captured: on loopback it soon is, on AWS within minutes."""


@dataclass(frozen=True, kw_only=True)
class StageSource:
    """A deployed stage: captured data from S3, executions from Step Functions, limits from its monitor."""

    deployment: Deployment
    settings: MonitorEnvironment
    s3: S3Client
    states: SFNClient

    @property
    def console(self) -> bool:
        """Whether a console shows the stage's executions."""
        return self.deployment.in_aws

    def numbers(self, request: ReportRequest, progress: Progress, warn: Callable[[str], None]) -> Numbers:
        """The numbers document of the last hours. `warn` gets what a reader has to know beside them."""
        baseline, stored = self._model(request.artifact)
        stop = request.now
        start = floor_hour(stop - HOUR * (request.hours or self.settings.limits.window_hours))
        since = start if stored is None else max(start, stored)
        notes = []
        if since > start and self._captured_before(since, start):
            text = f"The model is there since {since:%Y-%m-%d %H:%M:%S} UTC: earlier records are left out"
            warn(f"{text}.")
            notes = [Note(stop, f"{text}, but no executions.")]
        every = self.settings.image_every if request.image_every is None else request.image_every
        progress("listing executions", 0, 1)
        history = list_executions(self.states, self._machines(), start, stop)
        labels = request.labels and with_inference_ids(
            request.labels, history, self.s3, self.states, self.settings.bucket
        )
        progress("listing executions", 1, 1)
        analysis = Analysis(baseline, labels=labels, image_every=every)
        uri, endpoint = self.settings.capture_uri, self.settings.endpoint
        files = newest_first(captured_files(self.s3, uri, endpoint, since, stop))
        read_files(analysis, prefetched(files), len(files), progress, since, stop)
        self._name_images(analysis, history, progress)
        about = About(
            stage=self.deployment.stage,
            where=self.deployment.where,
            endpoint=endpoint,
            generated=request.now,
            start=start,
            stop=stop,
            links=self.settings.links,
        )
        numbers = make_numbers(analysis, history.as_numbers(), self.settings.limits, about)
        numbers = with_verification(numbers, self.s3, self.settings.bucket)
        return with_notes(numbers, notes, behind=False) if notes else numbers

    def wait_for_captured(
        self, ids: Collection[str], request: ReportRequest, seconds: float
    ) -> tuple[Numbers, int]:
        """The numbers once the inferences with these ids are captured, or after so many seconds; how many of
        them were not. For ids of the window's newest inferences, those that a page shows."""
        end, pause = time.monotonic() + seconds, FIRST_PAUSE
        while True:
            numbers = self.numbers(replace(request, now=datetime.now(UTC)), silent, lambda _: None)
            missing = len(set(ids) - {record["inference_id"] for record in numbers["recent"]})
            left = end - time.monotonic()
            if not missing or left <= 0:
                return numbers, missing
            time.sleep(min(pause, left))
            pause = min(pause * 1.5, LONGEST_PAUSE)

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


def stage_source(deployment: Deployment) -> StageSource:
    """What a report on this stage is made from. Raises OperationError where it has no monitor."""
    return StageSource(
        deployment=deployment,
        settings=monitor_settings(deployment, lambda_client()),
        s3=s3_client(),
        states=stepfunctions_client(),
    )
