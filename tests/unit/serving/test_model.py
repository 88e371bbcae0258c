"""Reading model directories, whole and malformed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from serving.errors import MalformedArtifact
from serving.model import load_model
from tests.artifacts import colour_model, model_card


def write_model(folder: Path, network: bytes | None, card: Any) -> Path:
    """A model directory; `None` leaves a file out, text is written as it is."""
    if network is not None:
        (folder / "model.onnx").write_bytes(network)
    if card is not None:
        (folder / "model.json").write_text(card if isinstance(card, str) else json.dumps(card))
    return folder


def without(entry: str) -> dict[str, Any]:
    card = model_card()
    del card[entry]
    return card


def test_a_model_answers_with_a_probability_a_class(tmp_path: Path) -> None:
    classes = ("one", "two", "three", "four", "five")
    model = load_model(write_model(tmp_path, colour_model(5, 24), model_card(classes, 24)))
    assert (model.classes, model.width, model.height) == (classes, 24, 24)
    answer = model.classify(np.zeros((3, 24, 24, 3), dtype=np.uint8))
    assert answer.shape == (3, 5)
    assert answer.sum(axis=1) == pytest.approx([1, 1, 1])


MALFORMED: dict[str, tuple[Callable[[], bytes | None], Any, str]] = {
    "no card": (lambda: colour_model(2), None, "model.json is missing"),
    "no network": (lambda: None, model_card(), "model.onnx is missing"),
    "cut network": (lambda: colour_model(2)[:-40], model_card(), "not a readable ONNX model"),
    "empty network": (lambda: b"", model_card(), "model.onnx"),
    "card is no JSON": (lambda: colour_model(2), "{", "not JSON"),
    "card is a list": (lambda: colour_model(2), "[]", "not a JSON object"),
    "later schema": (lambda: colour_model(2), {**model_card(), "schema_version": 2}, "schema_version is 2"),
    "no classes": (lambda: colour_model(2), without("classes"), "classes is None"),
    "one class": (lambda: colour_model(1), model_card(("a",)), "classes has 1 names, 2 to 100"),
    "class count": (lambda: colour_model(2), model_card(("a", "b", "c")), r"\[2, 2\], model.json names 3"),
    "input size": (
        lambda: colour_model(2, 64),
        model_card(),
        r"64, 64, 3\], model.json says \[batch, 32, 32",
    ),
    "no width": (
        lambda: colour_model(2),
        {**model_card(), "input": {"name": "image", "height": 32}},
        "input.width is None",
    ),
    "input name": (
        lambda: colour_model(2),
        {**model_card(), "input": {**model_card()["input"], "name": "pixels"}},
        "not 'pixels' alone",
    ),
    "output name": (
        lambda: colour_model(2),
        {**model_card(), "output": {"name": "logits"}},
        "no output 'logits'",
    ),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_artifact_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    network, card, reason = MALFORMED[name]
    with pytest.raises(MalformedArtifact, match=reason) as refusal:
        load_model(write_model(tmp_path, network(), card))
    assert "\n" not in str(refusal.value)


def test_answers_that_are_no_probabilities_are_refused(tmp_path: Path) -> None:
    network = onnx.load_from_string(colour_model(2))
    network.graph.node[-1].op_type = "Sigmoid"
    del network.graph.node[-1].attribute[:]
    network.graph.initializer[0].CopyFrom(numpy_helper.from_array(np.ones((3, 2), np.float32), "weights"))
    with pytest.raises(MalformedArtifact, match="do not sum to 1"):
        load_model(write_model(tmp_path, network.SerializeToString(), model_card()))
