"""A run of the monitor: count what is new, write the page, emit metrics, so that each can be done again.

The order makes a run that ends anywhere harmless:

1. Capture files are read, and the state is written with their counts and with what is to be emitted of them.
   From here on the files are counted; before, they are not, and the next run reads them again.
2. The page and the numbers are written. Written again, they replace themselves.
3. The metrics are emitted, and the state is written without them. A run that ends between the two leaves
   the same metrics to the next one: metrics are emitted at least once, the rest counts exactly once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from reports.captured.files import captured_files
from reports.document import Numbers
from reports.figures.analysis import Analysis
from reports.figures.numbers import About, make_numbers
from reports.history.executions import ExecutionHistory, list_executions
from reports.history.image_names import image_names
from reports.history.verification import with_verification
from reports.monitor.deadline import Deadline
from reports.monitor.environment import MonitorEnvironment
from reports.monitor.increment import MetricCounts
from reports.monitor.metrics import metric_lines, new_failures
from reports.monitor.model import Model
from reports.monitor.new_files import new_files
from reports.monitor.notes import with_notes
from reports.monitor.publication import is_published, publish
from reports.monitor.reading import Progress, Reading
from reports.monitor.starting_point import StartingPoint
from reports.monitor.state import State
from reports.monitor.state_store import StateStore

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions import SFNClient

NAMES = 1_000
"""Most images whose execution a run asks for their key."""
ERRORS = 500
"""Most failed executions that a run asks for their error, beside those that it knows."""
_logger = logging.getLogger("scones")


@dataclass(kw_only=True)
class Run:
    """`where`: which AWS this is, for people; `console`: whether it has one; `emit` takes a metrics line."""

    environment: MonitorEnvironment
    model: Model
    s3: S3Client
    states: SFNClient
    where: str
    console: bool
    now: datetime
    deadline: Deadline
    emit: Callable[[str], None]

    def __call__(self) -> dict[str, Any]:
        """Do all of it; what was done, in short. Raises StateChanged where another run came first."""
        env, s3 = self.environment, self.s3
        store = StateStore(s3, env.bucket, env.state_key)
        starting_point = StartingPoint(self.model, timedelta(hours=env.limits.window_hours), self.now)
        start = starting_point.window_start
        state = starting_point.state(store, partial(is_published, s3, env.bucket, env.reports_prefix))
        analysis = starting_point.analysis(state, env.image_every)
        progress = self._read(state, analysis, start, store)
        history = self._history(state.errors or {}, start)
        self._name(analysis, history)
        numbers = self._numbers(analysis, history, start, state, progress)
        page = publish(s3, env.bucket, env.reports_prefix, numbers, self.now, console=self.console)
        self._emit_metrics(numbers, state, history)
        self._keep(state, analysis)
        store.write(state)
        _logger.info("Monitor: counted %d inferences in %d files", progress.inferences, progress.files)
        return {
            "files": progress.files,
            "inferences": progress.inferences,
            "behind": progress.behind,
            "report": f"s3://{env.bucket}/{page}",
            "verdict": numbers["verdict"]["summary"],
        }

    def _read(self, state: State, analysis: Analysis, start: datetime, store: StateStore) -> Progress:
        env = self.environment

        def commit() -> None:
            analysis.drop_before(start)
            self._keep(state, analysis)
            store.write(state)

        reading = Reading(
            state=state,
            analysis=analysis,
            commit=commit,
            deadline=self.deadline,
            now=self.now,
        )
        listing = partial(captured_files, self.s3, env.capture_uri, env.endpoint)
        return reading.through(new_files(listing, state.counted, self.now))

    def _keep(self, state: State, analysis: Analysis) -> None:
        state.analysis, state.written = analysis.as_state(), self.now

    def _history(self, known_errors: dict[str, str], start: datetime) -> ExecutionHistory | None:
        """What was started in the window; None where Step Functions does not say it, as the log then does."""
        env = self.environment
        machines = {"image": env.state_machine, "batch": env.batch_state_machine}
        limit = self.deadline.looks(ERRORS)
        try:
            return list_executions(
                self.states, machines, start, self.now, errors_limit=limit, known_errors=known_errors
            )
        except (BotoCoreError, ClientError) as error:
            _logger.error("Monitor: executions are unknown in this report: %s", error)
            return None

    def _name(self, analysis: Analysis, history: ExecutionHistory | None) -> None:
        if history is not None:
            ids, limit = analysis.shown_ids, self.deadline.looks(NAMES)
            bucket = self.environment.bucket
            analysis.name_images(image_names(ids, history, self.states, self.s3, bucket, limit=limit))

    def _numbers(
        self,
        analysis: Analysis,
        history: ExecutionHistory | None,
        start: datetime,
        state: State,
        progress: Progress,
    ) -> Numbers:
        env = self.environment
        about = About(
            stage=env.stage,
            where=self.where,
            endpoint=env.endpoint,
            generated=self.now,
            start=start,
            stop=self.now,
            links=env.links,
        )
        numbers = make_numbers(analysis, history.as_numbers() if history else None, env.limits, about)
        numbers = with_verification(numbers, self.s3, env.bucket)
        return with_notes(numbers, state.notes, behind=progress.behind)

    def _emit_metrics(self, numbers: Numbers, state: State, history: ExecutionHistory | None) -> None:
        """Emit the metrics, and take what they hold out of the state, which is not written yet."""
        failures = new_failures(history, state.errors)
        for line in metric_lines(self.environment.stage, self.now, numbers, state.pending, failures):
            self.emit(line)
        state.pending = MetricCounts()
        if history is not None:
            state.errors = history.known_errors()
