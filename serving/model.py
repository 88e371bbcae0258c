"""Reading a model directory: model.json and model.onnx, checked against each other before serving."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from contracts.artifact.archive import CARD, MODEL, ArtifactError
from contracts.artifact.card import Card, parse_card
from serving.errors import MalformedArtifact

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
    unfamiliarity_name: str | None = None
    """Of the output that says how unlike those learnt from an image is; None where the model has none."""

    def classify(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Probabilities [batch, classes] of RGB images [batch, height, width, 3]."""
        answer: NDArray[np.float32] = self.session.run([self.output_name], {self.input_name: images})[0]
        return answer

    def judge(self, images: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The same probabilities, and the unfamiliarity [batch] in 0..1; only of a model that says it."""
        names = [self.output_name, self.unfamiliarity_name]
        probabilities, unfamiliarity = self.session.run(names, {self.input_name: images})
        return probabilities, unfamiliarity


def load_model(directory: Path) -> Model:
    """The model in `directory`, or `MalformedArtifact` with one line that says what is wrong with it."""
    card = _read_card(_present(directory / CARD))
    height, width = card.size
    model = Model(
        session=_open_session(_present(directory / MODEL)),
        classes=card.classes,
        width=width,
        height=height,
        input_name=card.input_name,
        output_name=card.output_name,
        unfamiliarity_name=card.unfamiliarity_name,
    )
    _check_interface(model)
    _check_answer(model)
    return model


def _present(path: Path) -> Path:
    if not path.is_file():
        raise MalformedArtifact(f"{path} is missing; unpack a model.tar.gz made by training into that folder")
    return path


def _read_card(path: Path) -> Card:
    try:
        return parse_card(path.read_bytes(), str(path))
    except ArtifactError as error:
        raise MalformedArtifact(str(error)) from error


def _open_session(path: Path) -> onnxruntime.InferenceSession:
    """An ONNX Runtime session of one thread that sleeps, not spins, between requests."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's errors share no base class of their own
        raise MalformedArtifact(f"{path} is not a readable ONNX model: {_one_line(error)}") from error


def _check_interface(model: Model) -> None:
    """Names, type and size that model.json promises, against those of the graph."""
    inputs = {node.name: node for node in model.session.get_inputs()}
    if set(inputs) != {model.input_name}:
        raise MalformedArtifact(f"model.onnx has the inputs {sorted(inputs)}, not {model.input_name!r} alone")
    outputs = {node.name for node in model.session.get_outputs()}
    for name in (model.output_name, model.unfamiliarity_name):
        if name is not None and name not in outputs:
            raise MalformedArtifact(f"model.onnx has no output {name!r}")
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
