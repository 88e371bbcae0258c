"""An artifact's model in ONNX Runtime: images in, calibrated probabilities out. No torch."""

from __future__ import annotations

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from contracts.artifact.archive import ArtifactError
from contracts.artifact.reader import Artifact
from training.data import at_once

BATCH = 128


class Predictor:
    """Checks on creation that the model fits its model.json; raises ArtifactError if not."""

    def __init__(self, artifact: Artifact) -> None:
        self._session = open_session(artifact.onnx)
        self._input = artifact.card.input_name
        self._unfamiliarity = artifact.card.unfamiliarity_name
        _check_interface(self._session, artifact)

    def probabilities(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """[N, classes] of uint8 [N, height, width, 3] RGB images; each row adds up to 1."""
        return np.concatenate([run(self._session, self._input, batch) for batch in _batches(images)])

    def unfamiliarity(self, images: NDArray[np.uint8]) -> NDArray[np.float32] | None:
        """[N] in 0..1, higher for images unlike those learnt from; None when the model does not say it."""
        if (name := self._unfamiliarity) is None:
            return None
        return np.concatenate([run(self._session, self._input, batch, name) for batch in _batches(images)])


def _batches(images: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    few = at_once((images.shape[1], images.shape[2]), BATCH)
    return [images[start : start + few] for start in range(0, len(images), few)]


def open_session(onnx: bytes) -> onnxruntime.InferenceSession:
    """One thread that does not spin while idle; raises ArtifactError if the bytes are no ONNX model."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's own exceptions share no base class but this one
        raise ArtifactError(f"model.onnx cannot be loaded by ONNX Runtime: {error}") from error


def run(
    session: onnxruntime.InferenceSession, name: str, batch: NDArray[np.uint8], output: str | None = None
) -> NDArray[np.float32]:
    """For one batch the output of that name, else the model's first one."""
    return np.asarray(session.run(output and [output], {name: batch})[0], dtype=np.float32)


def _check_interface(session: onnxruntime.InferenceSession, artifact: Artifact) -> None:
    """Model and card must speak of the same input and the same number of classes."""
    given, answer = session.get_inputs()[0], session.get_outputs()[0]
    expected = [*artifact.size, 3]
    if given.type != "tensor(uint8)" or list(given.shape[1:]) != expected:
        raise ArtifactError(
            f"model.onnx takes {given.type} of shape {given.shape}, "
            f"model.json speaks of uint8 [batch, {', '.join(map(str, expected))}]"
        )
    if answer.shape[-1] != len(artifact.classes):
        raise ArtifactError(
            f"model.onnx answers with {answer.shape[-1]} probabilities, "
            f"model.json names {len(artifact.classes)} classes: {artifact.classes}"
        )
