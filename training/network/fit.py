"""Train one network: mixup, label smoothing, smaller images at first, averaged weights."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Generator, Tensor
from torch.nn import functional

from training.network.augment import augment, shrink
from training.network.model import Network
from training.network.optimizer import AveragedWeights, make_optimizers, set_progress
from training.network.pixels import Pixels
from training.network.recipe import Recipe


@dataclass(frozen=True)
class Progress:
    """The state after an epoch; `loss` is the epoch's mean on the augmented training images."""

    epoch: int
    epochs: int
    loss: float
    network: Network


def fit(
    images: Pixels,
    labels: Tensor,
    classes: int,
    recipe: Recipe,
    seed: int,
    report: Callable[[Progress], None],
    check: Callable[[], None] = lambda: None,
) -> Network:
    """A network trained on N >= 2 images and their labels [N].

    The same arguments give the same weights on one machine. `check` is called at every step and may
    raise to end training. The network handed to `report` and returned has averaged weights.
    """
    trainer = Trainer(classes, recipe, seed)
    steps_an_epoch = max(1, len(images) // recipe.batch_size)
    steps = min(recipe.epochs * steps_an_epoch, recipe.max_steps or math.inf)
    epochs, done = math.ceil(steps / steps_an_epoch), 0
    for epoch in range(1, epochs + 1):
        losses = []
        for batch in trainer.draw_batches(len(images))[: int(min(steps_an_epoch, steps - done))]:
            check()
            losses.append(trainer.step(images[batch], labels[batch], done / steps))
            done += 1
        report(Progress(epoch, epochs, float(np.mean(losses)), trainer.averaged.network))
    return trainer.averaged.network


class Trainer:
    """A network, its optimizers and its sources of chance."""

    def __init__(self, classes: int, recipe: Recipe, seed: int) -> None:
        torch.manual_seed(seed)
        self.recipe = recipe
        self.network = Network(classes, recipe.width, recipe.dropout).train()
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.averaged = AveragedWeights(self.network, recipe.weight_averaging)
        self._generator = Generator().manual_seed(seed)
        self._mixer = np.random.default_rng(seed)
        self._dtype = torch.bfloat16 if bfloat16_is_fast() else torch.float32
        self._optimizers = make_optimizers(self.network, recipe)

    def draw_batches(self, count: int) -> tuple[Tensor, ...]:
        """Row numbers of `count` images in random order, cut into batches."""
        return torch.randperm(count, generator=self._generator).split(self.recipe.batch_size)

    def step(self, images: Tensor, labels: Tensor, progress: float) -> float:
        """Learn from one batch; `progress` in [0, 1) is the share of all steps done. Returns the loss."""
        set_progress(self._optimizers, progress)
        changed = augment(images, self._generator)
        if progress < self.recipe.small_start:
            changed = shrink(changed)
        share = self._draw_share() if progress < 1 - self.recipe.unmixed_end else 1.0
        loss = self._mixed_loss(changed, labels, share)
        self.network.zero_grad(set_to_none=True)
        loss.backward()
        for optimizer in self._optimizers:
            optimizer.step()
        self.averaged.update()
        return loss.item()

    def _draw_share(self) -> float:
        """How much of an image stays when it is mixed."""
        return float(self._mixer.beta(self.recipe.mixup, self.recipe.mixup)) if self.recipe.mixup else 1.0

    def _mixed_loss(self, images: Tensor, labels: Tensor, share: float) -> Tensor:
        """Of images mixed with others of the batch, `share` to 1 - `share` (Zhang et al., 2018)."""
        if share == 1.0:
            return self._loss(self._logits(images), labels)
        partners = torch.randperm(len(images), generator=self._generator)
        logits = self._logits(share * images + (1 - share) * images[partners])
        return share * self._loss(logits, labels) + (1 - share) * self._loss(logits, labels[partners])

    def _logits(self, images: Tensor) -> Tensor:
        """The convolutions in bfloat16 where that is faster, the rest in float32."""
        with torch.autocast("cpu", self._dtype, enabled=self._dtype == torch.bfloat16):
            maps = self.network.features(images)
        return self.network.classify(maps.float())

    def _loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        return functional.cross_entropy(logits, labels, label_smoothing=self.recipe.label_smoothing)


def bfloat16_is_fast() -> bool:
    """Whether this processor multiplies bfloat16 itself; one that emulates it trains faster in float32."""
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
