"""What one function hands to the next: flat records, each the JSON object of a state's output.

`record._asdict()` is the output. The readers check the types again, because a state's input can be edited.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from lambda_src.core.errors import InvalidInput
from lambda_src.core.excerpt import excerpt
from lambda_src.core.fields import text_field, threshold_field
from lambda_src.core.limits import MAX_INFERENCE_ID
from lambda_src.core.location import bucket_problem, key_problem

_INFERENCE_ID = re.compile(rf"[A-Za-z0-9._-]{{1,{MAX_INFERENCE_ID}}}")


class SerializedImage(NamedTuple):
    """Output of "Serialize image". `image_data` is base64, or "" when the image is to be read from S3."""

    s3_bucket: str
    s3_key: str
    threshold: float | None
    content_type: str
    image_data: str
    inference_id: str


class Classification(NamedTuple):
    """Output of "Classify image": one probability a class, in the model's order, and the model's digest."""

    s3_bucket: str
    s3_key: str
    threshold: float | None
    inference_id: str
    inferences: list[float]
    model: str


class Prediction(NamedTuple):
    """Output of "Keep confident prediction", and so of the execution.

    `predicted_class` is the class; `predicted_name`, for people, is in the output only where it has one.
    """

    s3_bucket: str
    s3_key: str
    predicted_class: str
    confidence: float
    threshold: float
    inferences: list[float]
    model: str
    inference_id: str
    predicted_name: str | None = None

    def output(self) -> dict[str, Any]:
        """The JSON object of the state's output."""
        return {name: value for name, value in self._asdict().items() if value is not None}


def read_serialized_image(fields: dict[str, Any]) -> SerializedImage:
    """The record in the input of "Classify image". Raises InvalidInput."""
    image = SerializedImage(
        s3_bucket=text_field(fields, "s3_bucket"),
        s3_key=text_field(fields, "s3_key"),
        threshold=threshold_field(fields),
        content_type=text_field(fields, "content_type"),
        image_data=text_field(fields, "image_data"),
        inference_id=text_field(fields, "inference_id"),
    )
    if not _INFERENCE_ID.fullmatch(image.inference_id):
        raise InvalidInput(
            f"inference_id must be 1 to {MAX_INFERENCE_ID} of A-Za-z0-9._-, not {excerpt(image.inference_id)}"
        )
    if not image.image_data:
        for name, problem in (
            ("s3_bucket", bucket_problem(image.s3_bucket)),
            ("s3_key", key_problem(image.s3_key)),
        ):
            if problem:
                raise InvalidInput(f"{name} {problem}")
    return image


def read_classification(fields: dict[str, Any]) -> Classification:
    """The record in the input of "Keep confident prediction", any list of inferences. Raises InvalidInput."""
    inferences = fields.get("inferences")
    if not isinstance(inferences, list):
        raise InvalidInput(f"inferences must be an array of probabilities, not {excerpt(inferences)}")
    return Classification(
        s3_bucket=text_field(fields, "s3_bucket"),
        s3_key=text_field(fields, "s3_key"),
        threshold=threshold_field(fields),
        inference_id=text_field(fields, "inference_id"),
        inferences=inferences,
        model=text_field(fields, "model"),
    )
