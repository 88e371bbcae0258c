"""EfficientNet-Lite0: a network for photographs, made to run on processors (Tan and Le, 2019; Liu, 2020).

No squeeze-and-excitation, no swish: inverted residuals, depthwise convolutions, ReLU6. Names and order of
the layers are our own; `training.network.weights` knows how the published weights call them.
"""

from __future__ import annotations

from collections import OrderedDict
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

STEM, WIDEST, FEATURES = 32, 320, 1280
"""Channels after the first convolution, after the last block, and of the features that are pooled."""
STAGES = (
    # blocks, kernel, stride of the first block, expansion, channels
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, WIDEST),
)
BLOCKS = sum(stage[0] for stage in STAGES)
MEAN, DEVIATION = 127.0, 128.0
"""Of 0..255: how pictures were normalised where the published weights were learnt."""


class Convolution(nn.Module):
    """Convolution and batch normalisation, then ReLU6 unless `linear`; keeps the size, or halves it.

    Padded as TensorFlow does, from which the published weights come: what is odd goes below and to the right.
    """

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        kernel: int = 1,
        stride: int = 1,
        groups: int = 1,
        linear: bool = False,
    ) -> None:
        super().__init__()
        self.kernel, self.stride, self.linear = kernel, stride, linear
        self.convolution = nn.Conv2d(channels_in, channels_out, kernel, stride, groups=groups, bias=False)
        self.normalisation = nn.BatchNorm2d(channels_out, eps=1e-3, momentum=0.01)

    def forward(self, maps: Tensor) -> Tensor:
        padding = self._padding(maps)
        padded = functional.pad(maps, padding) if any(padding) else maps
        seen = self.normalisation(self.convolution(padded))
        return seen if self.linear else functional.relu6(seen)

    def _padding(self, maps: Tensor) -> list[int]:
        """Left, right, top, bottom."""
        sides = []
        for size in (maps.shape[3], maps.shape[2]):
            steps = -(-int(size) // self.stride)
            missing = max(0, (steps - 1) * self.stride + self.kernel - int(size))
            sides += [missing // 2, missing - missing // 2]
        return sides


class Block(nn.Module):
    """Inverted residual: more channels, a filter on each, fewer channels; the input is carried around."""

    def __init__(self, channels_in: int, channels_out: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = channels_in * expansion
        layers = OrderedDict[str, nn.Module]()
        if expansion > 1:
            layers["expand"] = Convolution(channels_in, wide)
        layers["filter"] = Convolution(wide, wide, kernel, stride, groups=wide)
        layers["project"] = Convolution(wide, channels_out, linear=True)
        self.body = nn.Sequential(layers)
        self.carries = stride == 1 and channels_in == channels_out

    def forward(self, maps: Tensor) -> Tensor:
        changed = self.body(maps)
        return torch.as_tensor(maps + changed if self.carries else changed)


def make_blocks() -> list[nn.Module]:
    """All BLOCKS of them, in order; they take STEM channels and give WIDEST."""
    made: list[nn.Module] = []
    for (*_, before), (count, kernel, stride, expansion, channels) in pairwise([(STEM,), *STAGES]):
        for number in range(count):
            first = number == 0
            made.append(
                Block(before if first else channels, channels, kernel, stride if first else 1, expansion)
            )
    return made


class Backbone(nn.Module):
    """Normalised images [N, 3, H, W] -> maps [N, FEATURES, H / 32, W / 32], sides rounded up."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = Convolution(3, STEM, kernel=3, stride=2)
        self.blocks = nn.ModuleList(make_blocks())
        self.last = Convolution(WIDEST, FEATURES)

    def forward(self, images: Tensor) -> Tensor:
        maps = self.stem(images)
        for block in self.blocks:
            maps = block(maps)
        return torch.as_tensor(self.last(maps))
