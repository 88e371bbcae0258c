"""`python -m training.evaluate --artifact A --data DIR`: how good is a model artifact? Needs no torch.

With `--endpoint` the same, as it is served: the files are sent, and the answers are measured.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from contracts.artifact.archive import ArtifactError
from contracts.artifact.class_names import shown_class
from contracts.artifact.digest import short_digest
from contracts.artifact.reader import Artifact, read_artifact
from pictures.limits import WHOLE
from training.artifact.predictor import Predictor
from training.data import SPLITS, load_images
from training.endpoint import EndpointError, open_endpoint, served_probabilities
from training.figures.curves import coverage_curve, reliability
from training.figures.metrics import CALIBRATION_BINS, measure
from training.listing import list_images
from training.manifest import DatasetError, find_manifest
from training.options import DEFAULT_ARTIFACT, add_required_share


def main(argv: Sequence[str] | None = None) -> int:
    """Print the figures; 0 if they could be made, 2 with the reason on stderr if not."""
    arguments = parse(argv)
    try:
        artifact = read_artifact(arguments.artifact)
        figures = evaluate(
            artifact, arguments.data, arguments.split, arguments.endpoint, arguments.required_picture_share
        )
    except (ArtifactError, DatasetError, EndpointError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(json.dumps(figures, indent=2) if arguments.json else as_text(figures))
    return 0


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m training.evaluate",
        description="Measure a model artifact on one part of a staged data set.",
    )
    parser.add_argument(
        "--artifact", type=Path, default=DEFAULT_ARTIFACT, help=f"model.tar.gz (default: {DEFAULT_ARTIFACT})"
    )
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder of a staged data set")
    parser.add_argument("--split", choices=SPLITS, default="test", help="part to measure on (default: test)")
    parser.add_argument(
        "--endpoint",
        metavar="URL|NAME",
        help="ask the model where it is served: http://HOST:PORT of a server, or an endpoint of SageMaker",
    )
    add_required_share(parser)
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")
    return parser.parse_args(argv)


def evaluate(
    artifact: Artifact,
    data: Path,
    split: str = "test",
    endpoint: str | None = None,
    required: float = WHOLE,
) -> dict[str, Any]:
    """The figures of training.figures.metrics.measure, its curves, and what they were made of.

    By the artifact's own model in this process, which reads pictures of which the share `required` is there,
    or by what answers at `endpoint`, which has a setting for that.
    """
    manifest = find_manifest([data])
    if list(manifest.classes) != artifact.classes:
        raise DatasetError(
            f"the artifact knows the classes {artifact.classes}, {data} holds {list(manifest.classes)}: "
            "the same classes in the same order are needed"
        )
    listed = list_images(data, split, len(artifact.classes))
    if endpoint is None:
        probabilities = Predictor(artifact).probabilities(
            load_images(listed, artifact.size, required=min(required, manifest.required_share)).images
        )
    else:
        probabilities = served_probabilities(open_endpoint(endpoint), listed, artifact)
    labels = np.array([image.label for image in listed], dtype=np.int64)
    figures = measure(probabilities, labels, artifact.classes, artifact.threshold)
    confidence, correct = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    return {
        "artifact_sha256": artifact.sha256,
        "endpoint": endpoint,
        "dataset": manifest.name,
        "split": split,
        "classes": artifact.classes,
        "names": dict(artifact.card.names),
        "threshold": artifact.threshold,
        "calibration_bins": CALIBRATION_BINS,
        **figures,
        "reliability": reliability(confidence, correct),
        "coverage_curve": coverage_curve(confidence, correct),
    }


def as_text(figures: dict[str, Any]) -> str:
    """The figures for a person."""
    low, high = figures["accuracy_interval"]
    trusted = figures["accuracy_at_threshold"]
    lines = [
        f"{figures['images']} images of {figures['dataset']}, {figures['split']} part",
        f"artifact            {short_digest(figures['artifact_sha256'])}",
        *([f"asked at            {figures['endpoint']}"] if figures["endpoint"] else []),
        f"accuracy            {figures['accuracy']:.4f}   95% interval {low:.4f} to {high:.4f} (Wilson)",
        f"calibration error   {figures['expected_calibration_error']:.4f}"
        f"   over {figures['calibration_bins']} bins of confidence",
        f"threshold           {figures['threshold']:.4f}",
        f"  coverage          {figures['coverage_at_threshold']:.4f}   share of images answered",
        f"  accuracy          {_share(trusted)}   of those answered",
        "",
        *_class_table(figures),
        "",
        "confusion matrix: rows are the true class, columns the predicted one",
        *_confusion_table(figures),
    ]
    return "\n".join(lines)


def _class_table(figures: dict[str, Any]) -> list[str]:
    shown = _shown(figures)
    width = max(len(name) for name in [*shown.values(), "class"])
    rows = [
        f"{shown[label]:<{width}}  {row['images']:>7}  "
        f"{_share(row['precision']):>9}  {_share(row['recall']):>7}"
        for label, row in figures["per_class"].items()
    ]
    return [f"{'class':<{width}}  {'images':>7}  {'precision':>9}  {'recall':>7}", *rows]


def _confusion_table(figures: dict[str, Any]) -> list[str]:
    shown = _shown(figures)
    width = max(len(name) for name in shown.values())
    cells = max(6, *(len(str(value)) for row in figures["confusion_matrix"] for value in row))
    return [
        f"{shown[name]:<{width}}  " + " ".join(f"{value:>{cells}}" for value in row)
        for name, row in zip(figures["classes"], figures["confusion_matrix"], strict=True)
    ]


def _shown(figures: dict[str, Any]) -> dict[str, str]:
    """Each class as people read it."""
    return {label: shown_class(label, figures["names"]) for label in figures["classes"]}


def _share(value: float | None) -> str:
    return "none" if value is None else f"{value:.4f}"


if __name__ == "__main__":
    sys.exit(main())
