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
