"""The way through the new capture files: chunk by chunk, each of them committed, until time is up."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime

from reports.captured.files import CaptureFile
from reports.figures.analysis import Analysis
from reports.monitor.deadline import Deadline
from reports.monitor.increment import Increment
from reports.monitor.new_files import Fetched, fetched
from reports.monitor.notes import Note
from reports.monitor.state import State
from reports.times import key_hour

CHUNK_FILES = 1_000
"""Files between two writings of the state: what a run that is killed reads again at most."""
MOST_FAILED = 20
"""With more files that cannot be read it is not the files that are at fault."""
_logger = logging.getLogger("scones")


class CaptureUnreadable(Exception):
    """Many capture files cannot be read: S3, a key or a permission is at fault. What was read is kept."""


@dataclass
class Progress:
    """What a run has read. `behind`: time was up before all new files were read. `failed`: why, by key."""

    files: int = 0
    inferences: int = 0
    behind: bool = False
    finished: bool = False
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def is_hopeless(self) -> bool:
        """Whether so many files cannot be read that reading on makes no sense."""
        return len(self.failed) > MOST_FAILED


@dataclass
class Reading:
    """`commit` writes the state."""

    state: State
    analysis: Analysis
    commit: Callable[[], None]
    deadline: Deadline
    now: datetime

    def through(self, files: Iterator[CaptureFile]) -> Progress:
        """Count the files, which come in the order of their hours, as far as time allows.

        The state is written after each chunk, and at least once. Raises StateChanged, and CaptureUnreadable
        where files cannot be read for a reason that is not theirs.
        """
        progress = Progress()
        with closing(fetched(files)) as ahead:
            while not (progress.finished or progress.behind or progress.is_hopeless):
                self._chunk(ahead, progress)
                if not (progress.finished or progress.behind):
                    self.commit()
                    _logger.info("Monitor: read %d files so far", progress.files)
        if progress.is_hopeless:
            key, problem = next(iter(progress.failed.items()))
            raise CaptureUnreadable(
                f"{len(progress.failed)} capture files cannot be read, such as {key}: {problem}"
            )
        if not progress.behind:
            self.state.in_metrics = None
        self._give_up(progress)
        self.commit()
        return progress

    def _chunk(self, ahead: Iterator[Fetched], progress: Progress) -> None:
        increment, hour = self._increment(), None
        for _ in range(CHUNK_FILES):
            if (file := next(ahead, None)) is None:
                progress.finished = True
                break
            hour = key_hour(file.file.name)
            self._take(file, increment, progress)
            if progress.is_hopeless:
                break
            if self.deadline.reading_is_over:
                progress.behind = True
                break
        progress.inferences += increment.add_to(self.analysis, self.state.pending)
        self.state.counted.close(self.now if progress.finished or hour is None else hour, self.now)

    def _increment(self) -> Increment:
        return Increment(
            self.analysis.baseline,
            self.analysis.image_every,
            since=self.state.mark.since,
            in_metrics=self.state.in_metrics,
            now=self.now,
            seen=self.analysis.seen,
        )

    def _take(self, file: Fetched, increment: Increment, progress: Progress) -> None:
        if file.problem:
            self.state.counted.hold(file.file.name, self.now)
            progress.failed[file.file.name] = file.problem
            return
        increment.read(file.file)
        self.state.counted.count(file.file.name)
        progress.files += 1

    def _give_up(self, progress: Progress) -> None:
        """Later runs try failed files again, but not for ever if others can be read."""
        if progress.failed:
            key, problem = next(iter(progress.failed.items()))
            count = len(progress.failed)
            _logger.error(
                "Monitor: capture files that cannot be read: %d, such as %s: %s", count, key, problem
            )
        if progress.files and (given_up := self.state.counted.give_up(self.now)):
            text = f"Capture files that were given up, since nobody can read them: {len(given_up)}, such as "
            text += f"{given_up[0]}."
            self.state.notes.append(Note(self.now, text))
            _logger.error("Monitor: %s", text)
