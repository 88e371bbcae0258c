"""How each image of a batch ended: one row an image."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

from lambda_src.core.errors import ClassificationError
from lambda_src.core.excerpt import excerpt

Row: TypeAlias = dict[str, Any]
"""How one image ended: with a prediction, or an error."""

ACCEPTED, LOW_CONFIDENCE, ERROR = OUTCOMES = ("accepted", "low_confidence", "error")


class BatchImage(NamedTuple):
    """One listed image; `n` counts from 0 over the whole run."""

    n: int
    s3_bucket: str
    s3_key: str


def error_row(image: BatchImage, error: ClassificationError) -> Row:
    """The row of an image that has no prediction."""
    return {
        "n": image.n,
        "s3_bucket": image.s3_bucket,
        "s3_key": image.s3_key,
        "outcome": ERROR,
        "error": type(error).__name__,
        "cause": str(error),
    }


def row_problem(row: Any) -> str | None:
    """What is wrong with a row; None for one that a result file can hold."""
    if not isinstance(row, dict):
        return f"is {excerpt(row)}"
    if type(row.get("n")) is not int or row["n"] < 0:
        return f"has {excerpt(row.get('n'))} for n"
    if row.get("outcome") == ERROR:
        wrong = next((name for name in ("error", "cause") if not isinstance(row.get(name, ""), str)), None)
        wrong = wrong or (None if row.get("error") else "error")
        return f"has {excerpt(row.get(wrong))} for {wrong}" if wrong else None
    if row.get("outcome") not in (ACCEPTED, LOW_CONFIDENCE):
        return f"has {excerpt(row.get('outcome'))} for outcome"
    if not isinstance(row.get("predicted_class"), str):
        return f"has {excerpt(row.get('predicted_class'))} for predicted_class"
    if not isinstance(row.get("predicted_name", ""), str):
        return f"has {excerpt(row['predicted_name'])} for predicted_name"
    confidence = row.get("confidence")
    if not isinstance(confidence, int | float) or isinstance(confidence, bool) or not 0 <= confidence <= 1:
        return f"has {excerpt(confidence)} for confidence"
    return None
