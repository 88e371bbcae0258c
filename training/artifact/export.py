"""Write a classifier as ONNX, and prove that the file answers as the classifier does."""

from __future__ import annotations

import io
import warnings

import numpy as np
import torch
from numpy.typing import NDArray

from training.artifact.predictor import open_session, run
from training.network.model import Classifier

OPSET = 17
DIFFERENCE_LIMIT = 1e-4  # of a probability, between torch and ONNX Runtime


class ExportError(RuntimeError):
    """The exported model answers otherwise than the trained one."""


def export(classifier: Classifier, size: tuple[int, int]) -> bytes:
    """ONNX bytes: `image` uint8 [batch, height, width, 3] -> `probabilities` float32 [batch, classes]."""
    example = torch.zeros((1, *size, 3), dtype=torch.uint8)
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch wants its newer exporter, which needs further packages
        torch.onnx.export(
            classifier.eval(),
            (example,),
            buffer,  # type: ignore[arg-type]  # the annotation forgets files, which it takes
            input_names=["image"],
            output_names=["probabilities"],
            dynamic_axes={"image": {0: "batch"}, "probabilities": {0: "batch"}},
            opset_version=OPSET,
            dynamo=False,
        )
    return buffer.getvalue()


def check_export(onnx: bytes, classifier: Classifier, images: NDArray[np.uint8]) -> float:
    """The greatest difference of a probability on real images, alone and as a batch.

    Raises ExportError when it is above DIFFERENCE_LIMIT.
    """
    session = open_session(onnx)
    with torch.no_grad():
        expected = classifier.eval()(torch.from_numpy(images)).numpy()
    whole = run(session, "image", images)
    alone = run(session, "image", images[:1])
    difference = max(float(np.abs(whole - expected).max()), float(np.abs(alone - expected[:1]).max()))
    if not difference <= DIFFERENCE_LIMIT:  # so that NaN fails
        raise ExportError(
            f"the exported model differs from the trained one by {difference:g} in a probability "
            f"(limit {DIFFERENCE_LIMIT:g}): no artifact was written; "
            "check that the pinned versions of torch and onnxruntime are installed"
        )
    return difference
