from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.errors import MalformedRecordIO
from serving.recordio import image_bytes, read_payloads
from tests.unit.serving.packs import MAGIC, image_record, record

WORD = struct.pack("<I", MAGIC)
payloads = st.lists(
    st.lists(st.one_of(st.just(WORD), st.binary(max_size=9)), max_size=6).map(b"".join),
    min_size=1,
    max_size=5,
)


@given(payloads)
def test_what_was_written_is_read_back(written: list[bytes]) -> None:
    assert list(read_payloads(b"".join(map(record, written)))) == written


@given(payloads, st.integers(min_value=1))
def test_a_cut_pack_is_refused_or_ends_between_records(written: list[bytes], cut: int) -> None:
    records = [record(payload) for payload in written]
    whole = b"".join(records)
    kept = len(whole) - 1 - cut % len(whole)
    ends = [sum(map(len, records[: count + 1])) for count in range(len(records))]
    if kept in ends:
        assert list(read_payloads(whole[:kept])) == written[: ends.index(kept) + 1]
    else:
        with pytest.raises(MalformedRecordIO, match="empty" if kept == 0 else r"byte \d+"):
            list(read_payloads(whole[:kept]))


def test_the_bytes_of_the_format() -> None:
    """A pack as the format's description has it, spelt out: whole, padded, and split at the magic."""
    pack = bytes.fromhex("0a23d7ce 03000000 61626300 0a23d7ce 04000020 31323334 0a23d7ce 01000060 35000000")
    assert list(read_payloads(pack)) == [b"abc", b"1234" + WORD + b"5"]


@pytest.mark.parametrize("labels", [1.0, (1.0, 2.0, 3.0)])
def test_header_and_labels_are_taken_off(labels: float | tuple[float, ...]) -> None:
    (payload,) = read_payloads(image_record(b"picture", labels))
    assert image_bytes(payload) == b"picture"


@pytest.mark.parametrize(
    ("pack", "where"),
    [
        (b"\x89PNG\r\n\x1a\n and more", "byte 0: no RecordIO magic"),
        (record(b"abcd") + b"junk and more", "byte 12: no RecordIO magic"),
        (record(b"abcd") + WORD, "byte 12: 4 bytes left"),
        (struct.pack("<II", MAGIC, 100) + b"short", "byte 0: a part of 100 bytes"),
        (struct.pack("<II", MAGIC, 5 << 29), "byte 4: part of unknown kind 5"),
        (struct.pack("<II", MAGIC, 3 << 29), "byte 0: a part of kind 3 where a record starts"),
        (struct.pack("<II", MAGIC, 1 << 29) + record(b""), "byte 8: a part of kind 0 where a record goes on"),
        (struct.pack("<II", MAGIC, 1 << 29), "byte 8: RecordIO ends in the middle"),
    ],
)
def test_broken_framing_names_the_byte(pack: bytes, where: str) -> None:
    with pytest.raises(MalformedRecordIO, match=where):
        list(read_payloads(pack))


@pytest.mark.parametrize("payload", [b"", b"short", struct.pack("<IfQQ", 1000, 0, 0, 0) + b"picture"])
def test_a_record_too_short_for_its_header_is_refused(payload: bytes) -> None:
    with pytest.raises(MalformedRecordIO, match=r"bytes"):
        image_bytes(payload)
