"""From the probabilities of a batch to one row an image."""

from __future__ import annotations

from lambda_src.core.batch.records import Classified, ClassifiedBatch, FilteredBatch
from lambda_src.core.batch.rows import ACCEPTED, LOW_CONFIDENCE, BatchImage, Row, error_row
from lambda_src.core.classes import ModelClasses
from lambda_src.core.errors import ClassificationError
from lambda_src.core.image.prediction import is_confident, most_probable
from lambda_src.core.image.records import Classification


def filter_batch(batch: ClassifiedBatch, classes: ModelClasses, default_threshold: float) -> FilteredBatch:
    """Every image of the batch as a row, in the order of their numbers."""
    rows = [
        *batch.errors,
        *(_row(image, batch.threshold, classes, default_threshold) for image in batch.classified),
    ]
    return FilteredBatch(batch.batch, sorted(rows, key=lambda row: row["n"]))


def _row(image: Classified, threshold: float | None, classes: ModelClasses, default_threshold: float) -> Row:
    classification = Classification(
        image.s3_bucket, image.s3_key, threshold, image.inference_id, image.inferences, image.model
    )
    try:
        prediction = most_probable(classification, classes, default_threshold)
    except ClassificationError as error:  # not one probability a class
        return error_row(BatchImage(*image[:3]), error)
    return {
        "n": image.n,
        "s3_bucket": image.s3_bucket,
        "s3_key": image.s3_key,
        "outcome": ACCEPTED if is_confident(prediction) else LOW_CONFIDENCE,
        "predicted_class": prediction.predicted_class,
        "confidence": prediction.confidence,
        "threshold": prediction.threshold,
        "model": prediction.model,
        "inference_id": prediction.inference_id,
        **({"predicted_name": prediction.predicted_name} if prediction.predicted_name else {}),
    }
