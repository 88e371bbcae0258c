"""A stream keeps its own time, loses no image, bounds what is open, and ends when it is told to."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from operations.simulation.arrivals import StreamPlan, planned_arrivals
from operations.simulation.images import DriftingPictures, Picture
from operations.simulation.labels import Labels
from operations.simulation.single_image import Ended, outcome
from operations.simulation.stream import Snapshot, Stream
from training.staging.drift import Drift
from training.staging.example import StagingError


class Alternating:
    """Bicycles and motorcycles in turn; nothing is drawn."""

    def picture(self, number: int, drift: Drift | None = None) -> Picture:
        return Picture(b"png", ("bicycle", "motorcycle")[number % 2], drifted=drift is not None)


class Slow:
    """A system that ends each execution `seconds` after its start, as a bicycle."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.uploaded: list[str] = []
        self.started: dict[str, float] = {}

    def upload(self, key: str, png: bytes) -> None:
        assert png == b"png"
        self.uploaded.append(key)

    def start(self, execution_name: str, key: str) -> str:
        assert key in self.uploaded
        assert execution_name not in self.started
        self.started[execution_name] = time.monotonic()
        return execution_name

    def ended(self, execution: str) -> Ended | None:
        over = time.monotonic() - self.started[execution] >= self.seconds
        return Ended("accepted", "bicycle", self.seconds) if over else None


class Patient(Slow):
    """Ends none before all have started."""

    def ended(self, execution: str) -> Ended | None:
        return super().ended(execution) if len(self.started) == arrivals() else None


class Pressing(Slow):
    """Presses Ctrl-C after the twentieth start."""

    def start(self, execution_name: str, key: str) -> str:
        if len(self.started) == 20:
            signal.raise_signal(signal.SIGINT)
        return super().start(execution_name, key)


class Throttled(Slow):
    """Refuses every third start."""

    def start(self, execution_name: str, key: str) -> str:
        if int(execution_name.rpartition("-")[2]) % 3 == 0:
            raise ClientError({"Error": {"Code": "ThrottlingException"}}, "StartExecution")
        return super().start(execution_name, key)


Make = Callable[..., Stream]


@pytest.fixture
def stream(tmp_path: Path) -> Make:
    def make(
        system: Slow,
        *,
        rate: float = 100,
        seconds: float = 1.0,
        max_open: int = 1000,
        show: DriftingPictures | None = None,
        report: Callable[[Snapshot], None] = lambda _: None,
    ) -> Stream:
        plan = StreamPlan(name="test", rate=rate, seconds=seconds, seed=5, max_open=max_open)
        return Stream(
            plan, system, show or DriftingPictures(Alternating()), Labels(tmp_path, "bucket"), report
        )

    return make


def arrivals(rate: float = 100, seconds: float = 1.0) -> int:
    return len(list(planned_arrivals(rate, seconds, 5)))


def test_a_slow_system_does_not_slow_the_stream(stream: Make) -> None:
    made = stream(Patient(0.2))
    made.run()
    assert made.arrived == made.tally.ended == arrivals()
    assert 0.199 < made.tally.summary()["latency_seconds"]["p50"] < 0.201 + made.latest_start
    assert made.tally.accuracy == pytest.approx(0.5, abs=0.01)


def test_latency_counts_from_the_planned_arrival(stream: Make) -> None:
    class LateStart(Slow):
        def start(self, execution_name: str, key: str) -> str:
            time.sleep(0.3)
            return super().start(execution_name, key)

    made = stream(LateStart(0.0), rate=10)
    made.run()
    assert made.tally.summary()["latency_seconds"]["p50"] >= 0.3
    assert made.latest_start >= 0.3


def test_what_is_over_the_bound_is_dropped_and_counted(stream: Make) -> None:
    most_open = 0

    def report(snapshot: Snapshot) -> None:
        nonlocal most_open
        most_open = max(most_open, snapshot.open)
        assert snapshot.arrived == snapshot.tally.ended + snapshot.open + snapshot.dropped

    made = stream(Slow(0.5), max_open=10, seconds=1.5, report=report)
    made.run()
    assert made.dropped > 0
    assert made.arrived == made.tally.ended + made.dropped == arrivals(seconds=1.5)
    assert 0 < most_open <= 10


def test_a_refused_start_is_an_error_by_its_name(stream: Make) -> None:
    made = stream(Throttled(0.0))
    made.run()
    summary = made.tally.summary()
    assert summary["ended"] == made.arrived
    assert summary["errors_by_name"] == {"ThrottlingException": -(-made.arrived // 3)}


def test_labels_name_each_started_image(stream: Make, tmp_path: Path) -> None:
    made = stream(Slow(0.0), show=DriftingPictures(Alternating(), Drift.blur, 0.5), seconds=0.5)
    made.run()
    made._labels.__exit__(None, None, None)
    lines = [json.loads(line) for line in (tmp_path / "labels.jsonl").read_text().splitlines()]
    assert len(lines) == made.arrived
    by_id = {line["inference_id"]: line for line in lines}
    offsets = list(planned_arrivals(100, 0.5, 5))
    for number, offset in enumerate(offsets):
        assert by_id[f"test-{number:06d}"] == {
            "s3_bucket": "bucket",
            "s3_key": f"simulations/test/images/{number:06d}.png",
            "inference_id": f"test-{number:06d}",
            "class": ("bicycle", "motorcycle")[number % 2],
            "drifted": offset >= 0.25,
        }


def test_ctrl_c_ends_it_with_what_there_was(stream: Make) -> None:
    made = stream(Pressing(0.1), seconds=60)
    made.run()
    assert made.interrupted == 130
    assert 20 < made.arrived < arrivals(seconds=60) / 2
    assert made.arrived == made.tally.ended + made.open


def test_a_picture_that_cannot_be_made_ends_it(stream: Make) -> None:
    class Damaged(Alternating):
        def picture(self, number: int, drift: Drift | None = None) -> Picture:
            if number == 20:
                raise StagingError("damaged")
            return super().picture(number, drift)

    with pytest.raises(StagingError, match="damaged"):
        stream(Slow(0.0), seconds=30, show=DriftingPictures(Damaged())).run()


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ({"status": "SUCCEEDED", "output": '{"predicted_class": "bicycle"}'}, ("accepted", "bicycle")),
        ({"status": "FAILED", "error": "LowConfidence"}, ("low_confidence", None)),
        ({"status": "FAILED", "error": "ImageNotFound"}, ("ImageNotFound", None)),
        ({"status": "TIMED_OUT"}, ("TIMED_OUT", None)),
        ({"status": "ABORTED"}, ("ABORTED", None)),
    ],
)
def test_outcomes_are_read_from_descriptions(
    description: dict[str, str], expected: tuple[str, str | None]
) -> None:
    assert outcome(description) == expected
