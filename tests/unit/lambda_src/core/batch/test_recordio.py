"""What is written as RecordIO, against bytes made by hand, an independent reader, and the model server's."""

from __future__ import annotations

import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lambda_src.core.batch.recordio import MAGIC, image_record, record, split
from serving import recordio as served
from tests.unit.lambda_src.core.batch.recordio_reader import read_images, read_payloads
from tests.unit.serving.packs import record as record_by_words

PIECES = st.one_of(
    st.just(MAGIC), st.just(MAGIC[:3]), st.just(MAGIC[1:]), st.just(b"\0"), st.binary(max_size=9)
)
PAYLOADS = st.lists(PIECES, max_size=12).map(b"".join)
"""Bytes in which the magic is frequent, at multiples of four and beside them."""

WORD = bytes.fromhex("0a23d7ce")


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b"", "0a23d7ce 00000000"),
        (b"a", "0a23d7ce 01000000 61000000"),
        (b"abcd", "0a23d7ce 04000000 61626364"),
        (b"abcde", "0a23d7ce 05000000 61626364 65000000"),
        (WORD, "0a23d7ce 00000020 0a23d7ce 00000060"),
        (WORD + WORD, "0a23d7ce 00000020 0a23d7ce 00000040 0a23d7ce 00000060"),
        (b"abcd" + WORD + b"xyz", "0a23d7ce 04000020 61626364 0a23d7ce 03000060 78797a00"),
        (b"a" + WORD, "0a23d7ce 05000000 610a23d7 ce000000"),
        (WORD[:3], "0a23d7ce 03000000 0a23d700"),
        (b"a" + WORD + b"bcd" + WORD, "0a23d7ce 08000020 610a23d7 ce626364 0a23d7ce 00000060"),
    ],
)
def test_reference_bytes(payload: bytes, expected: str) -> None:
    assert record(payload) == bytes.fromhex(expected)
    assert read_payloads(bytes.fromhex(expected)) == [payload]


def test_reference_bytes_of_an_image_and_its_header() -> None:
    one = bytes.fromhex("0a23d7ce 1b000000 00000000 0000803f 0700000000000000 0000000000000000 61626300")
    assert image_record(b"abc", 7, 1.0) == one
    several = bytes.fromhex(
        "0a23d7ce 23000000 02000000 00000000 0700000000000000 0000000000000000 0000803f 00000040 61626300"
    )
    assert image_record(b"abc", 7, [1.0, 2.0]) == several


@given(st.lists(PAYLOADS, min_size=1, max_size=4))
@example([WORD * 3, b"", WORD])
def test_read_back_by_others(payloads: list[bytes]) -> None:
    pack = b"".join(map(record, payloads))
    assert pack == b"".join(map(record_by_words, payloads))
    assert len(pack) % 4 == 0
    assert read_payloads(pack) == payloads
    assert list(served.read_payloads(pack)) == payloads


LABELS = st.floats(width=32, allow_nan=False)


@given(
    PAYLOADS,
    st.integers(0, 2**64 - 1),
    st.one_of(LABELS, st.lists(LABELS, max_size=5)),
)
@example(b"", int.from_bytes(WORD * 2, "little"), struct.unpack("<f", WORD)[0])
def test_ids_and_labels(image: bytes, id: int, labels: float | list[float]) -> None:
    pack = image_record(image, id, labels)
    (read,) = read_images(pack)
    assert (read.id, read.image) == (id, image)
    assert (list(read.labels), read.label) == ((labels, 0.0) if isinstance(labels, list) else ([], labels))
    assert [served.image_bytes(payload) for payload in served.read_payloads(pack)] == [image]


@given(st.lists(PAYLOADS, max_size=6))
def test_split_gives_the_records_with_their_framing(payloads: list[bytes]) -> None:
    records = [record(payload) for payload in payloads]
    assert split(b"".join(records)) == records


@pytest.mark.parametrize(
    "damaged",
    [
        record(b"abcd")[:-1],
        record(b"abcd")[:-4],
        record(b"abcd")[:6],
        record(b"abcd") + b"\0\0\0\0\0\0\0\0",
        record(WORD)[:8],
    ],
)
def test_split_refuses_what_is_no_recordio(damaged: bytes) -> None:
    with pytest.raises(ValueError, match="RecordIO"):
        split(damaged)
