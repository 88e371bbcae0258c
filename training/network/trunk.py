"""A pretrained network cut in two: a trunk that stays as it is, and the rest, which is tuned to the pictures.

What the trunk makes of a picture is made once, and every epoch of every network learns from it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.network.efficientnet import FEATURES, Backbone
from training.network.model import HeadedNetwork
from training.network.speed import fast_precision

Size = tuple[int, int]
"""(height, width) in pixels."""
AT_ONCE = 32
"""Pictures that the trunk looks at together."""


class Trunk(nn.Module):
    """Normalised images [N, 3, H, W] of any size, enlarged to `size` -> maps of the first `kept` blocks."""

    def __init__(self, backbone: Backbone, kept: int, size: Size) -> None:
        super().__init__()
        self.size = size
        self.stem, self.blocks = backbone.stem, backbone.blocks[:kept]

    def forward(self, images: Tensor) -> Tensor:
        maps = self.stem(self.enlarge(images))
        for block in cast("Iterable[nn.Module]", self.blocks):
            maps = block(maps)
        return torch.as_tensor(maps)

    def enlarge(self, images: Tensor) -> Tensor:
        if images.shape[2:] == self.size:
            return images
        return functional.interpolate(images, size=self.size, mode="bicubic")

    def look(self, images: Tensor) -> Tensor:
        """The same in the precision that this processor is fast in, for training."""
        with torch.no_grad(), fast_precision():
            parts = images.contiguous(memory_format=torch.channels_last).split(AT_ONCE)
            return torch.cat([self(part).float() for part in parts])


class TunedNetwork(HeadedNetwork):
    """The trunk's maps -> logits: the last blocks, mean pooling, a linear layer that begins with nothing.

    What batch normalisation has learnt of very many pictures stays: batches here are small, and few.
    """

    def __init__(self, backbone: Backbone, kept: int, classes: int, dropout: float = 0.0) -> None:
        last = nn.Linear(FEATURES, classes)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)
        own = copy.deepcopy(nn.Sequential(*backbone.blocks[kept:], backbone.last))
        super().__init__(own.requires_grad_(True), nn.Sequential(nn.Dropout(dropout), last))

    def pool_maps(self, maps: Tensor) -> Tensor:
        return maps.mean((2, 3))

    def train(self, mode: bool = True) -> TunedNetwork:
        super().train(mode)
        for layer in self.modules():
            if isinstance(layer, nn.BatchNorm2d):
                layer.eval()
        return self


def looked_at(size: Size, least: int) -> Size:
    """Pictures of this size are enlarged to this: to `least` pixels a side in the mean, the ratio kept."""
    factor = max(1.0, least / (size[0] * size[1]) ** 0.5)
    return round(size[0] * factor), round(size[1] * factor)


def average(networks: Sequence[TunedNetwork], into: TunedNetwork) -> TunedNetwork:
    """`into` with the mean of the weights of several that began alike (Wortsman et al., 2022).

    It answers about as their average does, for the cost of one.
    """
    states = [network.state_dict() for network in networks]
    into.load_state_dict(
        {
            name: torch.stack([state[name] for state in states]).mean(0)
            if value.is_floating_point()
            else value
            for name, value in states[0].items()
        }
    )
    return into.eval()
