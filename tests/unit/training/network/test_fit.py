"""One network's training in parts is what it is in one: the states that it is cut at forget nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from training.checkpoints import Checkpoints, State
from training.network.fit import AtStep, Progress, fit, work_done
from training.network.model import Network
from training.network.pixels import Pixels
from training.network.recipe import Recipe

RECIPE = Recipe(epochs=2, width=2, batch_size=4, dropout=0.3)


def make_network() -> Network:
    return Network(3, RECIPE.width, RECIPE.dropout)


STEPS = 6
IMAGES = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (14, 24, 24, 3), dtype=np.uint8))
LABELS = torch.arange(14) % 3


class Cut(Exception):
    """Somebody pulled the plug."""


def train(
    at_step: AtStep = lambda _: None, begun: State | None = None
) -> tuple[dict[str, torch.Tensor], list[Progress]]:
    """Weights, and what was reported."""
    reported: list[Progress] = []
    scale = torch.full((3,), 128.0), torch.full((3,), 64.0)
    images = Pixels(IMAGES, torch.arange(len(IMAGES)), scale)
    network = fit(images, LABELS, make_network, RECIPE, 5, reported.append, at_step, begun)
    return network.state_dict(), reported


def keep_before(step: int, checkpoints: Checkpoints) -> AtStep:
    seen = iter(range(STEPS))

    def at_step(make_state: object) -> None:
        if next(seen) == step:
            checkpoints.save("cut", make_state())  # type: ignore[operator]
            raise Cut

    return at_step


@pytest.mark.parametrize("step", range(STEPS))
def test_it_goes_on_as_if_nothing_had_been(tmp_path: Path, step: int) -> None:
    whole, reported = train()
    checkpoints = Checkpoints(tmp_path)
    with pytest.raises(Cut):
        train(keep_before(step, checkpoints))
    torch.manual_seed(99)
    resumed, later = train(begun=checkpoints.load("cut"))
    assert all(torch.equal(tensor, resumed[name]) for name, tensor in whole.items())
    assert [progress.loss for progress in later] == [progress.loss for progress in reported[step // 3 :]]
    assert {progress.earlier for progress in later} == {work_done(step / STEPS, RECIPE)}


def test_work_is_measured_in_time() -> None:
    """The first .6 of the steps have images of 9/16 the pixels."""
    shares = [work_done(share, RECIPE) for share in (0, 0.3, 0.6, 0.8, 1)]
    assert shares == pytest.approx([0, 0.16875 / 0.7375, 0.3375 / 0.7375, 0.5375 / 0.7375, 1])
