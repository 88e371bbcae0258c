"""Images into packs: none too large, none missing, the order kept."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.core.batch.packs import MAX_PACK_BYTES, Record, framed, into_packs, pack_key, packs_prefix
from lambda_src.core.batch.recordio import split
from lambda_src.core.batch.rows import BatchImage
from lambda_src.core.errors import ImageTooLarge
from pictures.recordio import MAGIC
from tests.unit.pictures.recordio_reader import read_images

LARGEST = MAX_PACK_BYTES - 8 - 24
"""An image that just fits: its pack has one record of one part, 8 bytes of frame and 24 of header."""


def image(n: int) -> BatchImage:
    return BatchImage(n, "inbox", f"{n}.png")


def test_a_request_of_sagemaker_is_the_limit() -> None:
    assert MAX_PACK_BYTES == 6_291_456


def test_keys_are_the_same_at_every_attempt() -> None:
    assert pack_key(packs_prefix("packs/", "run-1"), "7-0") == "packs/run-1/7-0.rec"


@given(st.lists(st.integers(1, 2_500_000), max_size=30))
def test_packs_by_size(sizes: list[int]) -> None:
    records = [Record(image(n), bytes(size)) for n, size in enumerate(sizes)]
    packs = list(into_packs(records))
    assert [n.n for images, _ in packs for n in images] == list(range(len(sizes)))
    assert b"".join(body for _, body in packs) == b"".join(record.record for record in records)
    assert all(images and 0 < len(body) <= MAX_PACK_BYTES for images, body in packs)
    lengths = [len(body) for _, body in packs]
    assert all(one + next_ > MAX_PACK_BYTES for one, next_ in pairwise(lengths))


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_a_pack_is_filled_to_its_last_byte(count: int) -> None:
    half = bytes(MAX_PACK_BYTES // 2 - 32)
    packs = list(into_packs(framed(image(n), half) for n in range(count)))
    assert [len(images) for images, _ in packs] == {0: [], 1: [1], 2: [2], 3: [2, 1]}[count]
    assert all(len(body) == MAX_PACK_BYTES for images, body in packs if len(images) == 2)


def test_records_carry_the_images_numbers() -> None:
    ((_, body),) = into_packs([framed(image(n), b"%d" % n) for n in (5, 2, 9)])
    assert [(read.id, read.image) for read in read_images(body)] == [(5, b"5"), (2, b"2"), (9, b"9")]
    assert len(split(body)) == 3


def test_an_image_too_large_for_any_pack() -> None:
    assert len(framed(image(3), bytes(LARGEST)).record) == MAX_PACK_BYTES
    with pytest.raises(ImageTooLarge, match=r"inbox/3\.png' has 6,291,425 bytes, framed 6,291,460; a pack"):
        framed(image(3), bytes(LARGEST + 1))
    with pytest.raises(ImageTooLarge, match="framed"):  # each magic inside costs a frame
        framed(image(3), bytes(LARGEST - 4) + MAGIC)
