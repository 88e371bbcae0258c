"""Images of several callers in one run of the model: what each is answered, and how often the model runs."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from serving.errors import ModelFailed
from serving.limits import IMAGES_A_TURN
from serving.model import Model, load_model
from serving.together import Together


class Counted:
    """A session that notes how many images each run had; it fails where the first pixel is 13."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self.runs: list[int] = []

    def run(self, names: list[str], inputs: dict[str, NDArray[np.uint8]]) -> Any:
        (images,) = inputs.values()
        self.runs.append(len(images))
        if np.any(images[:, 0, 0, 0] == 13):
            raise RuntimeError("the model broke")
        answer = self._session.run(names, inputs)
        answer[0][images[:, 0, 0, 0] == 99] = np.nan
        return answer


@pytest.fixture
def model(model_directory: Path) -> Model:
    model = load_model(model_directory)
    return replace(model, session=Counted(model.session))


def grey(model: Model, value: int) -> NDArray[np.uint8]:
    return np.full((model.height, model.width, 3), value, dtype=np.uint8)


def asked_at_once(model: Model, values: list[int], leaving: int | None = None) -> list[Any]:
    """What the callers of these grey images are answered, all of whom ask in one turn."""

    async def ask() -> list[Any]:
        together = Together()
        asking = [asyncio.ensure_future(together.classify(model, grey(model, v), False)) for v in values]
        if leaving is not None:
            await asyncio.sleep(0)
            asking[leaving].cancel()
        return await asyncio.gather(*asking, return_exceptions=True)

    return asyncio.run(ask())


def test_images_of_one_turn_are_one_run_and_each_is_answered_as_alone(model: Model) -> None:
    values = [0, 50, 100, 150, 200, 250, 30, 60]
    answers = [json.loads(answer) for answer in asked_at_once(model, values)]
    assert model.session.runs == [len(values)]
    for value, answer in zip(values, answers, strict=True):
        assert answer == pytest.approx(model.classify(grey(model, value)[np.newaxis])[0].tolist(), abs=1e-6)


def test_a_turn_has_a_limit_and_nobody_is_forgotten(model: Model) -> None:
    answers = asked_at_once(model, [7] * (2 * IMAGES_A_TURN + 1))
    assert model.session.runs == [IMAGES_A_TURN, IMAGES_A_TURN, 1]
    assert len(set(answers)) == 1


def test_numbers_that_are_no_probabilities_are_told_to_their_own_caller(model: Model) -> None:
    good, bad, other = asked_at_once(model, [1, 99, 1])
    assert isinstance(bad, ModelFailed)
    assert good == other != bad


def test_a_model_that_breaks_is_told_to_all_and_the_next_turn_goes_on(model: Model) -> None:
    answers = asked_at_once(model, [13] + [1] * IMAGES_A_TURN)
    assert [isinstance(answer, RuntimeError) for answer in answers] == [True] * IMAGES_A_TURN + [False]


def test_who_leaves_before_the_turn_costs_the_others_nothing(model: Model) -> None:
    gone, stays = asked_at_once(model, [1, 2], leaving=0)
    assert isinstance(gone, asyncio.CancelledError)
    assert json.loads(stays)
