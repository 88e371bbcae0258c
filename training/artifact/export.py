"""Write a classifier as ONNX, and prove that the file answers as the classifier does."""

from __future__ import annotations

import io
import warnings

import numpy as np
import torch
from numpy.typing import NDArray

from training.artifact.predictor import open_session, run
from training.network.unfamiliarity import WatchfulClassifier

OPSET = 17
OUTPUTS = ["probabilities", "unfamiliarity"]
DIFFERENCE_LIMIT = 1e-4  # of a probability, between torch and ONNX Runtime
UNFAMILIARITY_LIMIT = 1e-3  # likewise; it goes through logarithms of small differences


class ExportError(RuntimeError):
    """The exported model answers otherwise than the trained one."""


def export(classifier: WatchfulClassifier, size: tuple[int, int]) -> bytes:
    """ONNX bytes: `image` uint8 [batch, height, width, 3] -> `probabilities` float32 [batch, classes] and
    `unfamiliarity` float32 [batch]."""
    example = torch.zeros((1, *size, 3), dtype=torch.uint8)
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch wants its newer exporter, which needs further packages
        torch.onnx.export(
            classifier.eval(),
            (example,),
            buffer,  # type: ignore[arg-type]  # the annotation forgets files, which it takes
            input_names=["image"],
            output_names=OUTPUTS,
            dynamic_axes={name: {0: "batch"} for name in ("image", *OUTPUTS)},
            opset_version=OPSET,
            dynamo=False,
        )
    return buffer.getvalue()


def check_export(onnx: bytes, classifier: WatchfulClassifier, images: NDArray[np.uint8]) -> float:
    """The greatest difference of a probability on real images, alone and as a batch.

    Raises ExportError when it is above DIFFERENCE_LIMIT, or the unfamiliarity's above its own.
    """
    session = open_session(onnx)
    with torch.no_grad():
        expected = [tensor.numpy() for tensor in classifier.eval()(torch.from_numpy(images))]
    differences = []
    for name, values, limit in zip(OUTPUTS, expected, (DIFFERENCE_LIMIT, UNFAMILIARITY_LIMIT), strict=True):
        whole, alone = (run(session, "image", batch, name) for batch in (images, images[:1]))
        difference = max(float(np.abs(whole - values).max()), float(np.abs(alone - values[:1]).max()))
        if not difference <= limit:  # so that NaN fails
            raise ExportError(
                f"the exported model differs from the trained one by {difference:g} in {name} "
                f"(limit {limit:g}): no artifact was written; "
                "check that the pinned versions of torch and onnxruntime are installed"
            )
        differences.append(difference)
    return differences[0]
