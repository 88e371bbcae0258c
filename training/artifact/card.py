"""Make `model.json`: what the artifact says about itself."""

from __future__ import annotations

import importlib.metadata
import platform
from dataclasses import asdict, dataclass
from typing import Any

from contracts.artifact.card import check_card
from contracts.artifact.reader import Artifact
from contracts.artifact.schema import SCHEMA_VERSION
from training.artifact.predictor import Predictor
from training.data import ImageSet
from training.figures.baseline import make_baseline
from training.figures.calibration import Threshold
from training.figures.metrics import measure
from training.manifest import Manifest
from training.options import Options

MEASURED_PACKAGES = ("torch", "numpy", "onnx", "onnxruntime", "pillow")


@dataclass(frozen=True)
class Trained:
    """The exported model, how it was calibrated, on how many images it was trained, and the SHA-256 of the
    pretrained weights that it began with, if any."""

    onnx: bytes
    size: tuple[int, int]
    temperature: float
    threshold: Threshold
    images: int
    weights: str | None = None


def make_card(options: Options, manifest: Manifest, trained: Trained, test: ImageSet) -> dict[str, Any]:
    """model.json, measured on the test part with the exported model.

    Depends on data, arguments and versions only, never on the clock, on folders or on the number of cores.
    """
    card = {
        "schema_version": SCHEMA_VERSION,
        "classes": list(manifest.classes),
        **({"names": manifest.names} if manifest.names else {}),
        "input": describe_input(trained.size),
        "output": {"name": "probabilities", "unfamiliarity": "unfamiliarity"},
        "temperature": trained.temperature,
        "threshold": trained.threshold.as_json(),
    }
    predictor = Predictor(Artifact(trained.onnx, check_card(card), sha256=""))
    probabilities = predictor.probabilities(test.images)
    figures = measure(probabilities, test.labels, manifest.classes, trained.threshold.recommended)
    unfamiliarity = predictor.unfamiliarity(test.images)
    baseline = make_baseline(test.images, test.sizes, probabilities, manifest.classes, unfamiliarity)
    return {
        **card,
        "metrics": {"split": "test", **figures},
        "baseline": {"split": "test", **baseline},
        "training": {
            "arguments": describe_arguments(options),
            **({"pretrained_weights_sha256": trained.weights} if trained.weights else {}),
            "images": trained.images,
            "versions": describe_versions(),
        },
        "dataset": {
            "name": manifest.name,
            "fingerprint": manifest.fingerprint,
            "source": manifest.source,
            "counts": manifest.counts,
        },
    }


def describe_input(size: tuple[int, int]) -> dict[str, Any]:
    """`resize` is what was done, and is to be done, to images of another size."""
    return {
        "name": "image",
        "height": size[0],
        "width": size[1],
        "layout": "NHWC",
        "dtype": "uint8",
        "resize": "bicubic",
    }


def describe_arguments(options: Options) -> dict[str, Any]:
    """The resolved arguments that shape the model."""
    return {
        "preset": options.preset,
        **asdict(options.recipe),
        "target_precision": options.target_precision,
        "image_size": options.image_size or None,
    }


def describe_versions() -> dict[str, str]:
    """Of what computes the model."""
    packages = {name: importlib.metadata.version(name) for name in MEASURED_PACKAGES}
    return {"python": platform.python_version(), **packages}
