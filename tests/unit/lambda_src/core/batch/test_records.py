"""What is taken for a batch in each state, and what is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from lambda_src.core.batch.records import (
    Batch,
    BatchRequest,
    Classified,
    ClassifiedBatch,
    FilteredBatch,
    Pack,
    SerializedBatch,
    read_batch_request,
    read_classified_batch,
    read_filtered_batch,
    read_serialized_batch,
)
from lambda_src.core.batch.rows import BatchImage, error_row
from lambda_src.core.errors import ImageNotFound, InvalidInput
from lambda_src.core.invocation import Invocation

IMAGES = [BatchImage(0, "inbox", "a.png"), BatchImage(7, "inbox", "b é\x01.png")]
ROW = error_row(IMAGES[0], ImageNotFound("gone"))
RECORDS: list[tuple[Callable[[dict[str, Any]], Any], Any]] = [
    (read_batch_request, BatchRequest(Batch(3, IMAGES), 0.5)),
    (read_serialized_batch, SerializedBatch(3, None, "data", "r/packs/", [Pack("3-0", IMAGES)], [ROW])),
    (read_classified_batch, ClassifiedBatch(3, 0, [Classified(*IMAGES[1], "i#0", "m", [0.1, 0.9])], [ROW])),
    (read_filtered_batch, FilteredBatch(3, [ROW])),
]


def as_state(record: Any) -> dict[str, Any]:
    """A record as the next state gets it."""
    fields = record._asdict()
    if isinstance(record, BatchRequest):
        fields["batch"] = record.batch._asdict()
    result: dict[str, Any] = json.loads(json.dumps(fields))
    return result


@pytest.mark.parametrize(("read", "record"), RECORDS)
def test_each_record_is_read_back(read: Callable[[dict[str, Any]], Any], record: Any) -> None:
    assert read(as_state(record)) == record
    assert Invocation("run-1", as_state(record)).is_batch


def test_a_single_image_is_no_batch() -> None:
    assert not Invocation("run-1", {"s3_key": "a.png"}).is_batch
    assert not Invocation("run-1", {}).is_batch


WRONG: list[Any] = [None, True, -1, 1.5, "", {}, [None], [[]], [[True, "inbox", "k"]], [["0", "inbox", "k"]]]


@pytest.mark.parametrize(("read", "record"), RECORDS)
def test_every_field_is_checked(read: Callable[[dict[str, Any]], Any], record: Any) -> None:
    for name in record._fields:
        if name == "threshold":
            continue
        for wrong in WRONG:
            with pytest.raises(InvalidInput):
                read(as_state(record) | {name: wrong})
        with pytest.raises(InvalidInput):
            read({field: value for field, value in as_state(record).items() if field != name})
    if "threshold" in record._fields:
        with pytest.raises(InvalidInput, match="threshold must be"):
            read(as_state(record) | {"threshold": 2})


@pytest.mark.parametrize(
    ("image", "words"),
    [
        ([0, "inbox"], "an image must be"),
        ([0, "inbox", "k", 1], "an image must be"),
        ([-1, "inbox", "k"], "an image must be"),
        ([0, "s3://x", "k"], "the bucket of image 0"),
        ([5, "inbox", ""], "the key of image 5 is empty"),
        ([5, "inbox", "é" * 513], "the key of image 5 is 1,026 bytes"),
        ([5, "inbox", "\ud800"], "half a surrogate"),
    ],
)
def test_addresses_are_checked_before_s3_is_asked(image: list[Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        read_batch_request({"batch": {"batch": 0, "images": [image]}})


def test_what_a_batchs_output_must_be() -> None:
    lost = {"batch": 0, "rows": [{"n": 0, "outcome": "lost"}]}
    wrongs: list[Any] = [None, [], "x", lost]
    for wrong in wrongs:
        with pytest.raises(InvalidInput):
            read_filtered_batch(wrong)
