"""What networks learn from, and what is made of them in the end: the small ones, and those that are tuned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.data import at_once
from training.network.model import BATCH, Classifier, HeadedNetwork, Network, mean_logits, normalise
from training.network.pixels import Pixels, channel_statistics, look_into, where_they_lie
from training.network.recipe import Recipe


class Learned(Protocol):
    """Pictures as a network takes them in; of each, where a trunk saw them, all changed copies."""

    def __len__(self) -> int: ...

    def __getitem__(self, batch: Tensor, /) -> Tensor: ...


class Source(Protocol):
    """Given to every process that trains. Rows are numbers of images."""

    def new_network(self) -> HeadedNetwork:
        """As it is before training; chance decides its weights, and torch's seed that."""

    def learned(self, rows: NDArray[np.int64]) -> Learned:
        """Those rows, to learn from."""

    def logits(
        self, network: HeadedNetwork, rows: NDArray[np.int64], view_count: int, check: Callable[[], None], /
    ) -> Tensor:
        """[N, classes] of those rows as they are, averaged over so many views; `check` may end it."""

    def served(self, networks: Sequence[HeadedNetwork]) -> list[HeadedNetwork]:
        """Those that go into the artifact."""

    def classifier(self, networks: Sequence[HeadedNetwork], temperature: float) -> Classifier:
        """Of networks that `served` gave."""

    def see(self, images: Tensor) -> Tensor:
        """What a network takes in of uint8 [N, H, W, 3]."""


@dataclass(frozen=True)
class PixelSource:
    """Small networks, which begin with nothing and see the pictures themselves.

    images: where they are. mean, deviation: by channel, of 0..255.
    """

    images: NDArray[np.uint8] | Path
    mean: Tensor
    deviation: Tensor
    classes: int
    recipe: Recipe

    @classmethod
    def of(cls, images: NDArray[np.uint8], classes: int, recipe: Recipe) -> PixelSource:
        mean, deviation = (torch.from_numpy(values) for values in channel_statistics(images))
        return cls(where_they_lie(images), mean, deviation, classes, recipe)

    def new_network(self) -> Network:
        return Network(self.classes, self.recipe.width, self.recipe.dropout)

    def learned(self, rows: NDArray[np.int64]) -> Pixels:
        return Pixels(
            torch.from_numpy(look_into(self.images)), torch.from_numpy(rows), (self.mean, self.deviation)
        )

    def logits(
        self, network: HeadedNetwork, rows: NDArray[np.int64], view_count: int, check: Callable[[], None]
    ) -> Tensor:
        images = look_into(self.images)
        few = at_once((images.shape[1], images.shape[2]), BATCH)
        return mean_logits(network, self.learned(rows), view_count, few, check)

    def served(self, networks: Sequence[HeadedNetwork]) -> list[HeadedNetwork]:
        return list(networks)

    def classifier(self, networks: Sequence[HeadedNetwork], temperature: float) -> Classifier:
        return Classifier(networks, self.mean, self.deviation, temperature, self.recipe.views)

    def see(self, images: Tensor) -> Tensor:
        return normalise(images, self.mean, self.deviation)
