"""A share of each class, drawn by what the pictures are and a seed."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from typing import Protocol, TypeVar


class Labelled(Protocol):
    """A picture: the index of its class, and a digest of what it shows."""

    @property
    def label(self) -> int: ...

    @property
    def content(self) -> str: ...


Picture = TypeVar("Picture", bound=Labelled)


def cut_each_class(
    pictures: Iterable[Picture], share: float, seed: int | str
) -> tuple[list[Picture], list[Picture]]:
    """About `share` of each class, one picture at least, and the rest; both by class, in drawn order."""
    by_label: dict[int, list[Picture]] = defaultdict(list)
    for picture in pictures:
        by_label[picture.label].append(picture)
    cut: list[Picture] = []
    rest: list[Picture] = []
    for label in sorted(by_label):
        drawn = sorted(by_label[label], key=lambda one: draw_order(one.content, seed))
        size = max(1, round(len(drawn) * share))
        cut += drawn[:size]
        rest += drawn[size:]
    return cut, rest


def draw_order(name: str, seed: int | str) -> str:
    """What names are sorted by to be drawn: the same for the same names and seed, whatever their order."""
    return hashlib.sha256(f"{seed}:{name}".encode("utf-8", "surrogatepass")).hexdigest()
