"""The optimizers of a network's parameters, and a learning rate that goes up and then down."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from training.model import Network
from training.muon import Muon
from training.recipe import Recipe


def make_optimizers(network: Network, recipe: Recipe) -> list[torch.optim.Optimizer]:
    """Muon for convolutions, AdamW for the rest; vectors do not decay."""
    convolutions = [parameter for parameter in network.parameters() if parameter.ndim == 4]
    matrices = [parameter for parameter in network.parameters() if parameter.ndim == 2]
    vectors = [parameter for parameter in network.parameters() if parameter.ndim == 1]
    rest = [
        {"params": matrices, "weight_decay": recipe.weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    optimizers = [
        Muon(convolutions, lr=recipe.muon_learning_rate, weight_decay=recipe.weight_decay),
        torch.optim.AdamW(rest, lr=recipe.learning_rate, foreach=True),
    ]
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["highest"] = group["lr"]
    return optimizers


def set_progress(optimizers: Sequence[torch.optim.Optimizer], progress: float) -> None:
    """Set the learning rates for the next step; `progress` in [0, 1] is the share of all steps done."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = group["highest"] * one_cycle(progress)


def one_cycle(progress: float, warm_up: float = 0.2, start: float = 0.1, end: float = 1e-3) -> float:
    """Learning rate at `progress` in [0, 1], as a share of its maximum: up, then down (Smith, 2018)."""
    if progress < warm_up:
        return start + (1 - start) * (1 - math.cos(math.pi * progress / warm_up)) / 2
    return end + (1 - end) * (1 + math.cos(math.pi * (progress - warm_up) / (1 - warm_up))) / 2
