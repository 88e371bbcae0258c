"""A pack taken apart is its records; what is none is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.core.batch.recordio import split
from pictures.recordio import MAGIC, record


@given(st.lists(st.binary(max_size=9), max_size=6))
def test_split_gives_the_records_with_their_framing(payloads: list[bytes]) -> None:
    records = [record(payload + MAGIC) for payload in payloads]
    assert split(b"".join(records)) == records


@pytest.mark.parametrize(
    "damaged",
    [
        record(b"abcd")[:-1],
        record(b"abcd")[:-4],
        record(b"abcd")[:6],
        record(b"abcd") + b"\0\0\0\0\0\0\0\0",
        record(MAGIC)[:8],
    ],
)
def test_split_refuses_what_is_no_recordio(damaged: bytes) -> None:
    with pytest.raises(ValueError, match="RecordIO"):
        split(damaged)
