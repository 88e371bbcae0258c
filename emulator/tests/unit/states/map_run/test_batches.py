"""Batches of items, as AWS documents ItemBatcher.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itembatcher.html
"""

from __future__ import annotations

import json
from itertools import count, islice, pairwise
from typing import Any

import pytest
from loopback_aws.states.map_run.batches import batches
from loopback_aws.states.map_run.errors import DataLimitExceeded, InvalidField
from loopback_aws.states.map_run.spec import BatchSpec


def size(value: Any) -> int:
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def test_the_documented_1130_items_by_100() -> None:
    found = list(batches(range(1130), BatchSpec.of({"MaxItemsPerBatch": 100})))
    assert [batch.items for batch in found] == [100] * 11 + [30]
    assert found[-1].input == {"Items": list(range(1100, 1130))}


def test_batch_input_is_beside_the_items() -> None:
    spec = BatchSpec.of({"MaxItemsPerBatch": 2, "BatchInput": {"factCheck": "December 2022"}})
    assert [batch.input for batch in batches("abc", spec)] == [
        {"BatchInput": {"factCheck": "December 2022"}, "Items": ["a", "b"]},
        {"BatchInput": {"factCheck": "December 2022"}, "Items": ["c"]},
    ]


def test_no_items_make_no_batch() -> None:
    assert list(batches([], BatchSpec.of({"MaxItemsPerBatch": 2}))) == []


@pytest.mark.parametrize("limit", [46, 47, 48, 49, 60, 100])
@pytest.mark.parametrize("shared", [{}, {"BatchInput": {"é": 1}}])
def test_batches_are_as_large_as_the_limit_of_bytes_allows(limit: int, shared: dict[str, Any]) -> None:
    items = ["é", 1, {"a": [None]}, "x" * 5, True] * 9
    found = [batch.input for batch in batches(items, BatchSpec.of({"MaxInputBytesPerBatch": limit} | shared))]
    assert [item for batch in found for item in batch["Items"]] == items
    assert all(size(batch) <= limit for batch in found)
    for batch, following in pairwise(found):
        assert size(batch | {"Items": [*batch["Items"], following["Items"][0]]}) > limit


def test_the_smaller_of_both_limits_counts() -> None:
    spec = BatchSpec.of({"MaxItemsPerBatch": 3, "MaxInputBytesPerBatch": 20})
    found = [batch.input["Items"] for batch in batches([1, 2, 3, 4, "abcde", "f"], spec)]
    assert found == [[1, 2, 3], [4], ["abcde"], ["f"]]


def test_without_a_limit_of_bytes_it_is_256_kib() -> None:
    found = list(batches(["x" * 100_000] * 5, BatchSpec.of({"MaxItemsPerBatch": 1000})))
    assert [batch.items for batch in found] == [2, 2, 1]


def test_items_are_taken_as_they_are_needed() -> None:
    found = batches(count(), BatchSpec.of({"MaxItemsPerBatch": 2}))
    assert [batch.input["Items"] for batch in islice(found, 2)] == [[0, 1], [2, 3]]


def test_half_a_surrogate_pair_is_counted_as_its_escape() -> None:
    half = json.loads('"\\ud800"')
    spec = BatchSpec.of({"MaxInputBytesPerBatch": len('{"Items":["\\ud800"]}')})
    assert [batch.items for batch in batches([half, half], spec)] == [1, 1]


def test_an_item_that_fits_in_no_batch() -> None:
    found = batches([1, "x" * 30], BatchSpec.of({"MaxInputBytesPerBatch": 30}))
    with pytest.raises(DataLimitExceeded, match="at most 30") as failure:
        list(found)
    assert failure.value.error == "States.DataLimitExceeded"


@pytest.mark.parametrize(
    "batcher",
    [
        {},
        {"BatchInput": {}},
        {"MaxItemsPerBatch": 0},
        {"MaxItemsPerBatch": "5"},
        {"MaxItemsPerBatch": True},
        {"MaxInputBytesPerBatch": 262_145},
        {"MaxInputBytesPerBatch": 1.5},
    ],
)
def test_a_batcher_that_cannot_be(batcher: dict[str, Any]) -> None:
    with pytest.raises(InvalidField):
        BatchSpec.of(batcher)
