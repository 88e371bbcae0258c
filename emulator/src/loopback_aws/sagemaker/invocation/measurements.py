"""What is measured of each request to an endpoint, kept until somebody publishes it."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

MOST = 200_000
"""Measurements that wait at most; the oldest are forgotten when nobody takes them."""


class Measurement(NamedTuple):
    """One request that reached a model."""

    endpoint: str
    variant: str
    config: str
    """Endpoint config that the model was deployed by."""
    moment: float
    """When it was answered, in seconds."""
    status: int
    """The container's; 0 when it gave none."""
    model_seconds: float
    """Until the container had answered."""
    overhead_seconds: float
    """Before it was asked."""
    instances: int
    """Of the variant."""
    in_flight: int
    """Requests that the instance was answering, this one included."""


class Measurements:
    """A queue that costs a request next to nothing."""

    def __init__(self) -> None:
        self._waiting: deque[Measurement] = deque(maxlen=MOST)

    def add(self, measurement: Measurement) -> None:
        self._waiting.append(measurement)

    def take(self) -> list[Measurement]:
        """Those that wait; they wait no longer."""
        return [self._waiting.popleft() for _ in range(len(self._waiting))]
