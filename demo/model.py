"""Stage a data set and train on it, with the commands that the README gives."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from demo.examples import Picked, pick
from demo.processes import run
from training.artifact.predictor import Predictor
from training.artifact.writing import Artifact, read_artifact
from training.data import list_images, load_images

STAGE = (sys.executable, "-m", "operations", "stage")
TRAIN = (sys.executable, "-m", "training.train")


def stage(dataset: str, folder: Path) -> None:
    run([*STAGE, dataset, "--out", str(folder)], os.environ)


def upload(dataset: str, folder: Path, bucket: str, environment: dict[str, str]) -> None:
    """Copy the staged folder to the data bucket: its keys are then `test/…png` and so on."""
    run([*STAGE, dataset, "--out", str(folder), "--to", f"s3://{bucket}"], environment)


def train(folder: Path, artifact: Path, recipe: Sequence[str]) -> Artifact:
    """Train with the flags of `recipe`, write `artifact` and read it back."""
    run([*TRAIN, "--data", str(folder), "--artifact", str(artifact), *recipe], os.environ)
    return read_artifact(artifact)


def choose_pictures(artifact: Artifact, folder: Path) -> tuple[Picked, Picked]:
    """A picture of the test part that the model is sure of, and one that it is not."""
    listed = list_images(folder, "test", len(artifact.classes))
    images = load_images(listed, artifact.size).images
    keys = [image.path.relative_to(folder).as_posix() for image in listed]
    return pick(keys, Predictor(artifact).probabilities(images), artifact.threshold)
