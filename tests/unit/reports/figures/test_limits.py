"""Limits travel through a function's environment unchanged, and wrong ones are refused by name."""

from __future__ import annotations

import pytest

from reports.figures.limits import Limits


def test_limits_come_back_as_they_were_written() -> None:
    limits = Limits(drift_psi=0.3, min_inferences=50, low_confidence_margin=0.0, window_hours=48)
    assert Limits.from_json(limits.as_json()) == limits


def test_what_is_left_out_is_the_default() -> None:
    assert Limits.from_json("{}") == Limits()
    assert Limits.from_json('{"min_executions": 9}') == Limits(min_executions=9)


def test_every_wrong_key_is_named() -> None:
    text = (
        '{"drift_psi": "0.2", "min_inferences": 1.5, "min_executions": true, "window_hours": -1, "drift": 1}'
    )
    with pytest.raises(ValueError, match="drift_psi") as refused:
        Limits.from_json(text)
    for name in (
        "drift_psi is '0.2'",
        "min_inferences is 1.5",
        "min_executions is True",
        "window_hours is -1",
    ):
        assert name in str(refused.value)
    assert "drift is unknown" in str(refused.value)


@pytest.mark.parametrize("text", ["", "[]", "null", '{"drift_psi": NaN}', '{"drift_psi": Infinity}'])
def test_what_is_no_object_of_numbers_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="limits"):
        Limits.from_json(text)
