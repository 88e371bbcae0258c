"""AdamW, and a learning rate that goes up and then down."""

from __future__ import annotations

import math

import torch

from training.model import Network
from training.recipe import Recipe


def make_optimizer(network: Network, recipe: Recipe) -> torch.optim.Optimizer:
    """AdamW; biases and the scales of batch normalisation do not decay."""
    matrices = [parameter for parameter in network.parameters() if parameter.ndim > 1]
    vectors = [parameter for parameter in network.parameters() if parameter.ndim <= 1]
    groups = [
        {"params": matrices, "weight_decay": recipe.weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=recipe.learning_rate, foreach=True)


def set_learning_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """For the next step, in all groups."""
    for group in optimizer.param_groups:
        group["lr"] = rate


def one_cycle(progress: float, warm_up: float = 0.2, start: float = 0.1, end: float = 1e-3) -> float:
    """Learning rate at `progress` in [0, 1], as a share of its maximum: up, then down (Smith, 2018)."""
    if progress < warm_up:
        return start + (1 - start) * (1 - math.cos(math.pi * progress / warm_up)) / 2
    return end + (1 - end) * (1 + math.cos(math.pi * (progress - warm_up) / (1 - warm_up))) / 2
