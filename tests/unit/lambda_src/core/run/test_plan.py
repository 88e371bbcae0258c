"""Each entry has its number and one place; no batch is too large for a state."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.core.batch.records import read_batch
from lambda_src.core.batch.size import BATCH_BUDGET, class_bytes, image_cost, json_bytes
from lambda_src.core.classes import ModelClasses
from lambda_src.core.errors import InvalidInput
from lambda_src.core.limits import MAX_STATE_BYTES
from lambda_src.core.run.manifest import ListedImage, RejectedLine
from lambda_src.core.run.plan import Planner
from lambda_src.core.run.records import Planned, read_planned

CLASSES = ModelClasses(("bicycle", "motorcycle"), {})
PLANNED = Planned("data-bucket", "k", 3, 1, 0, "2026-11-20T10:00:00+00:00", None, 8, 10, None, None, {})
ENTRY = st.builds(ListedImage, st.just("a-bucket"), st.text(min_size=1, max_size=1024)) | st.builds(
    RejectedLine, st.integers(1), st.just(""), st.just(""), st.just("is not JSON")
)


def planned(entries: Any, size: int, classes: ModelClasses = CLASSES) -> tuple[list[Any], list[Any], Planner]:
    batches: list[bytes] = []
    rejected: list[bytes] = []
    planner = Planner(size=size, classes=classes, write_batch=batches.append, write_rejected=rejected.append)
    for entry in entries:
        planner.add(entry)
    planner.close()
    assert all(line.endswith(b"\n") and line.count(b"\n") == 1 for line in batches + rejected)
    return [json.loads(line) for line in batches], [json.loads(line) for line in rejected], planner


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 20, 21])
def test_batches_of_ten(count: int) -> None:
    batches, rejected, planner = planned([ListedImage("bucket", f"{i}.png") for i in range(count)], 10)
    assert [len(batch["images"]) for batch in batches] == [10] * (count // 10) + [count % 10] * (
        count % 10 > 0
    )
    assert [batch["batch"] for batch in batches] == list(range(len(batches)))
    assert (planner.listed, planner.batches, planner.rejected, rejected) == (count, len(batches), 0, [])


@given(st.lists(ENTRY, max_size=40), st.integers(1, 7))
def test_every_number_once(entries: list[ListedImage | RejectedLine], size: int) -> None:
    batches, rejected, planner = planned(entries, size)
    numbered = {n: ListedImage(bucket, key) for batch in batches for n, bucket, key in batch["images"]}
    assert sorted([*numbered, *(row["n"] for row in rejected)]) == list(range(len(entries)))
    assert planner.listed == len(entries)
    for n, entry in enumerate(entries):
        assert isinstance(entry, RejectedLine) or numbered[n] == entry


def test_a_batch_ends_before_any_state_is_too_large() -> None:
    classes = ModelClasses(tuple(f"class {i}" for i in range(100)), {"class 7": "seven"})
    images = [ListedImage("b" * 63, "\x01" * 1024) for _ in range(500)]
    batches, _, planner = planned(images, 1000, classes)
    assert planner.listed == 500
    assert len(batches) > 1
    longest = class_bytes(classes)
    for batch in batches:
        assert sum(image_cost(b, k, 100, longest) for _, b, k in batch["images"]) <= BATCH_BUDGET
        assert json_bytes({"execution_name": "x" * 80, "threshold": 0.5, "batch": batch}) < MAX_STATE_BYTES
        assert read_batch(batch).batch == batch["batch"]
    full = sum(image_cost(*images[0], 100, longest) for _ in batches[0]["images"])
    assert full + image_cost(*images[0], 100, longest) > BATCH_BUDGET, "as many as there is room for"


def test_a_rejected_line_is_a_row() -> None:
    _, (row,), planner = planned([RejectedLine(7, "", "", "line 7 is not JSON: 'x'")], 10)
    assert row == {
        "n": 0,
        "s3_bucket": "",
        "s3_key": "",
        "outcome": "error",
        "error": "InvalidInput",
        "cause": "line 7 is not JSON: 'x'",
        "line": 7,
    }
    assert (planner.listed, planner.batches, planner.rejected) == (1, 0, 1)


def test_the_output_is_read_back() -> None:
    assert read_planned(json.loads(json.dumps(PLANNED._asdict()))) == PLANNED


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "plan must be the output of Plan batches, not null"),
        ({"listed": 1}, "not an object with 1 fields"),
        (PLANNED._asdict() | {"listed": "3"}, "plan.listed must be a whole number, not '3'"),
        (PLANNED._asdict() | {"batches": -1}, "plan.batches must be a whole number, not -1"),
        (PLANNED._asdict() | {"plan_key": None}, "plan.plan_key must be a string, not null"),
    ],
)
def test_an_edited_output_is_refused(value: object, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        read_planned(value)
