"""Reading a model directory: model.json and model.onnx, checked against each other before serving."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from serving.errors import MalformedArtifact

SCHEMA_VERSION = 1
_SUM_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True)
class Model:
    """A classifier that has answered once; inference is thread-safe."""

    session: onnxruntime.InferenceSession
    classes: tuple[str, ...]
    width: int
    height: int
    input_name: str
    output_name: str

    def classify(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Probabilities [batch, classes] of RGB images [batch, height, width, 3]."""
        answer: NDArray[np.float32] = self.session.run([self.output_name], {self.input_name: images})[0]
        return answer


def load_model(directory: Path) -> Model:
    """The model in `directory`, or `MalformedArtifact` with one line that says what is wrong with it."""
    card = _read_card(directory / "model.json")
    try:
        model = Model(
            session=_open_session(directory / "model.onnx"),
            classes=_classes(card["classes"]),
            width=_side(card["input"]["width"]),
            height=_side(card["input"]["height"]),
            input_name=str(card["input"]["name"]),
            output_name=str(card["output"]["name"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise MalformedArtifact(f"{directory / 'model.json'}: wrong or missing entry: {error}") from error
    _check_interface(model)
    _check_answer(model)
    return model


def _read_card(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise MalformedArtifact(f"{path} is missing; unpack a model.tar.gz made by training into that folder")
    try:
        card = json.loads(path.read_bytes())
    except ValueError as error:
        raise MalformedArtifact(f"{path} is not JSON: {error}") from error
    if not isinstance(card, dict):
        raise MalformedArtifact(f"{path} must hold a JSON object, it holds a {type(card).__name__}")
    if card.get("schema_version") != SCHEMA_VERSION:
        raise MalformedArtifact(
            f"{path} has schema_version {card.get('schema_version')!r}; this server reads {SCHEMA_VERSION}"
        )
    return card


def _open_session(path: Path) -> onnxruntime.InferenceSession:
    """An ONNX Runtime session of one thread that sleeps, not spins, between requests."""
    if not path.is_file():
        raise MalformedArtifact(f"{path} is missing; unpack a model.tar.gz made by training into that folder")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's errors share no base class of their own
        raise MalformedArtifact(f"{path} is not a readable ONNX model: {_one_line(error)}") from error


def _classes(names: Any) -> tuple[str, ...]:
    if not isinstance(names, list) or len(names) < 2 or not all(isinstance(name, str) for name in names):
        raise ValueError(f"classes must be a list of two or more names, not {names!r}")
    return tuple(names)


def _side(pixels: Any) -> int:
    if not isinstance(pixels, int) or isinstance(pixels, bool) or pixels < 1:
        raise ValueError(f"input width and height must be whole numbers of pixels, not {pixels!r}")
    return pixels


def _check_interface(model: Model) -> None:
    """Names, type and size that model.json promises, against those of the graph."""
    inputs = {node.name: node for node in model.session.get_inputs()}
    if set(inputs) != {model.input_name}:
        raise MalformedArtifact(f"model.onnx has the inputs {sorted(inputs)}, not {model.input_name!r} alone")
    if model.output_name not in {node.name for node in model.session.get_outputs()}:
        raise MalformedArtifact(f"model.onnx has no output {model.output_name!r}")
    entry = inputs[model.input_name]
    if entry.type != "tensor(uint8)":
        raise MalformedArtifact(f"model.onnx wants {entry.type} where images are tensor(uint8)")
    wanted = [model.height, model.width, 3]
    if len(entry.shape) != 4 or any(
        isinstance(size, int) and size != want for size, want in zip(entry.shape[1:], wanted, strict=True)
    ):
        raise MalformedArtifact(
            f"model.onnx wants images of shape {entry.shape}, model.json says [batch, "
            f"{model.height}, {model.width}, 3]"
        )


def _check_answer(model: Model) -> None:
    """Classify two grey images: proves that the model answers, in batches, with a probability a class."""
    try:
        answer = model.classify(np.full((2, model.height, model.width, 3), 128, dtype=np.uint8))
    except Exception as error:  # see _open_session
        raise MalformedArtifact(f"model.onnx cannot classify: {_one_line(error)}") from error
    if answer.shape != (2, len(model.classes)):
        raise MalformedArtifact(
            f"model.onnx answers two images with shape {list(answer.shape)}, model.json names "
            f"{len(model.classes)} classes"
        )
    if not np.all(np.abs(answer.sum(axis=1) - 1) < _SUM_TOLERANCE):
        raise MalformedArtifact("model.onnx does not answer with probabilities: they do not sum to 1")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
