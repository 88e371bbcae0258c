"""What is written as RecordIO, against bytes made by hand, an independent reader, and the model server's."""

from __future__ import annotations

import io
import struct
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pictures import recordio
from pictures.recordio import MAGIC, BrokenRecordIO, image_record, read_records, record
from serving import recordio as served
from tests.unit.pictures.recordio_reader import read_images, read_payloads
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


@given(st.lists(PAYLOADS, max_size=4), st.binary(min_size=1, max_size=9))
def test_a_record_is_found_where_it_lies(payloads: list[bytes], junk: bytes) -> None:
    """And what breaks the framing is told after the records before it, by its byte."""
    records = [record(payload) for payload in payloads]
    whole = b"".join(records)
    found = list(read_records(io.BytesIO(whole)))
    assert [whole[each.start : each.end] for each in found] == records
    assert [each.payload for each in found] == payloads
    reading = read_records(io.BytesIO(whole + b"?" + junk))
    assert [next(reading) for _ in payloads] == found
    with pytest.raises(BrokenRecordIO, match=f"byte {len(whole)}: "):
        next(reading)


def test_no_length_that_a_file_announces_is_held_in_memory() -> None:
    """A part of half a gigabyte in a file of 16 bytes, and records that parts make endless."""
    with pytest.raises(BrokenRecordIO, match="byte 0: a part of 536870911 bytes runs past the end"):
        next(read_records(io.BytesIO(struct.pack("<II8x", 0xCED7230A, 0x1FFFFFFF))))
    endless = record(b"abcd") + b"".join(struct.pack("<II", 0xCED7230A, kind << 29) for kind in (1, 2, 2))
    with (
        patch.object(recordio, "MAX_RECORD_BYTES", 16),
        pytest.raises(BrokenRecordIO, match="byte 12: a record of more than 16 bytes"),
    ):
        list(read_records(io.BytesIO(endless)))


def test_a_payload_that_no_part_can_hold_is_not_written() -> None:
    class Endless(bytes):
        def __len__(self) -> int:
            return 1 << 29

    with pytest.raises(ValueError, match="too many for one record"):
        record(Endless())
