"""From the endpoint's answer to a pack to rows: the same verdict as for an image alone."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lambda_src.core.batch.classify import classified_or_row, classify_batch, read_pack_answer, shortened
from lambda_src.core.batch.predictions import filter_batch
from lambda_src.core.batch.recordio import split
from lambda_src.core.batch.records import Classified, ClassifiedBatch, Pack, SerializedBatch
from lambda_src.core.batch.rows import BatchImage, error_row
from lambda_src.core.classes import ModelClasses
from lambda_src.core.errors import ImageNotFound, InvalidInput, LowConfidence, ModelFailed, ModelRejectedImage
from lambda_src.core.image.prediction import keep_confident
from lambda_src.core.image.records import Classification
from lambda_src.core.probabilities import Answer
from pictures.recordio import image_record

IMAGE = BatchImage(4, "inbox", "a.png")


@pytest.mark.parametrize("entries", [[], [[0.5, 0.5]], [[0.5, 0.5], {"error": "UnsupportedImage: no"}]])
def test_one_entry_an_image(entries: list[object]) -> None:
    assert read_pack_answer(json.dumps(entries).encode(), len(entries)) == entries
    for other in (len(entries) + 1, len(entries) + 7):
        with pytest.raises(ModelFailed, match=f"an array of {len(entries)} to a pack of {other} images"):
            read_pack_answer(json.dumps(entries).encode(), other)


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"0.5", b"null", b"[" * 100_000, b"\xff"])
def test_no_answer(body: bytes) -> None:
    with pytest.raises(ModelFailed):
        read_pack_answer(body, 0)


@pytest.mark.parametrize(
    ("entry", "error", "cause"),
    [
        (
            {"error": "UnsupportedImage: an animated\nPNG"},
            "ModelRejectedImage",
            "the model refused the image: UnsupportedImage: an animated PNG",
        ),
        ({"error": 7}, "ModelFailed", "an object with 1 fields instead of 2 probabilities"),
        ([0.5], "ModelFailed", "1 probabilities for 2 classes"),
        ([0.5, 0.6], "ModelFailed", "sum to 1.1"),
        ([[0.5], 0.5], "ModelFailed", "an array of 1 as probability"),
        (None, "ModelFailed", "null instead of 2 probabilities"),
    ],
)
def test_an_entry_without_probabilities_is_a_row(entry: object, error: str, cause: str) -> None:
    row = classified_or_row(IMAGE, entry, 2, "id#0", "m")
    assert isinstance(row, dict)
    assert (row["n"], row["s3_bucket"], row["s3_key"], row["outcome"]) == (4, "inbox", "a.png", "error")
    assert row["error"] == error
    assert cause in row["cause"]


def test_an_entry_with_probabilities() -> None:
    classified = classified_or_row(IMAGE, [0.12345678, 0.87654322], 2, "id#0", "m")
    assert classified == Classified(4, "inbox", "a.png", "id#0", "m", [0.123456, 0.87654322])


@given(st.lists(st.floats(0, 1), min_size=2, max_size=100))
def test_shortening_changes_no_verdict(values: list[float]) -> None:
    short = shortened(values)
    assert max(short) == max(values)
    assert short.index(max(short)) == values.index(max(values))
    assert all(0 <= value - cut < 1.000001e-6 for value, cut in zip(values, short, strict=True))
    others = [value for index, value in enumerate(short) if index != short.index(max(short))]
    assert all(len(repr(value)) <= 8 for value in others)


@given(st.lists(st.floats(0.001, 1), min_size=2, max_size=20), st.floats(0, 1), st.booleans())
def test_the_verdict_of_one_image(weights: list[float], threshold: float, in_input: bool) -> None:
    """The rows of a batch say of an image what the workflow for one image says."""
    probabilities = [weight / sum(weights) for weight in weights]
    assume(sum(probabilities) <= 1.0009)
    labels = tuple(f"class {index}" for index in range(len(weights)))
    classes = ModelClasses(labels, {"class 0": "the first"})
    given_threshold, default = (threshold, 0.5) if in_input else (None, threshold)
    alone = Classification("inbox", "a.png", given_threshold, "id#0", probabilities, "m")
    classified = classified_or_row(IMAGE, probabilities, len(labels), "id#0", "m")
    assert isinstance(classified, Classified)
    (row,) = filter_batch(ClassifiedBatch(0, given_threshold, [classified], []), classes, default).rows
    assert (row["threshold"], row["confidence"]) == (threshold, max(probabilities))
    if row["outcome"] == "low_confidence":
        with pytest.raises(LowConfidence, match=f"^{classes.shown(row['predicted_class'])} with"):
            keep_confident(alone, classes, default)
    else:
        prediction = keep_confident(alone, classes, default).output()
        del prediction["inferences"]
        assert row == {"n": 4, "outcome": "accepted"} | prediction


def test_rows_are_in_the_order_of_the_list() -> None:
    errors = [error_row(BatchImage(n, "b", "k"), ImageNotFound("gone")) for n in (3, 0)]
    classified = [Classified(n, "b", "k", "i", "m", [0.1, 0.9]) for n in (4, 1, 2)]
    batch = filter_batch(ClassifiedBatch(7, None, classified, errors), ModelClasses(("a", "b"), {}), 0.5)
    assert batch.batch == 7
    assert [(row["n"], row["outcome"]) for row in batch.rows] == [
        (0, "error"),
        (1, "accepted"),
        (2, "accepted"),
        (3, "error"),
        (4, "accepted"),
    ]


def test_probabilities_of_another_model_are_a_row() -> None:
    batch = ClassifiedBatch(0, None, [Classified(0, "b", "k", "i", "m", [0.1, 0.9])], [])
    (row,) = filter_batch(batch, ModelClasses(("a", "b", "c"), {}), 0.5).rows
    assert (row["outcome"], row["error"]) == ("error", "ModelFailed")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda pack: pack[:-4], "runs past the end"),
        (lambda _pack: b"no pack at all", "byte 0: no RecordIO"),
        (lambda pack: b"".join(split(pack)[:2]), "it holds 2 images, not 3"),
    ],
)
def test_a_damaged_pack_has_a_name(damage: Callable[[bytes], bytes], words: str) -> None:
    """The server refuses it as a whole, and it is taken apart to find the image that is at fault."""
    whole = b"".join(image_record(b"an image", n) for n in range(3))
    batch = SerializedBatch(0, None, "data", "packs/", [Pack("0-0", [IMAGE] * 3)], [])

    def refuse(_body: bytes, _kind: str, _id: str) -> Answer:
        raise ModelRejectedImage("no RecordIO")

    with pytest.raises(InvalidInput, match=words) as refused:
        classify_batch(
            batch,
            "run",
            read_image=lambda _bucket, _key: damage(whole),
            invoke=refuse,
            class_count=2,
            in_time=lambda: True,
        )
    assert "start the run again" in str(refused.value)
