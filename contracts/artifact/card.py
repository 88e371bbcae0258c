"""`model.json`: what a model artifact says about itself, and the rules for it.

Entries that nobody knows are let through: a later version may have written them. What only a report looks at
may be missing or malformed, and is then unknown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.artifact.archive import CARD, MAXIMUM_CARD_BYTES, ArtifactError
from contracts.artifact.fields import as_count, as_object, as_share
from contracts.artifact.schema import SCHEMA_VERSION, problems


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """Of held-out images, as training.figures.metrics makes them; None is not known. All are in [0, 1]."""

    images: int = 0
    accuracy: float | None = None
    expected_calibration_error: float | None = None
    mean_confidence: float | None = None
    calibration_standard_error: float | None = None
    coverage_at_threshold: float | None = None
    accuracy_at_threshold: float | None = None


@dataclass(frozen=True, kw_only=True)
class Card:
    """A checked model.json.

    classes: labels in their order. names: for people, of the classes that have one, by label. size: (height,
    width) of the images that the model takes, in pixels. input_name, output_name: of the ONNX graph.
    unfamiliarity_name: of its output that says, from 0 to 1, how unlike those learnt from an image is; None
    where the model does not say it. threshold: the recommended confidence from which an answer is trusted, in
    [0, 1]. baseline: of held-out images, for drift. arguments: of training, which saw training_images.
    dataset_fingerprint: "" is not known. document: all of model.json as it was read.
    """

    schema_version: int
    classes: tuple[str, ...]
    names: Mapping[str, str]
    size: tuple[int, int]
    input_name: str
    output_name: str
    unfamiliarity_name: str | None
    threshold: float
    metrics: Metrics
    baseline: Mapping[str, Any]
    arguments: Mapping[str, Any]
    training_images: int
    dataset_fingerprint: str
    document: Mapping[str, Any]


def card_bytes(document: Mapping[str, Any]) -> bytes:
    """model.json as it is stored: the same document always gives the same bytes."""
    return (json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def parse_card(content: bytes, name: str) -> Card:
    """From the bytes of model.json; `name` is what messages call the file. Raises ArtifactError."""
    if len(content) > MAXIMUM_CARD_BYTES:
        raise _refusal(name, [f"it has {len(content):,} bytes, the limit is {MAXIMUM_CARD_BYTES:,}"])
    try:
        return check_card(json.loads(content), name)
    except ArtifactError:
        raise
    except (ValueError, RecursionError) as error:  # arrays inside each other: to read, or to look at
        raise _refusal(name, [f"it is not JSON ({error})"]) from error


def check_card(document: Any, name: str = CARD) -> Card:
    """From what model.json holds. Raises ArtifactError with every problem, each with value and limit."""
    if found := problems(document):
        raise _refusal(name, found)
    input_, training = as_object(document["input"]), as_object(document.get("training"))
    output = as_object(document.get("output"))
    return Card(
        schema_version=SCHEMA_VERSION,
        classes=tuple(document["classes"]),
        names=as_object(document.get("names")),
        size=(input_["height"], input_["width"]),
        input_name=input_.get("name", "image"),
        output_name=output.get("name", "probabilities"),
        unfamiliarity_name=_name(output.get("unfamiliarity")),
        threshold=float(document["threshold"]["recommended"]),
        metrics=_metrics(as_object(document.get("metrics"))),
        baseline=as_object(document.get("baseline")),
        arguments=as_object(training.get("arguments")),
        training_images=as_count(training.get("images")),
        dataset_fingerprint=str(as_object(document.get("dataset")).get("fingerprint", "")),
        document=document,
    )


def _name(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _refusal(name: str, found: Sequence[str]) -> ArtifactError:
    return ArtifactError(f"{name} cannot be used: {'; '.join(found)}: train or copy it again")


def _metrics(metrics: dict[str, Any]) -> Metrics:
    return Metrics(
        images=as_count(metrics.get("images")),
        accuracy=as_share(metrics.get("accuracy")),
        expected_calibration_error=as_share(metrics.get("expected_calibration_error")),
        mean_confidence=as_share(metrics.get("mean_confidence")),
        calibration_standard_error=as_share(metrics.get("calibration_standard_error")),
        coverage_at_threshold=as_share(metrics.get("coverage_at_threshold")),
        accuracy_at_threshold=as_share(metrics.get("accuracy_at_threshold")),
    )
