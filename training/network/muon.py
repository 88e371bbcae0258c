"""Muon: steps of even length in all directions of a matrix; learns convolutions in half of AdamW's steps.

Jordan et al., 2024 (kellerjordan.github.io/posts/muon); scaled to AdamW's step length as by Liu et al., 2025.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)  # quintic that brings singular values near 1
ITERATIONS = 5
ADAMW_STEP = 0.2  # root mean square of AdamW's usual update


class Muon(torch.optim.Optimizer):
    """For weights of two or more dimensions, taken as matrices [outputs, everything else]."""

    def __init__(
        self,
        weights: Iterable[Tensor],
        lr: float,
        weight_decay: float,
        momentum: float = 0.95,
    ) -> None:
        super().__init__(weights, {"lr": lr, "weight_decay": weight_decay, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]  # noqa: ARG002
        """Move every weight that has a gradient; there is no closure, which only the base class needs."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None:
                    direction = self._look_ahead(weight, weight.grad, group["momentum"]).flatten(1)
                    update = orthogonalise(direction)
                    length = group["lr"] * ADAMW_STEP * max(update.shape) ** 0.5
                    weight.mul_(1 - group["lr"] * group["weight_decay"])
                    weight.add_(update.view_as(weight), alpha=-length)

    def _look_ahead(self, weight: Tensor, gradient: Tensor, momentum: float) -> Tensor:
        """Nesterov's direction: the averaged gradient, moved on by the present one."""
        state = self.state[weight]
        if "average" not in state:
            state["average"] = torch.zeros_like(weight)
        average: Tensor = state["average"].lerp_(gradient, 1 - momentum)
        return gradient.lerp(average, momentum)


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
