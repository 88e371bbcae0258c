"""Items by the batch, as the input of one child.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itembatcher.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from local.states.map_run.spec import BatchSpec


@dataclass(frozen=True, kw_only=True)
class Batch:
    """The input of one child: `{"BatchInput": …, "Items": […]}`."""

    input: dict[str, Any]
    items: int


def batches(items: Iterable[Any], spec: BatchSpec) -> Iterator[Batch]:
    """Batches in the order of the items, each as large as the limits allow. Raises DataLimitExceeded."""
    raise NotImplementedError
