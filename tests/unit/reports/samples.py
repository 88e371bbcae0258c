"""Captured data of a calibrated model, its model.json, and the numbers that come of them, by seed."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from contracts.artifact.card import check_card
from reports.document import ExecutionHour, Executions, HourRow, Numbers, Outcomes
from reports.figures.analysis import Analysis
from reports.figures.baseline import Baseline, read_baseline
from reports.figures.limits import Limits
from reports.figures.numbers import About, make_numbers
from reports.history.image_names import ImageName
from reports.history.labels import Labels
from tests.artifacts import model_card
from training.figures.baseline import make_baseline
from training.figures.metrics import measure
from training.staging.drawing.picture import draw_picture
from training.staging.drift import Drift, drifted

CLASSES = ("bicycle", "motorcycle")
THRESHOLD = 0.9
STOP = datetime(2026, 10, 25, 12, tzinfo=UTC)
"""Twelve hours after a day boundary, and eleven after clocks in Europe went back."""
HELD_OUT = 400
PICTURES = 120
"""Drawn pictures of a class, of which the samples are made."""
EXECUTION = "arn:aws:states:eu-central-1:123456789012:execution:scones-dev-classify-image:"


class Answers(NamedTuple):
    """Of a calibrated model: an answer of confidence p is right with probability p."""

    probabilities: NDArray[np.float32]
    truth: NDArray[np.int64]


def answers(count: int, seed: int, sureness: float = 6.0) -> Answers:
    """Two classes alike in number; of images that are harder with a lower `sureness`."""
    chance = np.random.default_rng(seed)
    first = 1 / (1 + np.exp(-sureness * chance.standard_normal(count)))
    truth = (chance.random(count) >= first).astype(np.int64)
    return Answers(np.stack([first, 1 - first], axis=1).astype(np.float32), truth)


@cache
def picture(label: int, number: int) -> NDArray[np.uint8]:
    return np.asarray(draw_picture(CLASSES[label], 7, number))


@cache
def png(label: int, number: int, drift: Drift | None = None) -> bytes:
    file, pixels = io.BytesIO(), picture(label, number)
    Image.fromarray(drifted(pixels, drift) if drift else pixels).save(file, "PNG")
    return file.getvalue()


@cache
def card(seed: int = 0, images: int = HELD_OUT) -> dict[str, Any]:
    """model.json with the figures of so many held-out images, made by the training's own code."""
    probabilities, truth = answers(images, 10_000 + seed)
    chance = np.random.default_rng(20_000 + seed)
    pixels = np.stack([picture(int(label), int(chance.integers(PICTURES))) for label in truth])
    sizes = np.full((images, 2), 32)
    return {
        **model_card(CLASSES, threshold=THRESHOLD),
        "metrics": {"split": "test", **measure(probabilities, truth, CLASSES, THRESHOLD)},
        "baseline": {"split": "test", **make_baseline(pixels, sizes, probabilities, CLASSES)},
    }


def baseline(seed: int = 0, images: int = HELD_OUT) -> Baseline:
    return read_baseline(check_card(card(seed, images)), digest="3f1c9a0be27d" + "0" * 52)


def captured_lines(
    count: int,
    seed: int = 0,
    *,
    hours: int = 24,
    stop: datetime = STOP,
    pictures: bool = True,
    drift: Drift | None = None,
) -> Iterator[bytes]:
    """Lines of a capture file in the order of time, spread over the hours before `stop`.

    `drift` changes the pictures and not the answers: the model stays as sure as it was.
    """
    probabilities, truth = answers(count, seed)
    chance = np.random.default_rng(seed)
    start = stop - timedelta(hours=hours)
    offsets = np.sort(chance.integers(0, hours * 3600, count)).tolist()
    for index, (answer, label, offset) in enumerate(zip(probabilities, truth, offsets, strict=True)):
        image = png(int(label), int(chance.integers(PICTURES)), drift) if pictures else None
        yield captured_line(f"image-{index}", start + timedelta(seconds=offset), answer.tolist(), image)


