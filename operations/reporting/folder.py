"""The numbers of capture files in a folder of this machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from operations.aws.errors import OperationError
from operations.reporting.request import Progress, ReportRequest, local_baseline, read_files
from reports.captured.files import SUFFIXES, CaptureFile, local_files, newest_first
from reports.document import Numbers
from reports.figures.analysis import Analysis
from reports.figures.limits import Limits
from reports.figures.numbers import About, make_numbers
from reports.times import HOUR, floor_hour, read_moment


@dataclass(frozen=True, kw_only=True)
class FolderSource:
    """Capture files in a folder. Nothing is asked of AWS, so nothing is said of executions."""

    folder: Path
    artifact: Path
    skipped: Path | None = None
    """A file of the folder that holds labels and is no capture file."""
    console: ClassVar = False
    """No console shows executions of which nothing is said."""

    def numbers(self, request: ReportRequest, progress: Progress, _warn: Callable[[str], None]) -> Numbers:
        """The numbers document of all records, or of the last hours if they are asked for."""
        files = self._files()
        every = 1 if request.image_every is None else request.image_every
        analysis = Analysis(local_baseline(self.artifact, None), labels=request.labels, image_every=every)
        start = None if request.hours is None else floor_hour(request.now - HOUR * request.hours)
        stop = None if request.hours is None else request.now
        read_files(analysis, iter(files), len(files), progress, start, stop)
        about = self._about(request.now, start or request.now - HOUR, stop or request.now)
        numbers = make_numbers(analysis, None, Limits(), about)
        captured = numbers["captured"]
        if start is not None or captured["first"] is None or captured["last"] is None:
            return numbers
        first, last = floor_hour(read_moment(captured["first"])), floor_hour(read_moment(captured["last"]))
        return make_numbers(analysis, None, Limits(), self._about(request.now, first, last + HOUR))

    def _files(self) -> list[CaptureFile]:
        if not self.folder.is_dir():
            raise OperationError(f"There is no folder {self.folder}: --from takes a folder of capture files.")
        files = newest_first(local_files(self.folder))
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
