"""AdamW: steps of a length that each weight's own gradients decide (Loshchilov and Hutter, 2019).

Not torch.optim's, bit for bit as it steps: that loads torch's compiler, 2.5 s of processor time in every
process that trains.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor


class AdamW:
    """For weights of any shape. `weight_decay` is the share of the learning rate that weights shrink by."""

    def __init__(
        self,
        weights: Iterable[Tensor],
        learning_rate: float,
        weight_decay: float = 0.0,
        betas: tuple[float, float] = (0.9, 0.999),
        epsilon: float = 1e-8,
    ) -> None:
        self.highest = self.learning_rate = learning_rate
        self._weights = list(weights)
        self._weight_decay, self._betas, self._epsilon = weight_decay, betas, epsilon
        self._averages = [torch.zeros_like(weight) for weight in self._weights]
        self._squares = [torch.zeros_like(weight) for weight in self._weights]
        self._steps = 0

    def state(self) -> dict[str, Tensor]:
        """What it remembers, by name."""
        averages = {f"average.{at}": average for at, average in enumerate(self._averages)}
        squares = {f"square.{at}": square for at, square in enumerate(self._squares)}
        return {**averages, **squares, "steps": torch.tensor(self._steps)}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Remember what another one did."""
        self._steps = int(state["steps"])
        for name, mine in self.state().items():
            mine.copy_(state[name])

    @torch.no_grad()
    def step(self) -> None:
        """Move every weight that has a gradient."""
        self._steps += 1
        first, second = self._betas
        length = self.learning_rate / (1 - first**self._steps)
        correction = (1 - second**self._steps) ** 0.5
        for weight, average, square in zip(self._weights, self._averages, self._squares, strict=True):
            if (gradient := weight.grad) is not None:
                weight.mul_(1 - self.learning_rate * self._weight_decay)
                average.lerp_(gradient, 1 - first)
                square.mul_(second).addcmul_(gradient, gradient, value=1 - second)
                weight.addcdiv_(average, square.sqrt().div_(correction).add_(self._epsilon), value=-length)
