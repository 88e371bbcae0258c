"""How much of a state an image of a batch takes at its worst, so that no batch is too large for one.

JSON is counted as `json.dumps` writes it: every letter beyond ASCII escaped, a space after each comma and
colon. No encoder that a state passes through makes more of it.
"""

from __future__ import annotations

import json
from itertools import accumulate, takewhile
from typing import Any

from lambda_src.core.batch.records import ClassifiedBatch, FilteredBatch, SerializedBatch, batch_state
from lambda_src.core.batch.rows import Row
from lambda_src.core.classes import ModelClasses
from lambda_src.core.limits import MAX_STATE_BYTES
from lambda_src.core.probabilities import short_digest

BATCH_BUDGET = MAX_STATE_BYTES - 16_384
"""Bytes that the images of one batch may cost together. What is kept back holds what there is one of in a
state: the execution's name at its worst (80 letters of 12 bytes, and again in the packs' prefix), the
threshold, and what Lambda's service reports around a function's answer."""

SURE_CAUSE = 120
"""Bytes of JSON that an error's cause gets however many images of a full batch fail."""

_NUMBER = 9_999_999_999  # of an image: ten digits
_MODEL = short_digest("f" * 64)
_INFERENCE_ID = "f" * 16 + "-9999999-9999.9999-9999#9999"
_PROBABILITY = len("0.123456, ")
_FLOAT = 2.2250738585072014e-308  # no float is longer


def json_bytes(value: object) -> int:
    """Bytes of `value` as JSON, at most."""
    return len(json.dumps(value))


def image_cost(s3_bucket: str, s3_key: str, class_count: int, class_bytes: int) -> int:
    """The most that one image takes in any state of its batch, in bytes of JSON.

    `class_bytes` is what `class_bytes` makes of the model's classes. The sum over a batch stays below
    BATCH_BUDGET, or the batch ends before the image that would take it there.
    """
    fixed = max(_ROW + class_bytes, _FAILED_ROW, _CLASSIFIED + class_count * _PROBABILITY, _PACKED)
    return fixed + json_bytes(s3_bucket) + json_bytes(s3_key)


def class_bytes(classes: ModelClasses) -> int:
    """The most that the class of a row takes, with its name for people where it has one."""
    named = len(', "predicted_name": ')
    return max(
        json_bytes(label) + (named + json_bytes(classes.names[label]) if label in classes.names else 0)
        for label in classes.labels
    )


def fitting_state(batch: SerializedBatch | ClassifiedBatch | FilteredBatch) -> dict[str, Any]:
    """The record as a function answers it, its errors' causes cut where it would not fit into a state."""
    return fit(batch_state(batch), batch.rows if isinstance(batch, FilteredBatch) else batch.errors)


def fit(answer: dict[str, Any], rows: list[Row]) -> dict[str, Any]:
    """A function's answer that fits into a state: where it would not, the causes in its `rows` are cut.

    The plan has set aside what is left then: SURE_CAUSE for every image of the batch.
    """
    excess = json_bytes(answer) - BATCH_BUDGET
    errors = [row for row in rows if "cause" in row]
    if excess > 0 and errors:
        room = sum(json_bytes(row["cause"]) for row in errors) - excess
        share = max(room // len(errors), SURE_CAUSE)
        for row in errors:
            row["cause"] = cut_to(row["cause"], share)
    return answer


def cut_to(text: str, limit: int) -> str:
    """The longest beginning of `text` that takes `limit` bytes of JSON, with "..." where it was cut."""
    if json_bytes(text) <= limit:
        return text
    sizes = accumulate(json_bytes(letter) - 2 for letter in text)
    kept = sum(1 for _ in takewhile(lambda size: size <= limit - len('"..."'), sizes))
    return text[:kept] + "..."


def _beside_texts(entry: object) -> int:
    """Bytes of an entry of an array and the comma after it, less those of its texts that are empty here."""
    return json_bytes([entry, ""]) - len('[""]') - len('""') * json.dumps(entry).count('""')


# An image in each state, beside its bucket, its key and the name of its class.
_PACKED = _beside_texts(["9999999-9999", [[_NUMBER, "", ""]]])
_CLASSIFIED = _beside_texts([_NUMBER, "", "", _INFERENCE_ID, _MODEL, [_FLOAT]])
_ROW = _beside_texts(
    {
        "n": _NUMBER,
        "s3_bucket": "",
        "s3_key": "",
        "outcome": "low_confidence",
        "predicted_class": "",
        "confidence": _FLOAT,
        "threshold": _FLOAT,
        "model": _MODEL,
        "inference_id": _INFERENCE_ID,
    }
)
_FAILED_ROW = SURE_CAUSE + _beside_texts(
    {
        "n": _NUMBER,
        "s3_bucket": "",
        "s3_key": "",
        "outcome": "error",
        "error": "EndpointUnavailable",
        "cause": "",
    }
)
