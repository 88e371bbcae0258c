"""What moves a network's weights: its optimizers, a learning rate that goes up and then down, an average."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Protocol

import torch
from torch import Tensor

from training.network.adam import AdamW
from training.network.model import HeadedNetwork
from training.network.muon import Muon
from training.network.recipe import Recipe


class Rememberer(Protocol):
    """Has numbers of its own that decide what it does next."""

    def state(self) -> dict[str, Tensor]: ...

    def restore(self, state: Mapping[str, Tensor]) -> None: ...


class Optimizer(Rememberer, Protocol):
    """Moves its weights against their gradients."""

    highest: float
    """Of the learning rates that it is given."""
    learning_rate: float

    def step(self) -> None: ...


def make_optimizers(network: HeadedNetwork, recipe: Recipe) -> list[Optimizer]:
    """Muon for convolutions, AdamW for the rest; vectors do not decay.

    What is pretrained is moved by AdamW alone, and by shorter steps than the head.
    """
    if recipe.kept_blocks:
        tuned = list(network.features.parameters())
        return [
            AdamW([weight for weight in tuned if weight.ndim > 1], recipe.tuning_rate, recipe.weight_decay),
            AdamW([weight for weight in tuned if weight.ndim == 1], recipe.tuning_rate),
            AdamW(network.head.parameters(), recipe.learning_rate, recipe.weight_decay),
        ]
    convolutions, matrices, vectors = (
        [parameter for parameter in network.parameters() if parameter.ndim == dimensions]
        for dimensions in (4, 2, 1)
    )
    return [
        Muon(convolutions, recipe.muon_learning_rate, recipe.weight_decay),
        AdamW(matrices, recipe.learning_rate, recipe.weight_decay),
        AdamW(vectors, recipe.learning_rate),
    ]


def set_progress(optimizers: Sequence[Optimizer], progress: float) -> None:
    """Set the learning rates for the next step; `progress` in [0, 1] is the share of all steps done."""
    for optimizer in optimizers:
        optimizer.learning_rate = optimizer.highest * one_cycle(progress)


def one_cycle(progress: float, warm_up: float = 0.2, start: float = 0.1, end: float = 1e-3) -> float:
    """Learning rate at `progress` in [0, 1], as a share of its maximum: up, then down (Smith, 2018)."""
    if progress < warm_up:
        return start + (1 - start) * (1 - math.cos(math.pi * progress / warm_up)) / 2
    return end + (1 - end) * (1 + math.cos(math.pi * (progress - warm_up) / (1 - warm_up))) / 2


class AveragedWeights:
    """An exponential moving average of a network in training, kept in `average` of the same shape.

    The average generalises better than the last weights. It takes in the statistics of batch normalisation
    too. The decay grows to its limit, so that the random first weights are forgotten soon.
    """

    def __init__(self, network: HeadedNetwork, average: HeadedNetwork, decay: float) -> None:
        self.network = average
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.network.load_state_dict(network.state_dict())
        self.network.eval()
        self._mine = _weights(self.network)
        self._theirs = _weights(network)
        self._decay = decay
        self._updates = 0

    def state(self) -> dict[str, Tensor]:
        """What it remembers, by name."""
        return {**self.network.state_dict(), "updates": torch.tensor(self._updates)}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Remember what another one did."""
        self._updates = int(state["updates"])
        self.network.load_state_dict({name: state[name] for name in self.network.state_dict()})

    def update(self) -> None:
        """Take the weights that the network has after a step into the average."""
        self._updates += 1
        decay = min(self._decay, (1 + self._updates) / (10 + self._updates))
        with torch.no_grad():
            for mine, theirs in zip(self._mine, self._theirs, strict=True):
                mine.lerp_(theirs, 1 - decay)


def _weights(network: HeadedNetwork) -> list[Tensor]:
    return [tensor for tensor in network.state_dict().values() if tensor.is_floating_point()]
