"""How far a long walk over pictures is: a line of its own on a terminal, elsewhere one now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
QUICK = 0.2
"""Seconds between two looks at a terminal."""
SELDOM = 20.0
"""And between two lines elsewhere: what is through before has none."""


def counted(
    items: Iterable[T], what: str, total: int, done: Callable[[int, T], int] = lambda number, _item: number
) -> Iterator[T]:
    """The items; meanwhile standard error says how much of `total` is `done` and how many seconds are left.

    `done` is told the items before this one, and this one.
    """
    terminal = sys.stderr.isatty()
    begun = said = time.monotonic()
    for number, item in enumerate(items):
        now = time.monotonic()
        if now - said >= (QUICK if terminal else SELDOM) and (through := done(number, item)):
            left = (now - begun) / through * (total - through)
            words = f"{what}: {through:,} of {total:,}, {left:.0f} s left"
            sys.stderr.write(f"\r{words}\x1b[K" if terminal else f"{words}\n")
            sys.stderr.flush()
            said = now
        yield item
    if terminal and said != begun:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
