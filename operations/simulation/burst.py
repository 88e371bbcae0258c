"""A burst: many images at once, by one run of the batch machine."""

from __future__ import annotations

import json
import time
from array import array
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from lambda_src.core.batch.rows import ACCEPTED, ERROR
from operations.simulation.batch_run import Run
from operations.simulation.images import DriftingPictures, image_key
from operations.simulation.labels import Labels
from operations.simulation.stream import exit_code
from operations.simulation.tally import Ending, Tally

UPLOADS = 16
LOOK_SECONDS = 0.5


class Progress(NamedTuple):
    """`done` of `total` in "uploading" images, "classifying" batches, or "reading" rows of the results."""

    doing: str
    done: int
    total: int


class System(Protocol):
    """What a burst needs of a deployment; see `BatchRun`."""

    def upload(self, key: str, png: bytes) -> None: ...

    def start(self, execution_name: str, prefix: str) -> str: ...

    def describe(self, execution: str) -> Run: ...

    def batches_done(self, execution: str) -> tuple[int, int]: ...

    def stop(self, execution: str) -> None: ...

    def results(self, execution_name: str) -> Iterator[tuple[str, dict[str, Any]]]: ...

    def batches(self, execution_name: str) -> Iterator[dict[str, Any]]: ...


class Burst:
    """One burst, to be run once. All images arrive when its run starts, and end when their batches do."""

    def __init__(
        self,
        name: str,
        images: int,
        system: System,
        pictures: DriftingPictures,
        labels: Labels,
        report: Callable[[Progress], None],
    ) -> None:
        self.tally = Tally()
        self.arrived = 0
        self.interrupted: int | None = None
        self.run_ended: Run | None = None
        self._name = name
        self._images = images
        self._system = system
        self._pictures = pictures
        self._labels = labels
        self._report = report
        self._classes: list[str] = []
        self._shown = array("H", bytes(2 * images))
        self._drifted = bytearray(images)

    def run(self) -> None:
        """Upload, classify and count. Ctrl-C and SIGTERM stop the run; `interrupted` is then the exit code.

        Raises StagingError when a picture cannot be made; what AWS refuses passes through.
        """
        execution = None
        try:
            self._upload()
            execution = self._system.start(self._name, image_key(self._name, 0).rpartition("/")[0] + "/")
            self.arrived = self._images
            self.run_ended = self._wait(execution)
        except (KeyboardInterrupt, SystemExit) as interruption:
            self.interrupted = exit_code(interruption)
            if execution is not None:
                self._system.stop(execution)
                self.run_ended = self._system.describe(execution)
            return
        if self.run_ended.status == "SUCCEEDED":
            self._count(self.run_ended)

    def _upload(self) -> None:
        """Upload all, with as many pictures in memory as there are threads."""
        running: set[Future[None]] = set()
        pool = ThreadPoolExecutor(UPLOADS)
        try:
            for number in range(self._images):
                picture = self._pictures.picture(number, number / self._images)
                if picture.label not in self._classes:
                    self._classes.append(picture.label)
                self._shown[number] = self._classes.index(picture.label)
                self._drifted[number] = picture.drifted
                running.add(pool.submit(self._system.upload, image_key(self._name, number), picture.png))
                if len(running) >= UPLOADS:
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    for one in done:
                        one.result()
                self._report(Progress("uploading", number + 1, self._images))
            for one in running:
                one.result()
        finally:
            pool.shutdown(cancel_futures=True)

    def _wait(self, execution: str) -> Run:
        while (run := self._system.describe(execution)).stopped is None:
            self._report(Progress("classifying", *self._system.batches_done(execution)))
            time.sleep(LOOK_SECONDS)
        return run

    def _count(self, run: Run) -> None:
        seconds = self._latencies(run.started)
        for read, (outcome, row) in enumerate(self._system.results(self._name), start=1):
            number = int(row["s3_key"].rpartition("/")[2].removesuffix(".png"))
            label = self._classes[self._shown[number]]
            latency = seconds[number]
            self.tally.add(
                Ending(
                    row["error"] if outcome == ERROR else outcome,
                    label,
                    row["predicted_class"] if outcome == ACCEPTED else None,
                    latency if latency >= 0 else None,
                )
            )
            drifted = bool(self._drifted[number])
            self._labels.add(row["s3_key"], row.get("inference_id"), label, drifted=drifted)
            self._report(Progress("reading", read, self._images))

    def _latencies(self, started: datetime) -> array[float]:
        """Seconds from the run's start to the end of each image's batch; -1 where no batch says it."""
        seconds = array("d", [-1.0]) * self._images
        for batch in self._system.batches(self._name):
            for key in _keys(batch):
                number = int(key.rpartition("/")[2].removesuffix(".png"))
                stopped = datetime.fromisoformat(batch["StopDate"])
                seconds[number] = max(0.0, (stopped - started).total_seconds())
        return seconds


def _keys(batch: dict[str, Any]) -> list[str]:
    """Keys of the images of a batch, from its input; none of a batch that has not ended."""
    if not batch.get("StopDate"):
        return []
    given = batch.get("Input") or "{}"
    given = json.loads(given) if isinstance(given, str) else given
    return [key for _, _, key in given.get("batch", {}).get("images", ())]
