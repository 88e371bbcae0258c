"""The ten colours of classes are told apart with any colour vision, on paper and on a dark screen.

Colour vision is simulated after Machado, Oliveira and Fernandes (2009) at its full severity; distance is in
Oklab (Ottosson, 2020), of which 100 is from black to white; contrast is as WCAG 2 has it.
"""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

STYLES = Path(__file__).parents[4] / "reports/page/styles/colors.css"
VISIONS = np.array(
    [
        [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
    ]
)
CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
LEAST_DISTANCE, LEAST_CONTRAST = 10.0, 3.0


def linear(colour: str) -> np.ndarray:
    """Linear RGB of `#rrggbb`."""
    parts = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def seen(colour: str) -> np.ndarray:
    """[4, 3]: in Oklab, with each vision."""
    light = np.clip(VISIONS @ linear(colour), 0, 1)
    return 100 * np.cbrt(light @ CONES.T) @ OKLAB.T


def distance(one: str, other: str) -> float:
    """With the vision that tells them apart worst."""
    return float(np.linalg.norm(seen(one) - seen(other), axis=1).min())


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted(float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_ten_classes_are_told_apart_with_any_colour_vision(scheme: int) -> None:
    css = STYLES.read_text()
    colours = [re.findall(rf"--class-{number}: (#\w{{6}});", css)[scheme] for number in range(1, 11)]
    surface = re.findall(r"--surface: (#\w{6});", css)[scheme]
    other = re.findall(r"--class-other: (#\w{6});", css)[scheme]
    pairs = [*combinations(colours, 2), *((colour, other) for colour in colours[:-1])]  # the last is other's
    assert [pair for pair in pairs if distance(*pair) < LEAST_DISTANCE] == []
    assert [colour for colour in (*colours, other) if contrast(colour, surface) < LEAST_CONTRAST] == []


def test_the_same_colour_has_no_distance_and_black_is_a_hundred_from_white() -> None:
    assert distance("#0072b2", "#0072b2") == 0
    assert distance("#000000", "#ffffff") == pytest.approx(100, abs=0.1)
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
