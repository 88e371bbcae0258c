"""The endpoint's answer to a pack: one entry an image, in order."""

from __future__ import annotations

import json
from collections.abc import Sequence

from lambda_src.core.batch.records import Classified
from lambda_src.core.batch.rows import BatchImage, Row, error_row
from lambda_src.core.errors import ClassificationError, ModelFailed, ModelRejectedImage
from lambda_src.core.excerpt import excerpt, one_line
from lambda_src.core.probabilities import check_probabilities


def read_pack_answer(body: bytes, count: int) -> list[object]:
    """The `count` entries of an answer. Raises ModelFailed for any other answer."""
    try:
        entries = json.loads(body)
    except (ValueError, RecursionError):
        text = one_line(body[:200].decode("utf-8", "replace"), limit=120)
        raise ModelFailed(f"the model answered something that is not JSON: {text}") from None
    if not isinstance(entries, list) or len(entries) != count:
        raise ModelFailed(f"the model answered {excerpt(entries)} to a pack of {count} images")
    return entries


def classified_or_row(
    image: BatchImage, entry: object, class_count: int, inference_id: str, model: str
) -> Classified | Row:
    """The image with its probabilities, or its row when the entry says what is wrong with it."""
    try:
        inferences = shortened(_probabilities(entry, class_count))
    except ClassificationError as error:
        return error_row(image, error)
    return Classified(*image, inference_id, model, inferences)


def shortened(probabilities: Sequence[float]) -> list[float]:
    """Six digits each, rounded down, but the largest (the first of equals) as it is: who wins, and whether
    it reaches a threshold, stays what it was."""
    best = probabilities.index(max(probabilities))
    short = [
        rounded if (rounded := round(value, 6)) <= value else round(rounded - 1e-6, 6)
        for value in probabilities
    ]
    short[best] = probabilities[best]
    return short


def _probabilities(entry: object, class_count: int) -> list[float]:
    if isinstance(entry, dict) and isinstance(entry.get("error"), str):
        raise ModelRejectedImage(f"the model refused the image: {one_line(entry['error'])}")
    return check_probabilities(entry, class_count)
