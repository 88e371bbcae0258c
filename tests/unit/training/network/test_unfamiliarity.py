"""Unfamiliar pictures are told by how they look and by what networks see in them, not by confidence."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]

from training.network.appearance import appearance
from training.network.model import Classifier, Network
from training.network.recipe import Recipe
from training.network.source import PixelSource
from training.network.strangers import in_another_light, of_no_thing, through_another_lens
from training.network.unfamiliarity import Unfamiliarity, WatchfulClassifier, fit_unfamiliarity
from training.staging.drawing.picture import draw_picture
from training.staging.drift import Drift, drifted

MEAN, DEVIATION = torch.tensor([120.0, 110, 100]), torch.tensor([60.0, 61, 62])
VEHICLES = ("bicycle", "motorcycle")


def drawn(seed: int, count: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    labels = np.arange(count) % 2
    return np.stack(
        [np.asarray(draw_picture(VEHICLES[one], seed, n)) for n, one in enumerate(labels)]
    ), labels


@pytest.fixture(scope="module")
def learnt() -> tuple[WatchfulClassifier, list[Network]]:
    """Networks with chance weights: what is told here is told without any class learnt."""
    torch.manual_seed(0)
    networks = [Network(2, width=4).eval() for _ in range(2)]
    images, labels = drawn(3, 400)
    rows = [np.arange(200), np.arange(200, 400)]
    source = PixelSource(images, MEAN, DEVIATION, 2, Recipe())
    judged = fit_unfamiliarity(networks, rows, images, labels, source, 0)
    return WatchfulClassifier(Classifier(networks, MEAN, DEVIATION, 1.0, 1), judged).eval(), networks


def unfamiliarity(model: WatchfulClassifier, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    with torch.no_grad():
        return np.asarray(model(torch.from_numpy(images))[1].numpy())


@pytest.mark.parametrize("drift", [Drift.brightness, Drift.blur])
def test_drifted_pictures_are_told_one_by_one(
    learnt: tuple[WatchfulClassifier, list[Network]], drift: Drift
) -> None:
    images, _ = drawn(5, 200)
    strange = np.stack([drifted(image, drift) for image in images])
    said = [unfamiliarity(learnt[0], each) for each in (images, strange)]
    assert min(map(np.min, said)) >= 0
    assert max(map(np.max, said)) <= 1
    assert roc_auc_score(np.repeat([0, 1], 200), np.concatenate(said)) >= 0.85


def test_the_same_arguments_give_the_same_judges_whatever_the_threads(
    learnt: tuple[WatchfulClassifier, list[Network]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.network.unfamiliarity.STEPS", 40)
    images, labels = drawn(3, 80)
    made: list[Unfamiliarity] = []
    for threads in (1, 2):
        before = torch.get_num_threads()
        torch.set_num_threads(threads)
        rows = [np.arange(40), np.arange(40, 80)]
        source = PixelSource(images, MEAN, DEVIATION, 2, Recipe())
        made.append(fit_unfamiliarity(learnt[1], rows, images, labels, source, 1))
        assert torch.get_num_threads() == threads
        torch.set_num_threads(before)
    first, second = (one.state_dict() for one in made)
    assert all(torch.equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize("size", [(8, 8), (9, 20), (33, 16)])
def test_strangers_and_appearance_take_any_size(size: tuple[int, int]) -> None:
    chance = np.random.default_rng(0)
    images = chance.integers(0, 256, (24, *size, 3), dtype=np.uint8)
    labels = np.zeros(24, dtype=np.int64)
    for made in (
        in_another_light(images, chance),
        through_another_lens(images, chance),
        of_no_thing(images, labels, chance),
    ):
        assert (made.shape, made.dtype) == (images.shape, np.uint8)
        assert (made != images).any()
    flat = np.zeros((2, *size, 3), dtype=np.uint8)
    numbers = appearance(torch.from_numpy(np.concatenate([images, flat])))
    assert numbers.shape == (26, 52)
    assert bool(numbers.isfinite().all())
