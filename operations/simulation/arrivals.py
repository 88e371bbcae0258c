"""When images arrive: a Poisson process, decided before the first one does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, kw_only=True)
class StreamPlan:
    """rate: images a second; seconds: for how long; max_open: how many may be open, the next are dropped."""

    name: str
    rate: float
    seconds: float
    seed: int
    max_open: int


def planned_arrivals(rate: float, seconds: float, seed: int) -> Iterator[float]:
    """Seconds from the start at which an image arrives, ascending, all below `seconds`.

    The gaps are exponential with a mean of 1 / `rate` seconds. They depend on the arguments only: a slow
    system does not slow the stream down, its images wait.
    """
    chance = Random(f"arrivals:{seed}")
    offset = chance.expovariate(rate)
    while offset < seconds:
        yield offset
        offset += chance.expovariate(rate)
