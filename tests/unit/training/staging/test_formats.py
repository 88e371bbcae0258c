"""Splits in RecordIO: against bytes made by hand, and an independent reader; and noticed when damaged."""

from __future__ import annotations

import math
import struct
from pathlib import Path

import pytest

from tests.unit.pictures.recordio_reader import Read, read_images
from training.staging.formats import Placed, RecordIO

WORD = bytes.fromhex("0a23d7ce")
PICTURES = [
    Placed(1, "train/a.png", b"abc", "p1"),
    Placed(0, "train/b/\N{SNOWMAN}.jpg", b"abcdefgh" + WORD + b"xyz"),
    Placed(12, "train/c.png", b""),
]


@pytest.fixture
def written(tmp_path: Path) -> Path:
    RecordIO().write(tmp_path, "train", iter(PICTURES))
    return tmp_path


def test_the_bytes_are_those_of_im2rec(written: Path) -> None:
    """Of `im2rec --pass-through` on the same list: header 0, label, index, 0; split at the magic; padded.

    The second picture's payload holds the magic at byte 32, its record begins at byte 36.
    """
    assert (written / "train.rec").read_bytes() == bytes.fromhex(
        "0a23d7ce 1b000000 00000000 0000803f 0000000000000000 0000000000000000 61626300"
        "0a23d7ce 20000020 00000000 00000000 0100000000000000 0000000000000000 6162636465666768"
        "0a23d7ce 03000060 78797a00"
        "0a23d7ce 18000000 00000000 00004041 0200000000000000 0000000000000000"
    )
    assert (written / "train.idx").read_bytes() == b"0\t0\n1\t36\n2\t88\n"
    assert (written / "train.lst").read_bytes() == (
        "0\t1.000000\ttrain/a.png\n1\t0.000000\ttrain/b/\N{SNOWMAN}.jpg\n2\t12.000000\ttrain/c.png\n"
    ).encode()
    assert (written / "train.groups").read_bytes() == b"0\tp1\n"
    endings = ["groups", "idx", "lst", "rec"]
    assert sorted(path.name for path in written.iterdir()) == [f"train.{ending}" for ending in endings]


def test_an_independent_reader_finds_every_picture_by_the_index(written: Path) -> None:
    pack = (written / "train.rec").read_bytes()
    expected = [Read(key, float(one.label), (), one.body) for key, one in enumerate(PICTURES)]
    assert read_images(pack) == expected
    offsets = [int(line.split("\t")[1]) for line in (written / "train.idx").read_text().splitlines()]
    ends = [*offsets[1:], len(pack)]
    assert [read_images(pack[at:end])[0] for at, end in zip(offsets, ends, strict=True)] == expected


def test_what_was_written_is_read_back(written: Path) -> None:
    assert list(RecordIO().read(written, "train")) == PICTURES


@pytest.mark.parametrize(
    ("name", "old", "new", "reason"),
    [
        ("train.rec", bytes.fromhex("0a23d7ce 18"), b"", "byte 88: no RecordIO magic"),
        (
            "train.rec",
            bytes.fromhex("1b000000 00000000"),
            bytes.fromhex("1b000000 01000000"),
            "cannot hold them",
        ),
        ("train.rec", struct.pack("<f", 12), struct.pack("<f", math.nan), "differ at byte 88"),
        ("train.lst", b"12.0", b"11.0", "train.lst and train.rec differ at byte 88"),
        ("train.lst", b"2\t12", b"3\t12", "train.lst and train.rec differ at byte 88"),
        ("train.lst", b"0\t1.000000\ttrain/a.png\n", b"", "train.lst and train.rec differ at byte 0"),
        ("train.idx", b"36", b"40", "train.idx and train.rec differ at byte 36"),
        ("train.idx", b"2\t88\n", b"", "different numbers of pictures"),
    ],
)
def test_damage_is_noticed(written: Path, name: str, old: bytes, new: bytes, reason: str) -> None:
    file = written / name
    assert old in file.read_bytes()
    file.write_bytes(file.read_bytes().replace(old, new))
    with pytest.raises(ValueError, match=reason):
        list(RecordIO().read(written, "train"))
