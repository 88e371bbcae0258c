"""Train one network: AdamW, one-cycle learning rate, mixup, label smoothing, averaged weights."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from training.augment import augment
from training.model import Network
from training.recipe import Recipe


@dataclass(frozen=True)
class Progress:
    """The state after an epoch; `loss` is the epoch's mean on the augmented training images."""

    epoch: int
    epochs: int
    loss: float
    network: Network


def fit(
    images: Tensor,
    labels: Tensor,
    classes: int,
    recipe: Recipe,
    seed: int,
    report: Callable[[Progress], None],
    check: Callable[[], None] = lambda: None,
) -> Network:
    """A network trained on normalised images [N, 3, H, W] and labels [N], N >= 2.

    The same arguments give the same weights on one machine. `check` is called at every step and may
    raise to end training. The network handed to `report` and returned has averaged weights.
    """
    torch.manual_seed(seed)
    generator = Generator().manual_seed(seed)
    network = Network(classes, recipe.width, recipe.dropout).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    averaged = AveragedWeights(network, recipe.weight_averaging)
    optimizer = make_optimizer(network, recipe)
    mixer = np.random.default_rng(seed)
    steps_an_epoch = max(1, len(images) // recipe.batch_size)
    steps = min(recipe.epochs * steps_an_epoch, recipe.max_steps or math.inf)
    epochs, done = math.ceil(steps / steps_an_epoch), 0
    for epoch in range(1, epochs + 1):
        network.train()
        losses = []
        order = torch.randperm(len(images), generator=generator)
        for batch in order.split(recipe.batch_size)[:steps_an_epoch]:
            if done == steps:
                break
            check()
            set_learning_rate(optimizer, recipe.learning_rate * one_cycle(done / steps))
            share = 1.0 if done / steps >= 1 - recipe.unmixed_end else draw_share(mixer, recipe.mixup)
            loss = mixed_loss(
                network, augment(images[batch], generator), labels[batch], share, recipe, generator
            )
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 2.0)
            optimizer.step()
            averaged.update(network)
            losses.append(loss.item())
            done += 1
        report(Progress(epoch, epochs, float(np.mean(losses)), averaged.network))
    return averaged.network


def mixed_loss(
    network: Network, images: Tensor, labels: Tensor, share: float, recipe: Recipe, generator: Generator
) -> Tensor:
    """Cross-entropy of images mixed with others of the batch, `share` to 1 - `share` (Zhang et al., 2018)."""
    if share == 1.0:
        return functional.cross_entropy(network(images), labels, label_smoothing=recipe.label_smoothing)
    partners = torch.randperm(len(images), generator=generator)
    logits = network(share * images + (1 - share) * images[partners])
    return share * functional.cross_entropy(logits, labels, label_smoothing=recipe.label_smoothing) + (
        1 - share
    ) * functional.cross_entropy(logits, labels[partners], label_smoothing=recipe.label_smoothing)


def draw_share(mixer: np.random.Generator, mixup: float) -> float:
    """How much of an image stays when it is mixed; all of it without mixup."""
    return float(mixer.beta(mixup, mixup)) if mixup else 1.0


def one_cycle(progress: float, warm_up: float = 0.2, start: float = 0.1, end: float = 1e-3) -> float:
    """Learning rate at `progress` in [0, 1], as a share of its maximum: up, then down (Smith, 2018)."""
    if progress < warm_up:
        return start + (1 - start) * (1 - math.cos(math.pi * progress / warm_up)) / 2
    return end + (1 - end) * (1 + math.cos(math.pi * (progress - warm_up) / (1 - warm_up))) / 2


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
    for group in optimizer.param_groups:
        group["lr"] = rate


class AveragedWeights:
    """An exponential moving average of a network's weights, which generalises better than the last ones.

    The decay grows to its limit, so that the random first weights are forgotten soon.
    """

    def __init__(self, network: Network, decay: float) -> None:
        self.network = Network(network.classes, network.width).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.network.load_state_dict(network.state_dict())
        self.network.eval()
        self._decay = decay
        self._updates = 0

    def update(self, network: Network) -> None:
        self._updates += 1
        decay = min(self._decay, (1 + self._updates) / (10 + self._updates))
        with torch.no_grad():
            for mine, theirs in zip(_weights(self.network), _weights(network), strict=True):
                mine.lerp_(theirs, 1 - decay)


def _weights(network: Network) -> list[Tensor]:
    return [tensor for tensor in network.state_dict().values() if tensor.is_floating_point()]
