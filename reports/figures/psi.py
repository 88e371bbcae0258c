"""Population stability index: how far counts in bins have moved from those of a baseline, beyond chance."""

from __future__ import annotations

from collections.abc import Sequence
from math import erfc, exp, lgamma, log, sqrt
from typing import NamedTuple

CHANCE = 1e-6
"""Probability with which chance alone passes the critical value, for one measure, once."""
ENOUGH = 10
"""Images that a bin should have in the baseline, and should expect among the samples."""
_EMPTY = 0.5
"""Added to the count of each bin, so that an empty one is not infinitely far away."""


class Index(NamedTuple):
    psi: float
    critical: float
    """What chance alone reaches with probability CHANCE only."""


def stability_index(actual: Sequence[float], expected: Sequence[float]) -> Index:
    """PSI of the counts `actual` against the counts `expected` of the baseline, cell by cell; both not empty.

    PSI = sum((a - e) * ln(a / e)) over the shares a and e of bins, which are made of neighbouring cells so
    that each holds enough. While nothing has changed, PSI is about (1/n + 1/m) times a chi-square variable
    with bins - 1 degrees of freedom, n and m being the numbers of samples (B. Yurdakul, Statistical
    properties of the population stability index, 2018): the critical value is its quantile.
    """
    n, m = sum(actual), sum(expected)
    bins = group(expected, max(ENOUGH, ENOUGH * m / n))
    pairs = [(sum(actual[cell] for cell in cells), sum(expected[cell] for cell in cells)) for cells in bins]
    pairs = [pair for pair in pairs if any(pair)]
    added = _EMPTY * len(pairs)
    shares = [((a + _EMPTY) / (n + added), (e + _EMPTY) / (m + added)) for a, e in pairs]
    psi = sum((a - e) * log(a / e) for a, e in shares) if len(shares) > 1 else 0.0
    return Index(psi, (1 / n + 1 / m) * chi_square_quantile(max(1, len(pairs) - 1), CHANCE))


def group(expected: Sequence[float], enough: float) -> list[list[int]]:
    """Cells put together so that each bin expects `enough`; what is left over becomes one last bin.

    A cell that has enough stays alone: joined with others, it would hide what they do. So a single size that
    all images of the baseline have is a bin, and all other sizes are another.
    """
    bins: list[list[int]] = []
    run: list[int] = []
    rest: list[int] = []
    for cell, count in enumerate(expected):
        if count >= enough:
            bins.append([cell])
            rest, run = rest + run, []
            continue
        run.append(cell)
        if sum(expected[place] for place in run) >= enough:
            bins.append(run)
            run = []
    rest += run
    return [*bins, rest] if rest else bins


def chi_square_quantile(degrees: int, probability: float) -> float:
    """The value that chi-square with so many degrees of freedom exceeds with this probability.

    By halving an interval on the exact upper tail, to 1e-9 of the value.
    """
    low, high = 0.0, 2.0 * degrees + 100
    while high - low > 1e-9 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if chi_square_tail(degrees, middle) > probability else (low, middle)
    return (low + high) / 2


def chi_square_tail(degrees: int, value: float) -> float:
    """Probability that chi-square with a whole number of degrees of freedom exceeds `value`.

    Exact: a finite sum, with the error function when the degrees are odd (Abramowitz and Stegun, 26.4.4-5).
    """
    if value <= 0:
        return 1.0
    half = value / 2
    first = 0.5 if degrees % 2 else 0.0
    terms = (exp((first + i) * log(half) - half - lgamma(first + i + 1)) for i in range(degrees // 2))
    return (erfc(sqrt(half)) if degrees % 2 else 0.0) + sum(terms)
