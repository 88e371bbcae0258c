"""What the pretrained trunk makes of pictures and of changed copies: made once, learnt from often."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor
from torch.nn import functional

from training.counting import counted
from training.data import make_room
from training.network.augment import hide_square, recolour
from training.network.efficientnet import DEVIATION, MEAN, Backbone
from training.network.model import Classifier, HeadedNetwork, mean_logits, normalise, views
from training.network.pixels import look_into
from training.network.recipe import Recipe
from training.network.trunk import Size, Trunk, TunedNetwork, average, looked_at
from training.network.weights import load_backbone

TOGETHER = 32
"""Pictures that are changed together, by chance of their own: how many threads work decides nothing."""
MOST_BYTES = 2 * 1024**3
"""Of all maps, in a file: of many pictures there are fewer copies, and they are not needed as much."""


@dataclass(frozen=True)
class MapSource:
    """Networks tuned from pretrained weights. maps: the file [N, copies, channels, height, width]."""

    maps: Path
    trunk: Trunk
    backbone: Backbone
    classes: int
    recipe: Recipe

    @classmethod
    def of(
        cls,
        images: NDArray[np.uint8],
        classes: int,
        recipe: Recipe,
        weights: Path,
        file: Path,
        cores: int,
    ) -> MapSource:
        """Looks at every picture, which takes minutes of many. Makes `file`. Raises WeightsError, OSError."""
        backbone = load_backbone(weights)
        size = looked_at((images.shape[1], images.shape[2]), recipe.enlarged)
        trunk = Trunk(backbone, recipe.kept_blocks, size).eval()
        source = cls(file, trunk, backbone, classes, recipe)
        source._make_maps(images, cores)
        return source

    def new_network(self) -> TunedNetwork:
        return TunedNetwork(self.backbone, self.recipe.kept_blocks, self.classes, self.recipe.dropout)

    def learned(self, rows: NDArray[np.int64]) -> CopiedMaps:
        return CopiedMaps(self._open(), torch.from_numpy(rows))

    def logits(
        self, network: HeadedNetwork, rows: NDArray[np.int64], view_count: int, check: Callable[[], None]
    ) -> Tensor:
        shown = [SeenMaps(self._open(), torch.from_numpy(rows), view) for view in range(view_count)]
        return torch.stack([mean_logits(network, view, 1, check=check) for view in shown]).mean(dim=0)

    def served(self, networks: Sequence[HeadedNetwork]) -> list[HeadedNetwork]:
        tuned = [network for network in networks if isinstance(network, TunedNetwork)]
        return [average(tuned, self.new_network())]

    def classifier(self, networks: Sequence[HeadedNetwork], temperature: float) -> Classifier:
        mean, deviation = _scale()
        return Classifier(networks, mean, deviation, temperature, self.recipe.views, self.trunk)

    def see(self, images: Tensor) -> Tensor:
        return self.trunk.look(normalise(images, *_scale()))

    def _open(self) -> Tensor:
        return torch.from_numpy(look_into(self.maps))

    def _make_maps(self, images: NDArray[np.uint8], cores: int) -> None:
        """Half precision is enough: what a trunk makes differs by more from processor to processor."""
        one = self.see(torch.from_numpy(np.array(images[:1])))[0]
        copies = affordable_copies(self.recipe, len(images) * one.numel() * 2)
        maps = make_room(self.maps, (len(images), copies, *one.shape), np.float16)

        def fill(start: int) -> None:
            chance = Generator().manual_seed(self.recipe.seed * 1_000_003 + start)
            few = normalise(torch.from_numpy(np.array(images[start : start + TOGETHER])), *_scale())
            shown = views(few, self.recipe.views)
            for copy in range(copies):
                whole = (
                    shown[copy]
                    if copy < len(shown)
                    else change(few, self.trunk.size, chance, bool(self.recipe.mirror))
                )
                maps[start : start + len(few), copy] = self.trunk.look(whole).half().numpy()

        with ThreadPoolExecutor(cores, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            filled = pool.map(fill, range(0, len(images), TOGETHER))
            for _ in counted(filled, "what the pretrained blocks see", len(images), _images_of):
                pass
        maps.flush()


def _images_of(groups: int, _nothing: None) -> int:
    return groups * TOGETHER


def affordable_copies(recipe: Recipe, bytes_of_one: int) -> int:
    """The views, and as many changed copies as are wanted and MOST_BYTES hold; one at least."""
    return max(recipe.views + 1, min(recipe.views + recipe.copies, MOST_BYTES // bytes_of_one))


class CopiedMaps:
    """All copies of the pictures that are asked for: float16 [n, copies, channels, height, width]."""

    def __init__(self, maps: Tensor, rows: Tensor) -> None:
        self._maps, self._rows = maps, rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, batch: Tensor) -> Tensor:
        return self._maps[self._rows[batch]]


class SeenMaps:
    """One view of each picture as it is."""

    def __init__(self, maps: Tensor, rows: Tensor, view: int) -> None:
        self._maps, self._rows, self._view = maps, rows, view

    def split(self, size: int) -> Iterator[Tensor]:
        """All of them in order, `size` at a time."""
        for rows in self._rows.split(size):
            yield self._maps[rows, self._view].float().contiguous(memory_format=torch.channels_last)


def change(images: Tensor, size: Size, chance: Generator, mirror: bool = True) -> Tensor:
    """Normalised images [N, 3, H, W] -> [N, 3, *size].

    Cut, moved, stretched, mirrored, recoloured, and hidden in part.
    """
    count = len(images)

    def between(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(count, generator=chance)

    shares, stretch = between(0.75, 1.05), between(-0.08, 0.08)
    turned = (
        torch.where(torch.rand(count, generator=chance) < 0.5, -1.0, 1.0) if mirror else torch.ones(count)
    )
    placed = torch.zeros(count, 2, 3)
    placed[:, 0, 0], placed[:, 0, 2] = shares * (1 + stretch) * turned, between(-0.15, 0.15)
    placed[:, 1, 1], placed[:, 1, 2] = shares * (1 - stretch), between(-0.15, 0.15)
    grid = functional.affine_grid(placed, [count, 3, *size], align_corners=False)
    moved = functional.grid_sample(
        images.contiguous(), grid, mode="bicubic", padding_mode="reflection", align_corners=False
    )
    return hide_square(recolour(moved, chance), chance)


def _scale() -> tuple[Tensor, Tensor]:
    """Mean and deviation of the channels where the published weights were learnt."""
    return torch.full((3,), MEAN), torch.full((3,), DEVIATION)
