"""Turn scores into honest probabilities, and choose the confidence from which to trust them. NumPy only."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

TEMPERATURES = (0.05, 20.0)
GOLDEN = (np.sqrt(5) - 1) / 2
AVERAGING = 0.118
"""How much lower the temperature of an average of very many networks is than that of one of them.

Measured on held-out CIFAR-100 training pictures: 2, 3 and 4 averaged networks, each calibrated alone, are
calibrated together at temperatures of 0.944, 0.921 and 0.911, which 1 - AVERAGING * (1 - 1 / n) fits.
"""


@dataclass(frozen=True)
class Threshold:
    """A confidence from which answers are trusted, and what it did on `images` held-out images.

    precision: share of right answers among the trusted ones, None when none was trusted.
    coverage: share of trusted answers.
    reached: whether a threshold reaches the target, within the doubt; if not, this is the most precise one.
    """

    recommended: float
    target_precision: float
    precision: float | None
    coverage: float
    images: int
    reached: bool

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities [N, classes] of logits [N, classes]."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def negative_log_likelihood(logits: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """Mean over the images, in nats."""
    top = logits.max(axis=1)
    normaliser = np.log(np.exp(logits - top[:, None]).sum(axis=1)) + top
    return float((normaliser - logits[np.arange(len(labels)), labels]).mean())


def fit_temperature(logits: NDArray[np.float64], labels: NDArray[np.int64], rounds: int = 60) -> float:
    """The temperature that makes softmax(logits / temperature) most likely (Guo et al., 2017).

    `logits` [N, classes] must come from a network that did not train on these images. The likelihood has
    one maximum in 1 / temperature, found by golden-section search between TEMPERATURES.
    """
    low, high = np.log(TEMPERATURES[0]), np.log(TEMPERATURES[1])
    for _ in range(rounds):
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        losses = [negative_log_likelihood(logits / np.exp(point), labels) for point in (left, right)]
        low, high = (low, right) if losses[0] <= losses[1] else (left, high)
    return round(float(np.exp((low + high) / 2)), 6)


def averaged_temperature(temperature: float, fitted_on: int, averaged: int) -> float:
    """For the mean logits of `averaged` networks, when it was fitted on those of `fitted_on` networks.

    Mean logits lie closer together than those of one network, and yet are more often right:
    without this the average would be underconfident.
    """

    def relative(networks: int) -> float:
        return 1 - AVERAGING * (1 - 1 / networks)

    return round(temperature * relative(averaged) / relative(fitted_on), 6)


def recommend_threshold(
    confidence: NDArray[np.float64], correct: NDArray[np.bool_], target_precision: float, doubt: float = 0.0
) -> Threshold:
    """The lowest threshold whose precision on held-out images does not speak against the target.

    Of n trusted answers the share of right ones must come within `doubt` standard errors of the target:
    at least target - doubt * sqrt(target * (1 - target) / n). Fewer than 1 / (1 - target) answers say
    nothing about the target and are never enough. With doubt 0 the precision itself must reach it; a
    doubt above 0 is for answers of single networks when the average of several will be used, which errs less.
    """
    order = np.argsort(-confidence, kind="stable")
    ranked, right = confidence[order], np.cumsum(correct[order])
    count = np.arange(1, len(ranked) + 1)
    required = target_precision - doubt * np.sqrt(target_precision * (1 - target_precision) / count)
    is_cut = np.append(ranked[1:] < ranked[:-1], True)  # equal confidences cannot be told apart
    enough = count * (1 - target_precision) >= 1 - 1e-9
    reaching = np.flatnonzero(is_cut & enough & (right / count >= required))
    most_precise = int(np.argmax(np.where(is_cut, right / (count + 1), -1.0)))
    last = int(reaching[-1]) if len(reaching) else most_precise
    threshold = _between(ranked, last)
    trusted = confidence >= threshold
    return Threshold(
        recommended=threshold,
        target_precision=target_precision,
        precision=float(correct[trusted].mean()) if trusted.any() else None,
        coverage=float(trusted.mean()),
        images=len(confidence),
        reached=bool(len(reaching)),
    )


def _between(ranked: NDArray[np.float64], last: int) -> float:
    """A short number above the next confidence and not above the last one that is to be trusted."""
    following = float(ranked[last + 1]) if last + 1 < len(ranked) else 0.0
    middle = (float(ranked[last]) + following) / 2
    for digits in range(3, 16):
        if following < round(middle, digits) <= ranked[last]:
            return round(middle, digits)
    return float(ranked[last])
