"""The drawn pictures: the same for a seed whatever else is drawn, and not to be told apart by colour."""

from __future__ import annotations

import numpy as np

from training.staging.drawing.picture import VEHICLES, draw_picture
from training.staging.example import Example, silent
from training.staging.sources import draw_examples

LINEAR_LIMIT = 0.80
"""What a linear classifier on raw pixels must stay below, for the set to be worth a network."""


def by_name(examples: list[Example]) -> dict[str, str]:
    return {example.name: example.content for example in examples}


def test_a_picture_depends_on_seed_class_and_number_only() -> None:
    few = draw_examples(("bicycle", "car"), 30, 7, silent)
    many = draw_examples(("car", "truck", "bicycle"), 45, 7, silent)
    other = draw_examples(("bicycle", "car"), 30, 8, silent)
    assert by_name(few.train).items() <= by_name(many.train).items()
    assert by_name(few.test).items() <= by_name(many.test).items()
    assert not set(by_name(few.train).values()) & set(by_name(other.train).values())
    assert not set(by_name(few.train)) & set(by_name(few.test))
    assert len(few.test) == 12


def test_every_vehicle_is_drawn_as_many_different_pictures() -> None:
    for vehicle in VEHICLES:
        pictures = [draw_picture(vehicle, 0, index) for index in range(40)]
        assert all(picture.shape == (32, 32, 3) and picture.dtype == np.uint8 for picture in pictures)
        assert len({picture.tobytes() for picture in pictures}) == 40
        assert np.mean([picture.std() for picture in pictures]) > 15


def test_a_linear_classifier_on_raw_pixels_does_not_solve_it() -> None:
    """Ridge regression on standardised pixels, at the best of a wide range of penalties on the test part."""
    examples = draw_examples(("bicycle", "motorcycle"), 500, 0, silent)
    pixels, sides = design(examples.train)
    tested, truth = design(examples.test)
    mean, deviation = pixels.mean(0), pixels.std(0)
    pixels, tested = (pixels - mean) / deviation, (tested - mean) / deviation
    gram = pixels @ pixels.T
    accuracies = []
    for penalty in (1e1, 1e3, 1e4, 1e5):
        weights = pixels.T @ np.linalg.solve(gram + penalty * np.eye(len(gram)), sides)
        accuracies.append(np.mean(np.sign(tested @ weights) == truth))
    assert 0.5 < max(accuracies) < LINEAR_LIMIT


def design(examples: list[Example]) -> tuple[np.ndarray, np.ndarray]:
    """Flattened pixels, and -1 or 1 for the label."""
    pixels = np.stack([example.pixels.ravel() for example in examples]).astype(np.float64)
    return pixels, np.array([2 * example.label - 1 for example in examples], dtype=np.float64)
