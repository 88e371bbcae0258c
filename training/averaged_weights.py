"""Weights averaged along training, which generalise better than the last ones."""

from __future__ import annotations

import torch
from torch import Tensor

from training.model import Network


class AveragedWeights:
    """An exponential moving average of a network in training, kept in `network` of the same shape.

    Takes in the statistics of batch normalisation too. The decay grows to its limit, so that the random
    first weights are forgotten soon.
    """

    def __init__(self, network: Network, decay: float) -> None:
        self.network = Network(network.classes, network.width)
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.network.load_state_dict(network.state_dict())
        self.network.eval()
        self._mine = _weights(self.network)
        self._theirs = _weights(network)
        self._decay = decay
        self._updates = 0

    def update(self) -> None:
        """Take the weights that the network has after a step into the average."""
        self._updates += 1
        decay = min(self._decay, (1 + self._updates) / (10 + self._updates))
        with torch.no_grad():
            for mine, theirs in zip(self._mine, self._theirs, strict=True):
                mine.lerp_(theirs, 1 - decay)


def _weights(network: Network) -> list[Tensor]:
    return [tensor for tensor in network.state_dict().values() if tensor.is_floating_point()]
