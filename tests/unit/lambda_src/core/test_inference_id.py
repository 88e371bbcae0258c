"""An execution's name as an HTTP header: legal, short, and one execution's only."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lambda_src.core.inference_id import inference_id


@given(st.text(min_size=1, max_size=80))
def test_inference_id_is_fit_for_a_header(name: str) -> None:
    identifier = inference_id(name)
    assert 1 <= len(identifier) <= 64
    assert identifier.isascii()
    assert all(letter.isalnum() or letter in "._-" for letter in identifier)


def test_inference_id_is_the_name_while_it_can_be() -> None:
    assert inference_id("7d0e2c1a-b.c_D") == "7d0e2c1a-b.c_D"
    long_names = [f"{'n' * 79}{digit}" for digit in range(10)]
    assert len({inference_id(name) for name in long_names}) == 10
