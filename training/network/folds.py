"""Which images a network learns from, and which are held out of it to judge it: by class, groups whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.manifest import DatasetError
from training.network.recipe import Recipe

Groups = Sequence[str | None]
"""What each image belongs to, None: to nothing; or empty, which is the same of all."""


@dataclass(frozen=True)
class Fold:
    """Images `held_out` of training, and those `kept` for it (both are row numbers)."""

    kept: NDArray[np.int64]
    held_out: NDArray[np.int64]


def make_folds(labels: NDArray[np.int64], validation: int, recipe: Recipe, groups: Groups = ()) -> list[Fold]:
    """Each class is dealt out evenly to the folds, else, with one, the last `validation` images are held out.

    A network knows a person whom it learnt from by other things than what they do: images of one group are
    held out together, so that those who judge an image have seen nobody of its group. Raises DatasetError.
    """
    everything = np.arange(len(labels))
    if recipe.folds == 1:
        trained = len(labels) - validation
        if shared := sorted({*groups[:trained]} & {*groups[trained:]} - {None}, key=str):
            raise DatasetError(
                f"the group {shared[0]} is in train and in validation: stage the data set again"
            )
        return [Fold(everything[:trained], everything[trained:])]
    place = _deal_groups(labels, groups, recipe) if any(groups) else _deal(labels, recipe)
    return [Fold(everything[place != number], everything[place == number]) for number in range(recipe.folds)]


def _deal(labels: NDArray[np.int64], recipe: Recipe) -> NDArray[np.int64]:
    """The fold of each image."""
    everything = np.arange(len(labels))
    fewest = int(np.bincount(labels).min())
    if fewest < recipe.folds:
        raise DatasetError(
            f"a class has {fewest} images in train and validation together, fewer than "
            f"the {recipe.folds} folds: stage more images or give --folds 1"
        )
    shuffled = np.random.default_rng(recipe.seed).permutation(everything)
    by_class = shuffled[np.argsort(labels[shuffled], kind="stable")]
    place = np.empty(len(everything), dtype=np.int64)
    place[by_class] = everything % recipe.folds
    return place


def _deal_groups(labels: NDArray[np.int64], groups: Groups, recipe: Recipe) -> NDArray[np.int64]:
    """The fold of each image: the largest groups first, each to where there is least of its classes.

    An image of no group is one by itself.
    """
    numbers: dict[str | int, int] = {}
    names = [row if group is None else group for row, group in enumerate(groups)]
    unit = np.array([numbers.setdefault(name, len(numbers)) for name in names])
    if len(numbers) < recipe.folds:
        raise DatasetError(
            f"there are {len(numbers)} groups in train and validation together, fewer than "
            f"the {recipe.folds} folds: give --folds 1"
        )
    shares = np.zeros((len(numbers), int(labels.max()) + 1))
    np.add.at(shares, (unit, labels), 1 / np.bincount(labels)[labels])
    shuffled = np.random.default_rng(recipe.seed).permutation(len(numbers))
    filled, place = np.zeros((recipe.folds, shares.shape[1])), np.empty(len(numbers), dtype=np.int64)
    for one in shuffled[np.argsort(-shares[shuffled].sum(axis=1), kind="stable")]:
        of_its_classes, of_all = filled @ shares[one], filled.sum(axis=1)
        place[one] = np.lexsort((of_all, of_its_classes.round(9)))[0]
        filled[place[one]] += shares[one]
    if whole := np.argwhere(filled > 1 - 1e-9).tolist():
        raise DatasetError(
            f"all images of the class number {whole[0][1]} in train and validation are of one group, or of "
            f"too few for {recipe.folds} folds: nothing of it would be left to learn from: give --folds 1"
        )
    return np.asarray(place[unit])
