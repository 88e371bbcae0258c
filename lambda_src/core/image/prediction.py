"""From probabilities to a prediction that is kept, or not."""

from __future__ import annotations

import math

from lambda_src.core.classes import ModelClasses
from lambda_src.core.errors import LowConfidence
from lambda_src.core.image.records import Classification, Prediction
from lambda_src.core.location import address
from lambda_src.core.probabilities import check_probabilities


def keep_confident(
    classification: Classification, classes: ModelClasses, default_threshold: float
) -> Prediction:
    """The most probable class when its probability reaches the threshold.

    Raises LowConfidence below the threshold, ModelFailed when there is not one probability a class.
    """
    prediction = most_probable(classification, classes, default_threshold)
    if not is_confident(prediction):
        where = address(classification.s3_bucket, classification.s3_key)
        raise LowConfidence(
            f"{classes.shown(prediction.predicted_class)} with confidence "
            f"{_rounded_down(prediction.confidence)} is below the threshold {prediction.threshold} "
            f"for {where}"
        )
    return prediction


def is_confident(prediction: Prediction) -> bool:
    """Whether a prediction is kept."""
    return prediction.confidence >= prediction.threshold


def most_probable(
    classification: Classification, classes: ModelClasses, default_threshold: float
) -> Prediction:
    """The most probable class (the first of equals), however probable it is.

    Raises ModelFailed when there is not one probability a class.
    """
    probabilities = check_probabilities(classification.inferences, len(classes.labels))
    confidence = max(probabilities)
    label = classes.labels[probabilities.index(confidence)]
    return Prediction(
        s3_bucket=classification.s3_bucket,
        s3_key=classification.s3_key,
        predicted_class=label,
        confidence=confidence,
        threshold=default_threshold if classification.threshold is None else classification.threshold,
        inferences=probabilities,
        model=classification.model,
        inference_id=classification.inference_id,
        predicted_name=classes.names.get(label),
    )


def _rounded_down(confidence: float) -> str:
    """Four digits, never rounded up to the threshold that was not reached."""
    return f"{math.floor(confidence * 10_000) / 10_000:.4f}"
