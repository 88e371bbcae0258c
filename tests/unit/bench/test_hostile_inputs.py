"""A small part of `python -m bench.hostile_inputs`: damaged inputs end in named errors or an answer."""

from __future__ import annotations

import pytest

from bench.hostile_inputs import targets, tried

TARGETS = targets()
COUNT = 60


@pytest.mark.parametrize("name", TARGETS)
def test_damaged_inputs_end_in_named_errors(name: str) -> None:
    trial, named = TARGETS[name]
    ended, unnamed = tried(trial, named, COUNT, seed=7)
    assert ended.total() == COUNT
    assert not unnamed
