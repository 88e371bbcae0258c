"""The model's answer: one probability a class, or not an answer at all."""

from __future__ import annotations

import json
import math
from typing import NamedTuple

from lambda_src.core.errors import ModelFailed
from lambda_src.core.excerpt import excerpt, one_line

#: How far one probability may lie outside [0, 1]: rounding of 32-bit floats.
VALUE_TOLERANCE = 1e-6
#: How far the sum may be from 1: a hundred probabilities written with five digits.
SUM_TOLERANCE = 1e-3
_DIGEST_DIGITS = 12


class Answer(NamedTuple):
    """What an endpoint answered, and which model it was, by `short_digest`; "" where nobody says."""

    body: bytes
    model: str


def short_digest(sha256: str) -> str:
    """A model as results name it: the first 12 hex digits of its artifact's SHA-256."""
    return sha256[:_DIGEST_DIGITS]


def read_probabilities(body: bytes, class_count: int) -> list[float]:
    """The probabilities in an endpoint's answer, JSON as check_probabilities takes it.

    Raises ModelFailed for any other answer.
    """
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        text = one_line(body[:200].decode("utf-8", "replace"), limit=120)
        raise ModelFailed(f"the model answered something that is not JSON: {text}") from None
    return check_probabilities(answer, class_count)


def check_probabilities(answer: object, class_count: int) -> list[float]:
    """`answer` as floats in [0, 1], when it is `class_count` finite probabilities that sum to 1.

    A list, or an object that has it as "probabilities" beside what else the model says of the image.
    Raises ModelFailed with what was seen instead.
    """
    if isinstance(answer, dict) and "probabilities" in answer:
        answer = answer["probabilities"]
    if not isinstance(answer, list):
        raise ModelFailed(f"the model answered {excerpt(answer)} instead of {class_count} probabilities")
    if len(answer) != class_count:
        raise ModelFailed(
            f"the model answered {len(answer)} probabilities for {class_count} classes: "
            "the endpoint serves another model than the workflow was deployed for"
        )
    probabilities = [_probability(value, index) for index, value in enumerate(answer)]
    total = math.fsum(probabilities)
    if abs(total - 1) > SUM_TOLERANCE:
        raise ModelFailed(f"the model's {class_count} probabilities sum to {total:.6g} instead of 1")
    return probabilities


def _probability(value: object, index: int) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not -VALUE_TOLERANCE <= value <= 1 + VALUE_TOLERANCE:  # type: ignore[operator]
        raise ModelFailed(f"the model answered {excerpt(value)} as probability of class {index}")
    return min(max(float(value), 0.0), 1.0)  # type: ignore[arg-type]
