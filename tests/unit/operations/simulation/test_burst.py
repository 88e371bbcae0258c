"""A burst: every image uploaded, one run, each row counted against its true class."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from operations.simulation.batch_run import Run
from operations.simulation.burst import Burst, Progress
from operations.simulation.images import DriftingPictures, Picture
from operations.simulation.labels import Labels
from training.staging.drift import Drift

START = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Pictures:
    def picture(self, number: int, drift: Drift | None = None) -> Picture:
        return Picture(b"png%d" % number, ("bicycle", "motorcycle")[number % 2], drifted=drift is not None)


class Batches:
    """Batches of four of which every eighth image is unsure and every ninth is poor; all are bicycles."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.looks = 0
        self.stopped: list[str] = []

    def upload(self, key: str, png: bytes) -> None:
        self.objects[key] = png

    def start(self, execution_name: str, prefix: str) -> str:
        assert all(key.startswith(prefix) for key in self.objects)
        return f"arn:{execution_name}"

    def describe(self, execution: str) -> Run:
        assert execution == "arn:b"
        self.looks += 1
        over = self.looks > 1 or bool(self.stopped)
        return Run("SUCCEEDED" if over else "RUNNING", START, START if over else None, None, None)

    def batches_done(self, execution: str) -> tuple[int, int]:
        assert execution == "arn:b"
        return 1, 3

    def stop(self, execution: str) -> None:
        self.stopped.append(execution)

    def results(self, execution_name: str) -> Iterator[tuple[str, dict[str, Any]]]:
        assert execution_name == "b"
        for n, key in enumerate(sorted(self.objects)):
            row = {"n": n, "s3_key": key, "inference_id": f"id-{n}"}
            if n % 9 == 8:
                yield "error", {"n": n, "s3_key": key, "error": "UnsupportedImage"}
            elif n % 8 == 7:
                yield "low_confidence", {**row, "predicted_class": "bicycle"}
            else:
                yield "accepted", {**row, "predicted_class": "bicycle"}

    def batches(self, execution_name: str) -> Iterator[dict[str, Any]]:
        assert execution_name == "b"
        keys = sorted(self.objects)
        for batch in range(0, len(keys), 4):
            images = [[batch + i, "bucket", key] for i, key in enumerate(keys[batch : batch + 4])]
            stop = (START + timedelta(seconds=batch + 1)).isoformat()
            yield {"Input": json.dumps({"batch": {"batch": batch, "images": images}}), "StopDate": stop}


def burst(folder: Path, system: Batches, report: Any = lambda _: None) -> Burst:
    labels = Labels(folder, "bucket")
    made = Burst("b", 20, system, DriftingPictures(Pictures(), Drift.blur, 0.5), labels, report)
    with labels:
        made.run()
    return made


def test_every_image_is_counted_once_with_its_true_class(tmp_path: Path) -> None:
    system = Batches()
    made = burst(tmp_path, system)
    assert system.objects["simulations/b/images/000007.png"] == b"png7"
    summary = made.tally.summary()
    assert summary["ended"] == made.arrived == 20
    assert summary["errors_by_name"] == {"UnsupportedImage": 2}
    assert summary["low_confidence"] == 2
    assert made.tally.right == sum(n % 2 == 0 and n % 9 != 8 and n % 8 != 7 for n in range(20))
    assert summary["latency_seconds"]["max"] == 17
    assert summary["latency_seconds"]["p50"] == 9


def test_labels_tell_the_id_and_the_class(tmp_path: Path) -> None:
    burst(tmp_path, Batches())
    lines = [json.loads(line) for line in (tmp_path / "labels.jsonl").read_text().splitlines()]
    assert len(lines) == 20
    by_key = {line["s3_key"][-10:-4]: line for line in lines}
    assert by_key["000008"]["inference_id"] is None
    assert by_key["000009"]["inference_id"] == "id-9"
    assert by_key["000009"]["class"] == "motorcycle"
    assert [by_key[f"{n:06d}"]["drifted"] for n in (9, 10)] == [False, True]


def test_ctrl_c_stops_the_run(tmp_path: Path) -> None:
    def interrupt(progress: Progress) -> None:
        if progress.doing == "classifying":
            raise KeyboardInterrupt

    system = Batches()
    made = burst(tmp_path, system, interrupt)
    assert made.interrupted == 130
    assert system.stopped == ["arn:b"]
    assert (made.arrived, made.tally.ended) == (20, 0)


def test_ctrl_c_while_uploading_starts_nothing(tmp_path: Path) -> None:
    def interrupt(progress: Progress) -> None:
        if progress.done == 5:
            raise KeyboardInterrupt

    system = Batches()
    made = burst(tmp_path, system, interrupt)
    assert (made.interrupted, made.arrived, system.stopped) == (130, 0, [])
