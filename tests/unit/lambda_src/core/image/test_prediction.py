"""Which prediction is kept."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_src.core.classes import ModelClasses
from lambda_src.core.errors import InvalidInput, LowConfidence, ModelFailed
from lambda_src.core.image.prediction import keep_confident
from lambda_src.core.image.records import read_classification
from tests.unit.lambda_src.conftest import Run

CLASSIFICATION: dict[str, Any] = {
    "s3_bucket": "pictures",
    "s3_key": "a b.png",
    "threshold": None,
    "inference_id": "execution-1",
    "inferences": [0.05, 0.95],
    "model": "0123456789ab",
}


def test_the_final_output(keep: Run) -> None:
    assert keep(CLASSIFICATION) == {
        "s3_bucket": "pictures",
        "s3_key": "a b.png",
        "predicted_class": "motorcycle",
        "confidence": 0.95,
        "threshold": 0.9,
        "inferences": [0.05, 0.95],
        "model": "0123456789ab",
        "inference_id": "execution-1",
    }


@pytest.mark.parametrize(
    ("inferences", "threshold", "kept"),
    [
        ([0.9, 0.1], None, "bicycle"),
        ([0.1, 0.9], 0.9, "motorcycle"),
        ([0.5, 0.5], 0.5, "bicycle"),
        ([0.5, 0.5], 0, "bicycle"),
        ([0, 1], 1, "motorcycle"),
    ],
)
def test_kept_at_the_threshold(
    keep: Run, inferences: list[float], threshold: float | None, kept: str
) -> None:
    assert (
        keep(CLASSIFICATION | {"inferences": inferences, "threshold": threshold})["predicted_class"] == kept
    )


def test_below_the_threshold_says_what_and_by_how_much(keep: Run) -> None:
    with pytest.raises(LowConfidence) as raised:
        keep(CLASSIFICATION | {"inferences": [0.89999999, 0.10000001]})
    assert str(raised.value) == (
        "bicycle with confidence 0.8999 is below the threshold 0.9 for 's3://pictures/a b.png'"
    )
    with pytest.raises(LowConfidence, match=r"below the threshold 0\.99"):
        keep(CLASSIFICATION | {"threshold": 0.99})


def test_a_class_with_a_name_for_people_is_shown_with_it() -> None:
    classes = ModelClasses(("c0", "c4"), {"c4": "on the phone, left hand"})
    classification = read_classification(CLASSIFICATION)
    kept = keep_confident(classification, classes, 0.9).output()
    assert (kept["predicted_class"], kept["predicted_name"]) == ("c4", "on the phone, left hand")
    with pytest.raises(LowConfidence, match=r"^c4 on the phone, left hand with confidence 0\.9500 is below"):
        keep_confident(classification, classes, 0.99)


@pytest.mark.parametrize(
    "inferences", [[], [1.0], [0.2, 0.2, 0.6], [float("nan"), 1.0], [0.3, 0.3], [True, 0]]
)
def test_no_answer_is_not_low_confidence(keep: Run, inferences: list[float]) -> None:
    with pytest.raises(ModelFailed):
        keep(CLASSIFICATION | {"inferences": inferences})


@pytest.mark.parametrize(
    "change", [{"inferences": None}, {"model": 5}, {"threshold": "0.5"}, {"s3_key": None}]
)
def test_edited_state_is_refused(keep: Run, change: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match=next(iter(change))):
        keep(CLASSIFICATION | change)
