"""Which pictures the demo picks, and what it says of the model."""

from __future__ import annotations

import numpy as np

from demo.executions import cases
from demo.model import Picked, pick, training_sentence

KEYS = ["test/a.png", "test/b.png", "test/c.png"]


def test_the_surest_and_the_least_certain_picture_are_picked() -> None:
    probabilities = np.array([[0.55, 0.45], [0.2, 0.8], [0.01, 0.99]], dtype=np.float32)
    assert pick(KEYS, probabilities, threshold=0.9) == (Picked("test/c.png"), Picked("test/a.png"))


def test_a_model_that_is_sure_of_everything_is_asked_for_more() -> None:
    probabilities = np.array([[0.95, 0.05], [0.03, 0.97], [0.01, 0.99]], dtype=np.float32)
    _, unsure = pick(KEYS, probabilities, threshold=0.9)
    assert unsure.key == "test/a.png"
    assert unsure.threshold is not None
    assert 0.95 < unsure.threshold <= 1
    assert unsure.input["threshold"] == unsure.threshold


def test_five_different_cases_are_run() -> None:
    shown = cases(Picked("test/a.png"), Picked("test/b.png"))
    assert len({case.name for case in shown}) == 5
    assert "s3_key" not in shown[-1].input


def test_the_model_is_summed_up_with_and_without_a_threshold_that_it_reaches() -> None:
    figures = {
        "test_accuracy": 0.948,
        "threshold": 0.9174,
        "coverage_at_threshold": 0.82,
        "accuracy_at_threshold": 0.994,
    }
    assert training_sentence(figures) == (
        "94.8% of the test pictures are recognised; 82% are above the threshold 0.917, 99.4% of those rightly"
    )
    none = training_sentence({**figures, "accuracy_at_threshold": None})
    assert none.endswith("none reaches the threshold 0.917")
