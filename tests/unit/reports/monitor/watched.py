"""A watched stage in memory: captured images go in, page, numbers and metrics come out."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from PIL import Image

from contracts.artifact.card import check_card
from reports.figures.baseline import read_baseline
from reports.monitor.deadline import Deadline
from reports.monitor.environment import MonitorEnvironment
from reports.monitor.model import Model
from reports.monitor.run import Run
from tests.artifacts import model_card
from tests.aws import Aws
from tests.unit.reports.captured.captured_lines import base64_side, json_side, line
from tests.unit.reports.history.step_functions import MACHINES, Executions
from tests.unit.reports.monitor.failing_s3 import FailingS3

BUCKET, ENDPOINT, PREFIX = "data-bucket", "scones-test", "data-capture"
STATE = "monitor/state.json.gz"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
VARIABLES = {
    "STAGE": "test",
    "ENDPOINT_NAME": ENDPOINT,
    "DATA_BUCKET": BUCKET,
    "CAPTURE_URI": f"s3://{BUCKET}/{PREFIX}",
    "MODEL_ARTIFACT": "s3://assets/model.tar.gz",
    "THRESHOLD": "0.9",
    "STATE_MACHINE_ARN": MACHINES["image"],
    "BATCH_STATE_MACHINE_ARN": MACHINES["batch"],
    "LIMITS": json.dumps({"min_inferences": 5}),
    "REPORTS_PREFIX": "reports/",
    "STATE_PREFIX": "monitor/",
    "IMAGE_EVERY": "1",
    "RUNBOOK_URL": "",
}


class Killed(BaseException):
    """What ends a run like a process that is gone: nothing catches it."""


def model(digest: str = "a" * 64, threshold: float = 0.9, stored: datetime = NOON - 48 * HOUR) -> Model:
    return Model(read_baseline(check_card(model_card()), digest=digest, threshold=threshold), stored)


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, "PNG")
    return file.getvalue()


PICTURE = picture()


def captured_key(variant: str, moment: datetime) -> str:
    """Where the endpoint puts a file whose first record is of the moment."""
    milliseconds = moment.microsecond // 1000
    return f"{PREFIX}/{ENDPOINT}/{variant}/{moment:%Y/%m/%d/%H/%M-%S}-{milliseconds:03d}-{uuid.uuid4()}.jsonl"


@dataclass
class Watched:
    """`emitted`: lines of metrics of all runs; `kill_after`: so many of a run, before it is gone."""

    aws: Aws
    s3: FailingS3
    client: Any
    executions: Executions
    environment: MonitorEnvironment = field(default_factory=lambda: MonitorEnvironment.read(VARIABLES))
    emitted: list[dict[str, Any]] = field(default_factory=list)
    kill_after: int | None = None
    model: Model = field(default_factory=model)

    def capture(
        self,
        moment: datetime,
        confidences: Sequence[float] = (0.95,),
        *,
        key_moment: datetime | None = None,
        variant: str = "AllTraffic",
        packed: bool = False,
    ) -> str:
        """A capture file: a request for each confidence, or one pack of all; its key."""
        answers = [[confidence, 1 - confidence] for confidence in confidences]
        given = base64_side("application/x-recordio" if packed else "image/png", PICTURE)
        lines = [
            line(
                output=json_side(json.dumps(answer)),
                given=given,
                inference_id=None,
                time=f"{moment:%Y-%m-%dT%H:%M:%SZ}",
            )
            for answer in ([answers] if packed else answers)
        ]
        key = captured_key(variant, key_moment or moment)
        self.s3.objects[BUCKET, key] = b"".join(lines)
        return key

    def run(self, now: datetime, deadline: Deadline | None = None) -> dict[str, Any]:
        lines = 0

        def emit(line: str) -> None:
            nonlocal lines
            if lines == self.kill_after:
                raise Killed
            lines += 1
            self.emitted.append(json.loads(line))

        return Run(
            environment=self.environment,
            model=self.model,
            s3=self.client,
            states=self.executions.client,
            where="a test",
            console=False,
            now=now,
            deadline=deadline or Deadline(600),
            emit=emit,
        )()

    def numbers(self) -> dict[str, Any]:
        """The latest numbers."""
        numbers: dict[str, Any] = json.loads(self.s3.objects[BUCKET, "reports/latest.json"])
        return numbers

    def notes(self) -> str:
        return "\n".join(note["text"] for note in self.numbers()["monitor"]["notes"])

    def sum(self, metric: str) -> float:
        """What CloudWatch adds up of a metric."""
        return sum(line.get(metric, 0) for line in self.emitted)

    def counted(self) -> tuple[int, float]:
        """Inferences in the latest numbers, and among the metrics."""
        return self.numbers()["captured"]["inferences"], self.sum("Inferences")
