"""Which size a model takes pictures in."""

from __future__ import annotations

import numpy as np
import pytest

from training.input_size import choose_size, usual_size
from training.manifest import DatasetError


@pytest.mark.parametrize(
    ("requested", "native", "size"),
    [
        ("", (48, 64), (48, 64)),
        ("", (8, 256), (8, 256)),
        ("", (480, 640), (96, 128)),
        ("", (4000, 3000), (128, 96)),
        ("", (4, 4), (32, 32)),
        ("", (20, 640), (8, 128)),
        ("80", (480, 640), (60, 80)),
        ("80", (640, 480), (80, 60)),
        ("80x20", (640, 480), (20, 80)),
    ],
)
def test_the_pictures_ratio_is_kept_unless_both_sides_are_given(
    requested: str, native: tuple[int, int], size: tuple[int, int]
) -> None:
    assert choose_size(requested, native) == size


@pytest.mark.parametrize(
    ("sizes", "size"),
    [
        ([(480, 640)] * 5, (96, 128)),
        ([(480, 640)] * 5 + [(640, 480)] * 2, (96, 128)),
        ([(480, 640), (640, 480)] * 3, (128, 128)),
        ([(20, 30), (22, 30), (4000, 3000)], (22, 30)),
    ],
)
def test_pictures_of_several_sizes_are_taken_in_as_most_of_them_are(
    sizes: list[tuple[int, int]], size: tuple[int, int]
) -> None:
    assert choose_size("", usual_size(np.array(sizes))) == size


@pytest.mark.parametrize(
    ("requested", "native", "size"),
    [
        ("", (32, 32), (32, 32)),
        ("", (120, 160), (120, 160)),
        ("", (480, 640), (120, 160)),
        ("", (200, 100), (160, 80)),
        ("224", (480, 640), (168, 224)),
    ],
)
def test_a_pretrained_network_sees_more_of_large_pictures(
    requested: str, native: tuple[int, int], size: tuple[int, int]
) -> None:
    assert choose_size(requested, native, pretrained=True) == size


@pytest.mark.parametrize(
    ("requested", "reason"),
    [
        ("7", "--image-size 7: the network takes 8 to 256 pixels"),
        ("64x257", "--image-size 64x257: the network takes 8 to 256 pixels"),
        ("64 x 48", "--image-size 64 x 48 is neither pixels"),
        ("-1", "--image-size -1 is neither pixels"),
    ],
)
def test_another_size_is_refused(requested: str, reason: str) -> None:
    with pytest.raises(DatasetError, match=f"^{reason}"):
        choose_size(requested, (48, 64))
