"""From probabilities to a prediction that is kept, or not."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lambda_src.core.errors import LowConfidence
from lambda_src.core.location import address
from lambda_src.core.probabilities import check_probabilities
from lambda_src.core.records import Classification, Prediction


def keep_confident(
    classification: Classification, class_names: Sequence[str], default_threshold: float
) -> Prediction:
    """The most probable class (the first of equals) when its probability reaches the threshold.

    Raises LowConfidence below the threshold, ModelFailed when there is not one probability a class.
    """
    probabilities = check_probabilities(classification.inferences, len(class_names))
    confidence = max(probabilities)
    name = class_names[probabilities.index(confidence)]
    threshold = default_threshold if classification.threshold is None else classification.threshold
    if confidence < threshold:
        where = address(classification.s3_bucket, classification.s3_key)
        raise LowConfidence(
            f"{name} with confidence {_rounded_down(confidence)} is below the threshold {threshold} "
            f"for {where}"
        )
    return Prediction(
        s3_bucket=classification.s3_bucket,
        s3_key=classification.s3_key,
        predicted_class=name,
        confidence=confidence,
        threshold=threshold,
        inferences=probabilities,
        model=classification.model,
        inference_id=classification.inference_id,
    )


def _rounded_down(confidence: float) -> str:
    """Four digits, never rounded up to the threshold that was not reached."""
    return f"{math.floor(confidence * 10_000) / 10_000:.4f}"
