"""Image statistics against the definitions of their sources, computed another way."""

from __future__ import annotations

import statistics
from math import hypot

import numpy as np
import pytest
from scipy import ndimage  # type: ignore[import-untyped]

from tests.unit.serving.pictures import noise
from training.figures.image_statistics import image_statistics


def test_each_statistic_is_what_its_source_defines() -> None:
    images = noise(3, 12, 9, 3).astype(np.uint8)
    figures = image_statistics(images)
    for place, image in enumerate(images):
        pixels = [tuple(map(float, pixel)) for pixel in image.reshape(-1, 3)]
        luma = [0.299 * red + 0.587 * green + 0.114 * blue for red, green, blue in pixels]
        edges = ndimage.laplace(np.reshape(luma, image.shape[:2]))[1:-1, 1:-1]
        red_green = [red - green for red, green, _ in pixels]
        yellow_blue = [(red + green) / 2 - blue for red, green, blue in pixels]
        spread = hypot(statistics.pstdev(red_green), statistics.pstdev(yellow_blue))
        distance = hypot(statistics.fmean(red_green), statistics.fmean(yellow_blue))
        assert {name: values[place] for name, values in figures.items()} == pytest.approx(
            {
                "brightness": statistics.fmean(luma),
                "contrast": statistics.pstdev(luma),
                "sharpness": statistics.pvariance(edges.ravel().tolist()),
                "colorfulness": spread + 0.3 * distance,
            }
        )


@pytest.mark.parametrize("count", [0, 1, 256, 600])
def test_how_many_images_there_are_changes_no_figure(count: int) -> None:

    images = np.random.default_rng(0).integers(0, 256, (count, 48, 32, 3), dtype=np.uint8)
    figures = image_statistics(images)
    for row in range(0, count, 99):
        one = image_statistics(images[row : row + 1])
        assert {key: values[row] for key, values in figures.items()} == {
            key: values[0] for key, values in one.items()
        }
    assert {len(values) for values in figures.values()} == {count}
