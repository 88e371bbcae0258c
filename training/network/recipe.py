"""Every number that shapes training, with its meaning, its limits and its default; the presets."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields, replace
from typing import Any

VIEWS = {1: 1, 2: 1, 3: 3, 6: 3}
"""How many views of an image may be averaged, and which of these are not mirrored."""


WIDTH = 16
PIXELS = 5.1e9
"""Seen by all networks of WIDTH channels together, augmented, over and over: about 90 minutes of a processor.

Of hundreds of small pictures 66 epochs are less by far. Of tens of thousands of photographs they would take a
day, and teach little that the first ten did not.
"""
TUNED_PIXELS = 1.1e10
"""The same where the last five of a pretrained network's blocks learn: 0.3 s for 32 pictures of 160x120."""


def number(meaning: str, default: Any, least: float, most: float = math.inf) -> Any:
    """A field with what it means and the least and the greatest value that makes sense."""
    return field(default=default, metadata={"meaning": meaning, "least": least, "most": most})


@dataclass(frozen=True)
class Recipe:
    """How the classifier is trained.

    Train and validation images are pooled and dealt into folds. Networks train on all folds but one, and
    calibration uses what they answer about that one. All folds * members networks are averaged in the end.
    """

    epochs: int = number("times that a network sees each of its images", 66, least=1)
    folds: int = number("parts to deal the images into; 1: validation alone calibrates", 4, least=1)
    members: int = number("networks that leave out the same fold", 1, least=1)
    views: int = number("views of an image to average: 1, 2 (mirrored), 3 (shifted) or 6 (both)", 6, 1, 6)
    mirror: int = number("1: a mirrored image is of the same class; 0: it is not", 1, 0, 1)
    width: int = number("channels of the first layer", WIDTH, least=1)
    batch_size: int = number("images a step", 32, least=2)
    learning_rate: float = number("of AdamW, the highest of the one-cycle schedule", 2e-3, 1e-8, 10)
    muon_learning_rate: float = number("of Muon, which trains the convolutions, likewise", 8e-3, 1e-8, 10)
    weight_decay: float = number("of AdamW and Muon", 0.05, least=0, most=10)
    dropout: float = number("before the last layer", 0.1, least=0, most=0.95)
    label_smoothing: float = number("above 0 it blurs which answers are sure", 0.0, least=0, most=0.9)
    mixup: float = number("parameters of the beta distribution to mix images by; 0: none", 0.2, 0, 10)
    unmixed_end: float = number("share of the steps, at the end, without mixup", 0.15, least=0, most=1)
    small_start: float = number("share of the steps, at the start, with smaller images", 0.6, 0, 1)
    kept_blocks: int = number(
        "of the 16 blocks of a pretrained EfficientNet-Lite0 the first so many, which stay as they are; "
        "0: a small network that begins with nothing",
        *(0, 0, 15),
    )
    enlarged: int = number(
        "pixels a side that a pretrained network has smaller images enlarged to", 128, 32, 256
    )
    copies: int = number("changed copies of an image that a pretrained network learns from", 6, 1, 100)
    tuning_rate: float = number("of AdamW, for pretrained layers, likewise", 5e-4, 1e-8, 1)
    weight_averaging: float = number("decay, a step, of the weights' average", 0.99, least=0, most=0.99999)
    seed: int = number("decides weights, folds and augmentation", 0, least=0)
    max_steps: int = number("end each network after so many steps; 0: where all take very long", 0, 0)

    def problems(self) -> list[str]:
        """What is outside its limits, each with the value and the limit; NaN is outside of any."""
        found = [
            f"{entry.name} {value} is not in {_interval(entry.metadata)}"
            for entry in fields(self)
            if not entry.metadata["least"] <= (value := getattr(self, entry.name)) <= entry.metadata["most"]
        ]
        if not found and self.views not in VIEWS:
            found.append(f"views {self.views} is none of {', '.join(map(str, VIEWS))}")
        return found


def without_mirror(recipe: Recipe) -> Recipe:
    """The recipe for images whose left and right matter: none is mirrored, in training or in the model."""
    return replace(recipe, mirror=0, views=VIEWS[recipe.views])


def within_time(recipe: Recipe, images: int, size: tuple[int, int]) -> Recipe:
    """With no more steps than take PIXELS or TUNED_PIXELS, where nothing was said of steps.

    images: to learn from, before one fold is held out; size: their (height, width).
    """
    networks = recipe.folds * recipe.members
    kept = images * (recipe.folds - 1) // recipe.folds or images
    area = size[0] * size[1]
    if recipe.kept_blocks:
        pixels, area = TUNED_PIXELS, max(area, recipe.enlarged**2)
    else:
        pixels = PIXELS * (WIDTH / recipe.width) ** 2
    most = int(pixels / (networks * recipe.batch_size * area))
    steps = recipe.epochs * max(1, kept // recipe.batch_size)
    return recipe if recipe.max_steps or most >= steps else replace(recipe, max_steps=max(1, most))


def _interval(limits: Any) -> str:
    most = "…" if limits["most"] == math.inf else f"{limits['most']:g}"
    return f"{limits['least']:g} to {most}"


PRESETS = {
    "full": Recipe(),
    "quick": Recipe(epochs=10, views=2),
    "photo": Recipe(
        epochs=8,
        views=1,
        learning_rate=5e-3,
        dropout=0.2,
        label_smoothing=0.1,
        unmixed_end=0.0,
        kept_blocks=11,
        weight_averaging=0.98,
    ),
}
