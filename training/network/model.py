"""The network: a small residual one for small pictures, and the classifier that wraps several of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional

MINIMUM_SIZE, MAXIMUM_SIZE = 8, 256
"""Sides in pixels: three poolings leave one pixel of 8; above 256 CPU training takes hours."""


BATCH = 256
"""Images of 32x32 that are looked at at once where nothing is learnt."""


class Batches(Protocol):
    """Normalised images, by and by; a tensor [N, 3, H, W] is such."""

    def split(self, size: int, /) -> Iterable[Tensor]:
        """All of them in order, `size` at a time."""


class ConvolutionBlock(nn.Sequential):
    """3x3 convolution, batch normalisation, SiLU; keeps the size."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__(
            nn.Conv2d(channels_in, channels_out, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(channels_out),
            nn.SiLU(inplace=True),
        )


class ResidualBlock(nn.Module):
    """Two convolution blocks around which the input is carried."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(ConvolutionBlock(channels, channels), ConvolutionBlock(channels, channels))

    def forward(self, features: Tensor) -> Tensor:
        return features + self.body(features)


class HeadedNetwork(nn.Module):
    """Features, pooled, of which the linear `head` makes logits [N, classes]."""

    def __init__(self, features: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.features, self.head = features, head

    def forward(self, images: Tensor) -> Tensor:
        return self.classify(self.features(images))

    def classify(self, maps: Tensor) -> Tensor:
        """Logits [N, classes] of feature maps [N, channels, height, width]."""
        return torch.as_tensor(self.head(self.pool_maps(maps)))

    def pool(self, images: Tensor) -> Tensor:
        """Pooled features [N, features] of what the network takes in."""
        return self.pool_maps(self.features(images))

    def pool_maps(self, maps: Tensor) -> Tensor:
        """Mean and maximum of each channel, side by side: how much of a thing there is, and whether."""
        return torch.cat([maps.mean((2, 3)), maps.amax((2, 3))], dim=1)


class Network(HeadedNetwork):
    """ResNet-9 in shape: normalised images [N, 3, H, W] -> logits [N, classes].

    `width` is the number of channels of the first layer; each of the three poolings doubles it.
    """

    def __init__(self, classes: int, width: int = 16, dropout: float = 0.1) -> None:
        features = nn.Sequential(
            ConvolutionBlock(3, width),
            ConvolutionBlock(width, 2 * width),
            nn.MaxPool2d(2),
            ResidualBlock(2 * width),
            ConvolutionBlock(2 * width, 4 * width),
            nn.MaxPool2d(2),
            ConvolutionBlock(4 * width, 8 * width),
            nn.MaxPool2d(2),
            ResidualBlock(8 * width),
        )
        super().__init__(features, nn.Sequential(nn.Dropout(dropout), nn.Linear(16 * width, classes)))
        self.classes, self.width = classes, width


class Classifier(nn.Module):
    """What is exported: uint8 [N, H, W, 3] RGB -> calibrated probabilities [N, classes].

    Logits are averaged over the networks and over `view_count` views of each image. `mean` and `deviation`
    normalise the channels, in units of 0..255. `trunk`: what all networks see the images through, if any.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(
        self,
        networks: Sequence[HeadedNetwork],
        mean: Tensor,
        deviation: Tensor,
        temperature: float,
        view_count: int,
        trunk: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.trunk = trunk or nn.Identity()
        self.networks = nn.ModuleList(networks)
        self.register_buffer("mean", mean)
        self.register_buffer("deviation", deviation)
        self.temperature = temperature
        self.view_count = view_count

    def forward(self, images: Tensor) -> Tensor:
        return self.look(images)[0]

    def look(self, images: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Probabilities, and by network the pooled features [N, features] of the images as they are."""
        shown = views(normalise(images, self.mean, self.deviation), self.view_count)
        seen = [self.trunk(view) for view in shown]
        networks = [network for network in self.networks if isinstance(network, HeadedNetwork)]
        pooled = [[network.pool(view) for view in seen] for network in networks]
        logits = [
            network.head(features)
            for network, of_network in zip(networks, pooled, strict=True)
            for features in of_network
        ]
        probabilities = torch.softmax(torch.stack(logits).mean(dim=0) / self.temperature, dim=1)
        return probabilities, [of_network[0] for of_network in pooled]


def normalise(images: Tensor, mean: Tensor, deviation: Tensor) -> Tensor:
    """uint8 [N, H, W, 3] -> float32 [N, 3, H, W] with channels of mean 0 and deviation 1."""
    return ((images.float() - mean) / deviation).permute(0, 3, 1, 2)


def views(images: Tensor, count: int) -> list[Tensor]:
    """1: the images; 2: mirrored too; 3: also two copies shifted along the diagonal; 6: these mirrored too.

    Each view costs the model one more pass.
    """
    shown = _shifted(images) if count in (3, 6) else [images]
    return [*shown, *(view.flip(3) for view in shown)] if count in (2, 6) else shown


def _shifted(images: Tensor) -> list[Tensor]:
    """The images, and two copies shifted by a sixteenth of each side, filled up by reflection."""
    height, width = images.shape[2:]
    down, right = height // 16, width // 16
    padded = functional.pad(images, (right, right, down, down), mode="reflect")
    corners = ((down, right), (0, 0), (2 * down, 2 * right))
    return [padded[:, :, top : top + height, left : left + width] for top, left in corners]


def mean_logits(
    network: HeadedNetwork,
    images: Batches,
    view_count: int,
    batch: int = BATCH,
    check: Callable[[], None] = lambda: None,
) -> Tensor:
    """Logits [N, classes] of normalised images, averaged over their views as the classifier does.

    `check` is called at every batch and may raise to end it.
    """
    network.eval()
    parts = []
    with torch.no_grad():
        for part in images.split(batch):
            check()
            parts.append(torch.stack([network(view) for view in views(part, view_count)]))
    return torch.cat([part.mean(dim=0) for part in parts])
