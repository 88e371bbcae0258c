"""Train one network: mixup, label smoothing, smaller images at first, averaged weights."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor
from torch.nn import functional

from training.checkpoints import State
from training.network.augment import SHRUNK_COST, augment, one_copy, shrink
from training.network.model import HeadedNetwork
from training.network.optimizer import AveragedWeights, Rememberer, make_optimizers, set_progress
from training.network.recipe import Recipe
from training.network.source import Learned
from training.network.speed import fast_precision

NO_ORDER = torch.empty(0, dtype=torch.int64)


@dataclass(frozen=True)
class Progress:
    """The state after an epoch; `loss` is the epoch's mean on the augmented training images.

    work: share of the network's work that is done, in time; earlier: that was, when this run went on with it.
    """

    epoch: int
    epochs: int
    loss: float
    network: HeadedNetwork
    work: float
    earlier: float


AtStep = Callable[[Callable[[], State]], None]
"""Called before every step with what makes the state as it is; it may keep that, or raise to end training."""


def fit(
    images: Learned,
    labels: Tensor,
    make_network: Callable[[], HeadedNetwork],
    recipe: Recipe,
    seed: int,
    report: Callable[[Progress], None],
    at_step: AtStep = lambda _state: None,
    begun: State | None = None,
) -> HeadedNetwork:
    """A network trained on N >= 2 images and their labels [N].

    The same arguments give the same weights on one machine, also in several parts: `begun` is a state of an
    earlier one. The network handed to `report` and returned has averaged weights.
    """
    trainer = Trainer(make_network, recipe, seed)
    size, steps_an_epoch = recipe.batch_size, max(1, len(images) // recipe.batch_size)
    steps = min(recipe.epochs * steps_an_epoch, recipe.max_steps or math.inf)
    done, order, losses = trainer.restore(begun) if begun else (0, NO_ORDER, [])
    earlier = work_done(done / steps, recipe)

    def state() -> State:
        return trainer.state(done, order, losses)

    while done < steps:
        place = done % steps_an_epoch
        if not len(order):
            order, losses = trainer.draw_order(len(images)), []
        at_step(state)
        batch = order[place * size : (place + 1) * size]
        losses.append(trainer.step(images[batch], labels[batch], done / steps))
        done += 1
        if done % steps_an_epoch == 0 or done == steps:
            epoch, epochs = math.ceil(done / steps_an_epoch), math.ceil(steps / steps_an_epoch)
            loss, work = float(np.mean(losses)), work_done(done / steps, recipe)
            report(Progress(epoch, epochs, loss, trainer.averaged.network, work, earlier))
            order = NO_ORDER
    return trainer.averaged.network


def work_done(share: float, recipe: Recipe) -> float:
    """The share of the time that this share of the steps takes: those with smaller images cost less."""
    if recipe.kept_blocks:
        return share
    small = min(share, recipe.small_start)
    whole = SHRUNK_COST * recipe.small_start + 1 - recipe.small_start
    return (SHRUNK_COST * small + share - small) / whole


class Trainer:
    """A network, its optimizers and its sources of chance."""

    def __init__(self, make_network: Callable[[], HeadedNetwork], recipe: Recipe, seed: int) -> None:
        torch.manual_seed(seed)
        self.recipe = recipe
        self.network = make_network().train()
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.averaged = AveragedWeights(self.network, make_network(), recipe.weight_averaging)
        self._generator = Generator().manual_seed(seed)
        self._mixer = np.random.default_rng(seed)
        self._optimizers = make_optimizers(self.network, recipe)

    def draw_order(self, count: int) -> Tensor:
        """Row numbers of `count` images in random order."""
        return torch.randperm(count, generator=self._generator)

    def state(self, done: int, order: Tensor, losses: list[float]) -> State:
        """All that decides the steps to come: `done` of them are, and the epoch goes on in that order."""
        chance = {
            "generator": self._generator.get_state(),
            "torch": torch.get_rng_state(),
            "mixer": _as_bytes(self._mixer.bit_generator.state),
        }
        course = {"done": torch.tensor(done), "losses": torch.tensor(losses, dtype=torch.float64)}
        tensors = {
            f"{part}.{name}": tensor
            for part, whole in self._parts()
            for name, tensor in whole.state().items()
        }
        weights = {f"network.{name}": tensor for name, tensor in self.network.state_dict().items()}
        everything = {**chance, **course, "order": order, **tensors, **weights}
        return {name: tensor.numpy() for name, tensor in everything.items()}

    def restore(self, state: State) -> tuple[int, Tensor, list[float]]:
        """Become the trainer that such a state is of; returns what it was made of besides."""
        tensors = {name: torch.from_numpy(array) for name, array in state.items()}
        self.network.load_state_dict(_part(tensors, "network"))
        for part, whole in self._parts():
            whole.restore(_part(tensors, part))
        self._generator.set_state(tensors["generator"])
        torch.set_rng_state(tensors["torch"])
        self._mixer.bit_generator.state = json.loads(bytes(state["mixer"]))
        return int(tensors["done"]), tensors["order"], tensors["losses"].tolist()

    def _parts(self) -> list[tuple[str, Rememberer]]:
        return [
            ("averaged", self.averaged),
            *((f"optimizer{at}", one) for at, one in enumerate(self._optimizers)),
        ]

    def step(self, images: Tensor, labels: Tensor, progress: float) -> float:
        """Learn from one batch; `progress` in [0, 1) is the share of all steps done. Returns the loss."""
        set_progress(self._optimizers, progress)
        changed = self._changed(images, progress)
        share = self._draw_share() if progress < 1 - self.recipe.unmixed_end else 1.0
        loss = self._mixed_loss(changed, labels, share)
        self.network.zero_grad(set_to_none=True)
        loss.backward()
        for optimizer in self._optimizers:
            optimizer.step()
        self.averaged.update()
        return loss.item()

    def _changed(self, images: Tensor, progress: float) -> Tensor:
        """Changed at random; of what a pretrained trunk saw there are changed copies."""
        if self.recipe.kept_blocks:
            return one_copy(images, self._generator)
        changed = augment(images, self._generator, bool(self.recipe.mirror))
        return shrink(changed) if progress < self.recipe.small_start else changed

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
        with fast_precision():
            maps = self.network.features(images)
        return self.network.classify(maps.float())

    def _loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        return functional.cross_entropy(logits, labels, label_smoothing=self.recipe.label_smoothing)


def _part(tensors: dict[str, Tensor], name: str) -> dict[str, Tensor]:
    """Those whose names begin so, without that."""
    return {
        key.removeprefix(f"{name}."): tensor for key, tensor in tensors.items() if key.startswith(f"{name}.")
    }


def _as_bytes(document: Any) -> Tensor:
    return torch.tensor(list(json.dumps(document).encode()), dtype=torch.uint8)
