"""A steady stream: each image at its planned time, whatever has become of those before it."""

from __future__ import annotations

import heapq
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from threading import Condition, Event, Thread
from typing import NamedTuple, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from lambda_src.core.inference_id import inference_id
from operations.simulation.arrivals import StreamPlan, planned_arrivals
from operations.simulation.images import DriftingPictures, image_key
from operations.simulation.labels import Labels
from operations.simulation.single_image import Ended
from operations.simulation.tally import Ending, Tally
from training.staging.example import StagingError

AHEAD = 64
"""Images that are uploaded before their arrival, so that drawing and uploading them is in no latency."""
UPLOADS, STARTS, WATCHERS = 4, 16, 4
"""Calls of each kind at once."""
FIRST_LOOK_SECONDS, LAST_LOOK_SECONDS = 0.1, 2.0
"""Shortest and longest pause between two looks at an execution. Latencies do not depend on it."""
DRAIN_SECONDS = 120.0
"""Longest wait for open executions after the last arrival."""
INTERRUPTED_DRAIN_SECONDS = 10.0
REPORT_SECONDS = 1.0


class System(Protocol):
    """What a stream needs of a deployment; see `SingleImage`."""

    def upload(self, key: str, png: bytes) -> None: ...

    def start(self, execution_name: str, key: str) -> str: ...

    def ended(self, execution: str) -> Ended | None: ...


class Snapshot(NamedTuple):
    """How a simulation stands: arrived = tally.ended + open + dropped."""

    seconds: float
    arrived: int
    open: int
    dropped: int
    tally: Tally


Report = Callable[[Snapshot], None]


class _Arrival(NamedTuple):
    """An image at its place in the bucket, or the error that kept it from there."""

    key: str
    label: str
    drifted: bool
    error: str | None


@dataclass(order=True)
class _Open:
    """An execution to look at, not before `due`; it started `waited` seconds after its planned arrival."""

    due: float
    number: int
    execution: str = field(compare=False)
    label: str = field(compare=False)
    waited: float = field(compare=False)
    pause: float = field(compare=False)


