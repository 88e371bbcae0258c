"""How unlike the pictures learnt from a picture is: a number that does not rest on how sure the answer is.

Two judges, each a small classifier of training's pictures against strangers made of them: one looks at how a
picture looks, one at what the networks saw in it. The sterner of the two has its way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from training.data import at_once
from training.network.adam import AdamW
from training.network.appearance import appearance
from training.network.model import BATCH, Classifier, HeadedNetwork
from training.network.source import Source
from training.network.strangers import in_another_light, of_no_thing, through_another_lens

COPIES = 2
"""Strangers of each kind made of a picture."""
MOST = 4000
"""Pictures that are looked at; of more, the first so many in a random order."""
COMPARED = 256
"""Pictures on which the judges of several networks are compared."""
HIDDEN, STEPS, STEP_SIZE = 48, 400, 5e-3
APPEARANCE_PENALTY, SEEN_PENALTY = 1e-3, 0.3
"""On squared weights. What the networks saw are hundreds of numbers of a few hundred pictures."""
KEPT = 4
"""Every so manieth picture tells the scale of a judge, and does not teach it."""


class Judge(nn.Module):
    """Numbers [N, count] -> strangeness [N], mean 0 and deviation 1 on familiar pictures."""

    def __init__(self, count: int, hidden: int) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(count))
        self.register_buffer("spread", torch.ones(count))
        self.register_buffer("scale", torch.tensor([0.0, 1.0]))
        first = [nn.Linear(count, hidden), nn.SiLU()] if hidden else []
        self.layers = nn.Sequential(*first, nn.Linear(hidden or count, 1))

    centre: Tensor
    spread: Tensor
    scale: Tensor

    def forward(self, numbers: Tensor) -> Tensor:
        return (self.logits(numbers) - self.scale[0]) / self.scale[1]

    def logits(self, numbers: Tensor) -> Tensor:
        return torch.as_tensor(self.layers((numbers - self.centre) / self.spread)).squeeze(1)


class Unfamiliarity(nn.Module):
    """uint8 images [N, H, W, 3] and, by network, its pooled features [N, features] -> [N] in 0..1.

    One network may stand for several, and then all their judges look at what it saw.
    """

    agreement: Tensor

    def __init__(self, looks: Judge, things: Sequence[Judge]) -> None:
        super().__init__()
        self.looks, self.things = looks, nn.ModuleList(things)
        self.register_buffer("agreement", torch.tensor(1.0))

    def forward(self, images: Tensor, pooled: Sequence[Tensor]) -> Tensor:
        seen = self.see(pooled).mean(dim=0) / self.agreement
        return torch.sigmoid(torch.maximum(self.looks(appearance(images)), seen))

    def see(self, pooled: Sequence[Tensor]) -> Tensor:
        """[networks, N]: what each network's judge says."""
        each = [*pooled] * (len(self.things) // len(pooled))
        return torch.stack([judge(features) for judge, features in zip(self.things, each, strict=True)])

    def measure_agreement(self, pooled: Sequence[Tensor]) -> None:
        """The mean of several judges deviates less than each: by how much is told by how far they agree."""
        said = self.see(pooled)
        self.agreement = said.mean(0).std(correction=0) / (said.std(1, correction=0).mean() + 1e-6) + 1e-3


class WatchfulClassifier(nn.Module):
    """A classifier that says of each picture how unfamiliar it is: probabilities [N, classes], and [N]."""

    def __init__(self, classifier: Classifier, unfamiliarity: Unfamiliarity) -> None:
        super().__init__()
        self.classifier, self.unfamiliarity = classifier, unfamiliarity

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        probabilities, pooled = self.classifier.look(images)
        return probabilities, self.unfamiliarity(images, pooled)


def fit_unfamiliarity(
    networks: Sequence[HeadedNetwork],
    held_out: Sequence[NDArray[np.int64]],
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    source: Source,
    seed: int,
) -> Unfamiliarity:
    """Judges for the networks; `held_out`: by network the rows of images that it did not learn from.

    A network knows the pictures it learnt from too well: only of others does it tell how it sees a new one.
    `source`: what they learnt from. The same arguments give the same judges.
    """
    chance = np.random.default_rng(seed)
    chosen = chance.permutation(len(images))[:MOST]
    with _one_thread(), torch.random.fork_rng():
        torch.manual_seed(seed)
        looks = _judge_looks(images[chosen], chance)
        things = []
        for network, rows in zip(networks, held_out, strict=True):
            own = rows[np.isin(rows, chosen)]
            things.append(_judge_things(network, images[own], labels[own], source, chance))
        unfamiliarity = Unfamiliarity(looks, things).eval()
        few = images[chosen[:COMPARED]]
        unfamiliarity.measure_agreement(
            [_pooled(network, few, source) for network in source.served(networks)]
        )
        return unfamiliarity


def _judge_looks(images: NDArray[np.uint8], chance: np.random.Generator) -> Judge:
    kinds = (in_another_light, through_another_lens)
    made = [_appearance(kind(images, chance)) for kind in kinds for _ in range(COPIES)]
    return _fit(_appearance(images), torch.cat(made), HIDDEN, APPEARANCE_PENALTY)


def _appearance(images: NDArray[np.uint8]) -> Tensor:
    return torch.cat([appearance(part) for part in torch.from_numpy(images).split(_few(images))])


def _few(images: NDArray[np.uint8]) -> int:
    return at_once((images.shape[1], images.shape[2]), BATCH)


def _judge_things(
    network: HeadedNetwork,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    source: Source,
    chance: np.random.Generator,
) -> Judge:
    made = np.concatenate([of_no_thing(images, labels, chance) for _ in range(COPIES)])
    familiar, strange = (_pooled(network, each, source) for each in (images, made))
    return _fit(familiar, strange, 0, SEEN_PENALTY)


def _pooled(network: HeadedNetwork, images: NDArray[np.uint8], source: Source) -> Tensor:
    with torch.no_grad():
        parts = torch.from_numpy(images).split(_few(images))
        return torch.cat([network.pool(source.see(part)) for part in parts])


def _fit(familiar: Tensor, strange: Tensor, hidden: int, penalty: float) -> Judge:
    """Logistic regression, with a hidden layer where wanted; both sides weigh the same."""
    judge = Judge(familiar.shape[1], hidden)
    judge.centre, judge.spread = familiar.mean(0), familiar.std(0, correction=0) + 1e-3
    kept = torch.arange(len(familiar)) % KEPT == 0
    taught = torch.cat([familiar[~kept], strange])
    targets = torch.cat([torch.zeros(int((~kept).sum())), torch.ones(len(strange))])
    weights = torch.where(targets == 0, 0.5 / (targets == 0).sum(), 0.5 / (targets == 1).sum())
    optimizer = AdamW(judge.layers.parameters(), STEP_SIZE)
    for _ in range(STEPS):
        judge.layers.zero_grad()
        losses = functional.binary_cross_entropy_with_logits(judge.logits(taught), targets, reduction="none")
        weight = sum(layer.weight.square().sum() for layer in judge.layers if isinstance(layer, nn.Linear))
        ((losses * weights).sum() + penalty / 2 * weight).backward()
        optimizer.step()
    with torch.no_grad():
        unknown = judge.logits(familiar[kept])
        judge.scale = torch.stack([unknown.mean(), unknown.std(correction=0) + 1e-3])
    return judge.requires_grad_(False)


@contextmanager
def _one_thread() -> Iterator[None]:
    """What several threads add up depends on how many they are, and the artifact must not."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