def captured_line(inference_id: str, time: datetime, answer: list[float], image: bytes | None) -> bytes:
    """As the endpoint's capture writes it; without `image` only the output was captured."""
    given = ""
    if image is not None:
        data = base64.b64encode(image).decode()
        given = (
            '"endpointInput": {"observedContentType": "image/png", "mode": "INPUT", '
            f'"data": "{data}", "encoding": "BASE64"}}, '
        )
    return (
        f'{{"captureData": {{{given}"endpointOutput": {{"observedContentType": "application/json", '
        f'"mode": "OUTPUT", "data": "[{answer[0]:.7f}, {answer[1]:.7f}]", "encoding": "JSON"}}}}, '
        f'"eventMetadata": {{"eventId": "{inference_id} {answer[0]:.7f}", "inferenceId": "{inference_id}", '
        f'"inferenceTime": "{time:%Y-%m-%dT%H:%M:%SZ}"}}, "eventVersion": "0"}}\n'
    ).encode()


def labels(count: int, seed: int = 0) -> Labels:
    """The true classes of captured_lines with the same count and seed."""
    truth = answers(count, seed).truth
    return Labels.read(
        json.dumps({"inference_id": f"image-{index}", "class": CLASSES[label]})
        for index, label in enumerate(truth)
    )


def about(hours: int = 24, stop: datetime = STOP) -> About:
    return About(
        stage="dev",
        where="AWS account 123456789012, eu-central-1",
        endpoint="scones-dev",
        generated=stop + timedelta(minutes=3),
        start=stop - timedelta(hours=hours),
        stop=stop,
        links={"runbook": "https://example.com/runbook", "dashboard": "https://example.com/dashboard"},
    )


def sample_numbers(
    count: int,
    seed: int = 0,
    *,
    pictures: bool = True,
    labelled: bool = False,
    drift: Drift | None = None,
) -> Numbers:
    """The document of `count` captured inferences, through the real code; executions are made up to fit.

    10,000 with pictures take some seconds, as all of them are decoded.
    """
    analysis = Analysis(baseline(), labels=labels(count, seed) if labelled else None)
    analysis.read("sample.jsonl", captured_lines(count, seed, pictures=pictures, drift=drift))
    analysis.name_images(
        {
            name: ImageName("scones-dev-data", f"test/{name}.png", name, EXECUTION + name)
            for name in analysis.shown_ids
        }
    )
    numbers = make_numbers(analysis, None, Limits(), about())
    return make_numbers(analysis, executions(numbers), Limits(), about())


def executions(numbers: Numbers) -> Executions:
    """One execution an inference; those of low confidence failed."""
    count, low = numbers["captured"]["inferences"], numbers["low_confidence"]["count"]
    return {
        "listed": count,
        "complete": True,
        "errors_complete": True,
        "outcomes": _outcomes(count, low),
        "errors": [{"error": "LowConfidence", "count": low}] if low else [],
        "machines": [
            {"name": "scones-dev-classify-image", "outcomes": _outcomes(count, low)},
            {"name": "scones-dev-classify-batch", "outcomes": _outcomes(0, 0)},
        ],
        "hours": [_hour(hour) for hour in numbers["hours"]],
    }


def _hour(hour: HourRow) -> ExecutionHour:
    failed = hour["low_confidence"]
    return {
        "start": hour["start"],
        "SUCCEEDED": hour["inferences"] - failed,
        "FAILED": failed,
        "TIMED_OUT": 0,
        "ABORTED": 0,
        "RUNNING": 0,
    }


def _outcomes(count: int, failed: int) -> Outcomes:
    return {"SUCCEEDED": count - failed, "FAILED": failed, "TIMED_OUT": 0, "ABORTED": 0, "RUNNING": 0}
