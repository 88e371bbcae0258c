"""Items by the batch, as the input of one child.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itembatcher.html: a batch has as many items
as fit in both limits; without a limit of bytes it is that of an execution's input, 256 KiB.
Not documented and assumed: the whole input counts, BatchInput included, as compact JSON in UTF-8; an item
that alone exceeds the limit is States.DataLimitExceeded, as is any other input that is too large.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from loopback_aws.states.map_run.compact_json import json_bytes
from loopback_aws.states.map_run.errors import DataLimitExceeded
from loopback_aws.states.map_run.spec import MAX_INPUT_BYTES, BatchSpec


@dataclass(frozen=True, kw_only=True)
class Batch:
    """The input of one child: `{"BatchInput": …, "Items": […]}`."""

    input: dict[str, Any]
    items: int


def batches(items: Iterable[Any], spec: BatchSpec) -> Iterator[Batch]:
    """Batches in the order of the items, each as large as the limits allow. Raises DataLimitExceeded."""
    limit = spec.max_bytes or MAX_INPUT_BYTES
    empty = len(json_bytes(_input(spec, [])))
    held: list[Any] = []
    size = empty
    for item in items:
        item_size = len(json_bytes(item))
        if empty + item_size > limit:
            raise DataLimitExceeded(
                f"A batch of one item has {empty + item_size} bytes, of which at most {limit} are allowed."
            )
        if held and (len(held) == spec.max_items or size + 1 + item_size > limit):
            yield Batch(input=_input(spec, held), items=len(held))
            held, size = [], empty
        size += item_size + bool(held)  # a comma before all but the first
        held.append(item)
    if held:
        yield Batch(input=_input(spec, held), items=len(held))


def _input(spec: BatchSpec, items: list[Any]) -> dict[str, Any]:
    shared = {} if spec.batch_input is None else {"BatchInput": spec.batch_input}
    return {**shared, "Items": items}
