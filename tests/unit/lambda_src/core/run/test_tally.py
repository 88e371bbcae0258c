"""Quantiles from a histogram agree with sorting."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from lambda_src.core.run.tally import QUANTILES, Tally


@given(st.lists(st.integers(0, 1_000_000).map(lambda steps: steps / 1_000_000), min_size=1, max_size=30))
def test_quantiles_are_those_of_the_sorted_list(confidences: list[float]) -> None:
    tally = Tally()
    for confidence in confidences:
        tally.add(
            "accepted", {"n": 0, "predicted_class": "bicycle", "confidence": confidence, "model": "aaa"}
        )
    expected = {
        name: sorted(confidences)[math.ceil(len(confidences) * percent / 100) - 1]
        for name, percent in QUANTILES.items()
    }
    assert tally.quantiles() == expected
