"""The data set and the model, with the commands that the README gives, and the pictures to show."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contracts.artifact.reader import Artifact, read_artifact
from demo.processes import run
from training.artifact.predictor import Predictor
from training.data import load_images
from training.listing import list_images

STAGE = (sys.executable, "-m", "operations", "stage")
TRAIN = (sys.executable, "-m", "training.train")


@dataclass(frozen=True)
class Picked:
    """The key of a staged test picture, and a threshold if it needs one of its own."""

    key: str
    threshold: float | None = None

    @property
    def input(self) -> dict[str, object]:
        given = {} if self.threshold is None else {"threshold": self.threshold}
        return {"image_data": "", "s3_key": self.key, **given}


def stage(dataset: str, folder: Path, log: Path) -> dict[str, Any]:
    """The manifest of the staged folder."""
    command = [*STAGE, dataset, "--out", str(folder), "--json"]
    return dict(json.loads(run(command, os.environ, log, capture=True)))


def upload(dataset: str, folder: Path, bucket: str, environment: dict[str, str], log: Path) -> int:
    """Copy the staged folder to the data bucket: its keys are then `test/…png` and so on; the count."""
    command = [*STAGE, dataset, "--out", str(folder), "--to", f"s3://{bucket}", "--json"]
    return int(json.loads(run(command, environment, log, capture=True))["uploaded"])


def train(folder: Path, artifact: Path, recipe: Sequence[str], log: Path) -> Artifact:
    """Train with the flags of `recipe`, write `artifact` and read it back."""
    run([*TRAIN, "--data", str(folder), "--artifact", str(artifact), "--verbose", *recipe], os.environ, log)
    return read_artifact(artifact)


def choose_pictures(artifact: Artifact, folder: Path) -> tuple[Picked, Picked]:
    """A picture of the test part that the model is sure of, and one that it is not."""
    listed = list_images(folder, "test", len(artifact.classes))
    images = load_images(listed, artifact.size).images
    keys = [image.path.relative_to(folder).as_posix() for image in listed]
    return pick(keys, Predictor(artifact).probabilities(images), artifact.threshold)


def pick(keys: list[str], probabilities: NDArray[np.float32], threshold: float) -> tuple[Picked, Picked]:
    """The test pictures with the highest and with the lowest confidence.

    `probabilities` has a row a key. When the model is surer than the threshold of every picture, the least
    certain one is asked for with a threshold just above its confidence.
    """
    confidence = probabilities.max(axis=1)
    sure, unsure = int(confidence.argmax()), int(confidence.argmin())
    lowest = float(confidence[unsure])
    own_threshold = None if lowest < threshold else min(1.0, lowest + 1e-6)
    return Picked(keys[sure]), Picked(keys[unsure], own_threshold)


def training_summary(path: Path) -> dict[str, Any]:
    """Figures of the model that was trained; CPU seconds stand beside the artifact, not in it."""
    artifact = read_artifact(path)
    metrics = artifact.card.metrics
    return {
        "images": artifact.card.training_images,
        "cpu_seconds": json.loads(path.with_name("training.json").read_text())["cpu_seconds"],
        "test_accuracy": metrics.accuracy,
        "expected_calibration_error": metrics.expected_calibration_error,
        "threshold": artifact.threshold,
        "coverage_at_threshold": metrics.coverage_at_threshold,
        "accuracy_at_threshold": metrics.accuracy_at_threshold,
        "artifact_sha256": artifact.sha256,
    }


def training_sentence(figures: dict[str, Any]) -> str:
    """How good the model is, by its test part."""
    sentence = f"{figures['test_accuracy']:.1%} of the test pictures are recognised"
    if figures["accuracy_at_threshold"] is None:
        return f"{sentence}; none reaches the threshold {figures['threshold']:.3f}"
    return (
        f"{sentence}; {figures['coverage_at_threshold']:.0%} are above the threshold "
        f"{figures['threshold']:.3f}, {figures['accuracy_at_threshold']:.1%} of those rightly"
    )