class Stream:
    """One stream, to be run once.

    An image's latency is the time from its planned arrival until its start was confirmed, plus the
    execution's own time by AWS's clock: neither the two clocks' difference nor the pauses between looks are
    in it.
    """

    def __init__(
        self, plan: StreamPlan, system: System, pictures: DriftingPictures, labels: Labels, report: Report
    ) -> None:
        self.tally = Tally()
        self.arrived = self.dropped = self.open = 0
        self.latest_start = 0.0
        """Longest delay of a start in seconds: large when this machine, not the deployment, was too slow."""
        self.interrupted: int | None = None
        self.seconds = 0.0
        self._plan = plan
        self._system = system
        self._pictures = pictures
        self._labels = labels
        self._report = report
        self._changed = Condition()
        self._waiting: list[_Open] = []
        self._over = False
        self._problem: BaseException | None = None
        self._numbers = count()
        self._begin = self._reported = time.monotonic()

    def run(self) -> None:
        """Send everything and wait for its end. Ctrl-C and SIGTERM end both early, the second at once.

        `interrupted` is then the exit code of a process that was ended so.

        Raises StagingError when a picture cannot be made.
        """
        watchers = [Thread(target=self._watch, daemon=True) for _ in range(WATCHERS)]
        for watcher in watchers:
            watcher.start()
        uploads, starts = ThreadPoolExecutor(UPLOADS), ThreadPoolExecutor(STARTS)
        try:
            self._send(uploads, starts)
            self._drain(DRAIN_SECONDS)
        except (KeyboardInterrupt, SystemExit) as interruption:
            self.interrupted = exit_code(interruption)
            for pool in (uploads, starts):
                pool.shutdown(wait=False, cancel_futures=True)
            self._drain_interrupted()
        finally:
            with self._changed:
                self._over = True
                self._changed.notify_all()
            for pool in (uploads, starts):
                pool.shutdown(wait=False, cancel_futures=True)
        for watcher in watchers:
            watcher.join(timeout=LAST_LOOK_SECONDS)
        if self._problem is not None:
            raise self._problem

    def _send(self, uploads: ThreadPoolExecutor, starts: ThreadPoolExecutor) -> None:
        prepared = self._prepared(uploads)
        first = next(prepared, None)
        self._begin = begin = time.monotonic()
        pause = Event()
        while first is not None and self._problem is None:
            offset, arrival = first
            while (left := begin + offset - time.monotonic()) > 0 and self._problem is None:
                pause.wait(min(left, REPORT_SECONDS))
                self._report_stand()
            with self._changed:
                self.arrived += 1
                number = next(self._numbers)
                if self.open >= self._plan.max_open:
                    self.dropped += 1
                else:
                    self.open += 1
                    starts.submit(self._start, number, begin + offset, arrival)
            self._report_stand()
            first = next(prepared, None)
        while (left := begin + self._plan.seconds - time.monotonic()) > 0 and self._problem is None:
            pause.wait(min(left, REPORT_SECONDS))
            self._report_stand()

    def _prepared(self, uploads: ThreadPoolExecutor) -> Iterator[tuple[float, Future[_Arrival]]]:
        """Each arrival's offset with its picture on its way to the bucket, AHEAD of them at once."""
        plan = self._plan
        ahead: deque[tuple[float, Future[_Arrival]]] = deque()
        for number, offset in enumerate(planned_arrivals(plan.rate, plan.seconds, plan.seed)):
            ahead.append((offset, uploads.submit(self._prepare, number, offset)))
            if len(ahead) > AHEAD:
                yield ahead.popleft()
        yield from ahead

    def _prepare(self, number: int, offset: float) -> _Arrival:
        picture = self._pictures.picture(number, offset / self._plan.seconds)
        key = image_key(self._plan.name, number)
        try:
            self._system.upload(key, picture.png)
        except (ClientError, BotoCoreError) as error:
            return _Arrival(key, picture.label, picture.drifted, _name(error))
        return _Arrival(key, picture.label, picture.drifted, None)

    def _start(self, number: int, planned: float, arrival: Future[_Arrival]) -> None:
        """Start one execution and have it watched."""
        try:
            image = arrival.result()
            self._start_image(number, planned, image)
        except (ClientError, BotoCoreError) as error:
            self._end(Ending(_name(error), image.label))
        except BaseException as error:
            self._problem = error
            self._end(None)
            if not isinstance(error, StagingError):
                raise

    def _start_image(self, number: int, planned: float, image: _Arrival) -> None:
        name = f"{self._plan.name}-{number:06d}"
        if image.error is not None:
            self._end(Ending(image.error, image.label))
            return
        execution = self._system.start(name, image.key)
        now = time.monotonic()
        self._labels.add(image.key, inference_id(name), image.label, drifted=image.drifted)
        pause = FIRST_LOOK_SECONDS
        one = _Open(now + pause, number, execution, image.label, now - planned, pause)
        with self._changed:
            self.latest_start = max(self.latest_start, one.waited)
            heapq.heappush(self._waiting, one)
            self._changed.notify_all()

    def _watch(self) -> None:
        """Look at open executions, the one that has waited longest first, until the stream is over."""
        while (one := self._next()) is not None:
            try:
                ended = self._system.ended(one.execution)
            except (ClientError, BotoCoreError) as error:
                self._end(Ending(_name(error), one.label))
                continue
            if ended is not None:
                self._end(Ending(ended.outcome, one.label, ended.predicted, one.waited + ended.seconds))
                continue
            one.pause = min(one.pause * 1.5, LAST_LOOK_SECONDS)
            one.due = time.monotonic() + one.pause
            with self._changed:
                heapq.heappush(self._waiting, one)

    def _next(self) -> _Open | None:
        with self._changed:
            while not self._over:
                wait = self._waiting[0].due - time.monotonic() if self._waiting else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._waiting)
                self._changed.wait(wait)
            return None

    def _end(self, ending: Ending | None) -> None:
        with self._changed:
            self.open -= 1
            if ending is not None:
                self.tally.add(ending)
            self._changed.notify_all()

    def _drain_interrupted(self) -> None:
        try:
            self._drain(INTERRUPTED_DRAIN_SECONDS)
        except (KeyboardInterrupt, SystemExit):
            return

    def _drain(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        with self._changed:
            while self.open and self._problem is None and time.monotonic() < end:
                self._changed.wait(min(REPORT_SECONDS, max(0.0, end - time.monotonic())))
                self._report_stand()
        self._report_stand(now=True)

    def _report_stand(self, *, now: bool = False) -> None:
        moment = time.monotonic()
        if now or moment - self._reported >= REPORT_SECONDS:
            self._reported = moment
            with self._changed:
                self.seconds = moment - self._begin
                self._report(Snapshot(self.seconds, self.arrived, self.open, self.dropped, self.tally))


def exit_code(interruption: KeyboardInterrupt | SystemExit) -> int:
    """What a shell expects of a process that a signal has ended: 130 after Ctrl-C, 143 after SIGTERM."""
    code = interruption.code if isinstance(interruption, SystemExit) else None
    return code if isinstance(code, int) else 128 + signal.SIGINT


def _name(error: Exception) -> str:
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code") or type(error).__name__)
    return type(error).__name__
