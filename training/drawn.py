"""The drawn data set: any number of pictures of vehicles from a seed, in a few seconds."""

from __future__ import annotations

from training.drawing.picture import VEHICLES, VERSION, draw_picture
from training.example import Example, Examples, Progress
from training.staging_error import StagingError

__all__ = ["VEHICLES", "VERSION", "draw_examples"]

IMAGE_LIMITS = (30, 100_000)
"""Fewest and most pictures of a class."""
TEST_STEP = 5
"""One picture in so many is for testing."""


def draw_examples(classes: tuple[str, ...], images: int, seed: int, progress: Progress) -> Examples:
    """`images` pictures of each class, a fifth of them for testing.

    A picture depends on the seed, its class and its number only: more pictures or other classes add
    to a data set without changing what was in it.
    """
    fewest, most = IMAGE_LIMITS
    if not fewest <= images <= most:
        raise StagingError(f"{images} pictures a class is outside {fewest:,} to {most:,}.")
    examples = Examples(train=[], test=[])
    for label, vehicle in enumerate(classes):
        for index in range(images):
            name = f"{vehicle}_s_{index:06d}.png"
            part = examples.test if index % TEST_STEP == TEST_STEP - 2 else examples.train
            part.append(Example(name, label, draw_picture(vehicle, seed, index)))
            progress("drawing pictures", label * images + index + 1, len(classes) * images)
    return examples
