"""Pictures held as bytes and once: the same numbers as when all were floats, in little memory."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import torch

from training.network.model import normalise
from training.network.pixels import Pixels, channel_statistics, look_into, where_they_lie

SCALE = torch.tensor([120.0, 110, 100]), torch.tensor([60.0, 61, 62])


def pictures(count: int, side: int = 16) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, side, side, 3), dtype=np.uint8)


def test_a_batch_is_what_it_would_be_of_all_as_floats() -> None:
    images, rows = torch.from_numpy(pictures(20)), torch.tensor([3, 17, 4, 0, 9])
    every = normalise(images, *SCALE).contiguous()[rows]
    chosen = Pixels(images, rows, SCALE)
    assert len(chosen) == 5
    batch = torch.tensor([4, 1])
    assert torch.equal(chosen[batch], every[batch])
    assert chosen[batch].stride() == every[batch].stride()
    parts, expected = list(chosen.split(2)), every.contiguous(memory_format=torch.channels_last).split(2)
    assert [len(part) for part in parts] == [2, 2, 1]
    for part, other in zip(parts, expected, strict=True):
        assert torch.equal(part, other)
        assert part.stride() == other.stride()


def test_other_processes_look_into_the_file(tmp_path: Path) -> None:
    images = pictures(5)
    assert look_into(where_they_lie(images)) is images
    np.save(tmp_path / "all.npy", images)
    mapped = np.load(tmp_path / "all.npy", mmap_mode="r+")
    place = where_they_lie(mapped)
    assert place == tmp_path / "all.npy"
    seen = look_into(place)
    assert np.array_equal(seen, images)
    torch.from_numpy(seen)[0] = 0
    assert np.array_equal(mapped, images)


def test_statistics_are_those_of_all_values() -> None:
    images = pictures(2_100, side=4)
    images[..., 1] //= 3
    images[..., 2] = 7
    mean, deviation = channel_statistics(images)
    assert mean.dtype == deviation.dtype == np.float32
    assert np.array_equal(mean, images.mean((0, 1, 2)).astype(np.float32))
    assert deviation[:2] == pytest.approx(images.std((0, 1, 2))[:2], rel=1e-6)
    assert deviation[2] == 1


def test_statistics_take_memory_for_a_few_pictures_only(tmp_path: Path) -> None:
    """Of 25 MB of pictures, whose squares would take 200."""
    np.save(tmp_path / "all.npy", pictures(8_000, side=32))
    images = look_into(tmp_path / "all.npy")
    tracemalloc.start()
    try:
        channel_statistics(images)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000
