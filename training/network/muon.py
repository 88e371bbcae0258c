"""Muon: steps of even length in all directions of a matrix; learns convolutions in half of AdamW's steps.

Jordan et al., 2024 (kellerjordan.github.io/posts/muon); scaled to AdamW's step length as by Liu et al., 2025.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)  # quintic that brings singular values near 1
ITERATIONS = 5
ADAMW_STEP = 0.2  # root mean square of AdamW's usual update


class Muon:
    """For weights of two or more dimensions, taken as matrices [outputs, everything else]."""

    def __init__(
        self,
        weights: Iterable[Tensor],
        learning_rate: float,
        weight_decay: float,
        momentum: float = 0.95,
    ) -> None:
        self.highest = self.learning_rate = learning_rate
        self._weights = list(weights)
        self._weight_decay, self._momentum = weight_decay, momentum
        self._averages = [torch.zeros_like(weight) for weight in self._weights]

    def state(self) -> dict[str, Tensor]:
        """What it remembers, by name."""
        return {f"average.{at}": average for at, average in enumerate(self._averages)}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Remember what another one did."""
        for name, mine in self.state().items():
            mine.copy_(state[name])

    @torch.no_grad()
    def step(self) -> None:
        """Move every weight that has a gradient."""
        for weight, average in zip(self._weights, self._averages, strict=True):
            if weight.grad is not None:
                average.lerp_(weight.grad, 1 - self._momentum)
                nesterov = weight.grad.lerp(average, self._momentum)  # the average, moved on by the present
                update = orthogonalise(nesterov.flatten(1))
                length = self.learning_rate * ADAMW_STEP * max(update.shape) ** 0.5
                weight.mul_(1 - self.learning_rate * self._weight_decay)
                weight.add_(update.view_as(weight), alpha=-length)


def orthogonalise(matrix: Tensor) -> Tensor:
    """Nearly U V^T of the matrix's singular value decomposition U S V^T, by Newton-Schulz iterations.

    Each multiplies the matrix by a polynomial of its Gram matrix. The polynomials are gathered on the Gram
    matrix, which is small, and applied once.
    """
    first, third, fifth = NEWTON_SCHULZ
    wide = matrix.T if matrix.shape[0] > matrix.shape[1] else matrix
    wide = wide / (wide.norm() + 1e-7)
    gram, product = wide @ wide.T, torch.eye(len(wide))
    for _ in range(ITERATIONS):
        polynomial = first * torch.eye(len(wide)) + third * gram + fifth * gram @ gram
        product = polynomial @ product
        gram = polynomial @ gram @ polynomial
    orthogonal = product @ wide
    return orthogonal.T if matrix.shape[0] > matrix.shape[1] else orthogonal
