"""An artifact's model and its card must fit each other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from contracts.artifact.archive import ArtifactError
from contracts.artifact.reader import read_artifact
from tests.artifacts import colour_model, model_card, write_archive
from training.artifact.predictor import Predictor

CARD = json.dumps(model_card()).encode()
MODEL = colour_model(2)


@pytest.mark.parametrize(
    ("card", "complaint"),
    [
        ({"classes": ["a", "b", "c"]}, "answers with 2 probabilities"),
        ({"input": {"name": "image", "height": 16, "width": 32}}, "model.json speaks of uint8"),
    ],
)
def test_a_card_that_does_not_fit_the_model_is_refused(
    tmp_path: Path, card: dict[str, Any], complaint: str
) -> None:
    path = write_archive(
        tmp_path / "model.tar.gz",
        {"model.json": json.dumps(model_card() | card).encode(), "model.onnx": MODEL},
    )
    with pytest.raises(ArtifactError, match=complaint):
        Predictor(read_artifact(path))


def test_bytes_that_are_no_model_are_refused(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "model.tar.gz", {"model.json": CARD, "model.onnx": b"text"})
    with pytest.raises(ArtifactError, match="cannot be loaded"):
        Predictor(read_artifact(path))
