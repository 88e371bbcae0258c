"""No state of a batch outgrows 262,144 bytes, whatever its keys, classes and errors are."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.core.batch.packs import packs_prefix
from lambda_src.core.batch.predictions import filter_batch
from lambda_src.core.batch.records import Batch, Classified, ClassifiedBatch, Pack, SerializedBatch
from lambda_src.core.batch.rows import BatchImage, error_row
from lambda_src.core.batch.size import (
    BATCH_BUDGET,
    SURE_CAUSE,
    class_bytes,
    cut_to,
    fit,
    image_cost,
    json_bytes,
)
from lambda_src.core.classes import ModelClasses
from lambda_src.core.errors import ERRORS, ImageNotFound
from lambda_src.core.inference_id import pack_inference_id
from lambda_src.core.limits import MAX_INFERENCE_ID, MAX_STATE_BYTES

CONTROL, CYCLE = "\x01", "🚲"
EXECUTION = CYCLE * 80
BUCKET = "b" * 63
SMALLEST = 2.2250738585072014e-308
LAST = 9_999_999
"""Number of the last image, and of the last batch."""
AROUND = 2_000
"""Bytes that Lambda's service and Step Functions put around a function's answer."""
SIZE = 1_000

KEYS = ["k", "a/picture_000123.png", "x" * 1024, "é" * 512, CYCLE * 256, CONTROL * 1024]
CLASSES = [["a", "b"], [f"{index:02d}{CYCLE * 8}" for index in range(100)], [CYCLE * 870, "b"]]
"""Two, a hundred, and one of as many bytes as a function's environment holds."""
NAMES = {"a": CYCLE * 60, f"00{CYCLE * 8}": CYCLE * 20}
"""For people, of some of them."""


def planned(key: str, classes: list[str]) -> list[BatchImage]:
    """As many images as one batch takes."""
    cost = image_cost(BUCKET, key, len(classes), class_bytes(ModelClasses(tuple(classes), NAMES)))
    return [BatchImage(LAST - n, BUCKET, key) for n in range(min(SIZE, BATCH_BUDGET // cost))]


def in_a_state(fields: dict[str, Any]) -> int:
    """Bytes of a function's event with these fields, every letter escaped."""
    return json_bytes({"execution_name": EXECUTION, "input": fields}) + AROUND


def states(images: list[BatchImage], classes: list[str], failing: int) -> list[dict[str, Any]]:
    """What the states of one batch hold when `failing` of its images fail, early, with a long cause."""
    longest = max((error for error in ERRORS if error.retried), key=lambda error: len(error.__name__))
    cause = longest("\x01" * 1_000)
    request = {"batch": Batch(LAST, images)._asdict(), "threshold": SMALLEST}
    bad, good = images[:failing], images[failing:]
    errors = [error_row(image, cause) for image in bad]
    packs = [Pack(f"{LAST}-{index}", [image]) for index, image in enumerate(good)]  # each alone
    prefix = packs_prefix("batch-packs/", EXECUTION)
    serialized = SerializedBatch(LAST, SMALLEST, BUCKET, prefix, packs, errors)
    out_1 = fit(serialized._asdict(), serialized.errors)
    probabilities = [0.1234567890123456, *[0.123456] * (len(classes) - 1)]
    id = pack_inference_id(EXECUTION, f"{LAST}-{999}")
    classified = ClassifiedBatch(
        LAST,
        SMALLEST,
        [Classified(*image, f"{id}.998-999#999", "f" * 12, probabilities) for image in good],
        [error_row(image, cause) for image in bad],
    )
    out_2 = fit(classified._asdict(), classified.errors)
    share = 1 / len(classes)
    rows = filter_batch(
        classified._replace(
            classified=[image._replace(inferences=[share] * len(classes)) for image in classified.classified],
            errors=[error_row(image, cause) for image in bad],
        ),
        ModelClasses(tuple(sorted(classes, key=json_bytes, reverse=True)), NAMES),
        0.5,
    )
    return [request, out_1, out_2, fit(rows._asdict(), rows.rows)]


@pytest.mark.parametrize("classes", CLASSES, ids=["two", "hundred", "long"])
@pytest.mark.parametrize("key", KEYS, ids=["one", "usual", "ascii", "accents", "bicycles", "control"])
def test_no_state_outgrows_the_limit(key: str, classes: list[str]) -> None:
    images = planned(key, classes)
    assert images
    for failing in (0, len(images) // 2, len(images)):
        for fields in states(images, classes, failing):
            assert in_a_state(fields) <= MAX_STATE_BYTES, (list(fields), failing)


def test_every_error_fits_the_row_that_was_reckoned_with() -> None:
    image = BatchImage(9_999_999_999, "b" * 63, "k")
    cost = image_cost(image.s3_bucket, image.s3_key, 2, 3)
    for error in ERRORS:
        row = error_row(image, error("x" * (SURE_CAUSE - 2)))
        assert json_bytes([row, row]) - json_bytes([row]) <= cost


@pytest.mark.parametrize(("count", "per_image"), [(100, 700), (500, 480)])
def test_usual_batches_are_not_cut(count: int, per_image: int) -> None:
    cost = image_cost("scones-dev-data-123456789012", "inbox/2026-11-20/camera-7/000123.png", 2, 12)
    assert cost < per_image
    assert count * cost < BATCH_BUDGET


def test_inference_ids_fit_the_request() -> None:
    id = f"{pack_inference_id(EXECUTION, f'{LAST}-999')}.998-999"
    assert len(id) <= MAX_INFERENCE_ID
    assert id.replace("-", "").replace(".", "").isalnum()
    assert pack_inference_id("run-1", "0-0") != pack_inference_id("run-2", "0-0")


def test_causes_are_whole_while_there_is_room() -> None:
    rows = [error_row(BatchImage(n, "bucket", "key"), ImageNotFound("x" * 900)) for n in range(100)]
    answer = fit({"batch": 0, "rows": rows}, rows)
    assert all(row["cause"] == "x" * 900 for row in answer["rows"])


def test_causes_share_what_is_left() -> None:
    rows = [error_row(BatchImage(n, "bucket", "key"), ImageNotFound("x" * 900)) for n in range(500)]
    answer = fit({"batch": 0, "rows": rows}, rows)
    assert BATCH_BUDGET * 0.9 < json_bytes(answer) <= BATCH_BUDGET
    assert len({row["cause"] for row in rows}) == 1
    assert rows[0]["cause"].endswith("x...")


@given(st.text(max_size=60), st.integers(5, 80))
def test_a_cut_text_keeps_to_its_bytes(text: str, limit: int) -> None:
    cut = cut_to(text, limit)
    assert json_bytes(cut) <= limit
    assert cut == text or (cut.endswith("...") and text.startswith(cut[:-3]))
    if cut != text and len(cut) - 3 < len(text):
        assert json_bytes(text[: len(cut) - 2]) + 3 > limit, "the longest that fits"
    assert json.loads(json.dumps(cut)) == cut
