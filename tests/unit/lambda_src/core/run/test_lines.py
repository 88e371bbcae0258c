"""Lines are the same however their bytes are cut, and never longer than the limit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lambda_src.core.run.lines import split_lines

LIMIT = 6


@given(st.binary(max_size=60).map(lambda data: data.replace(b"\x01", b"\n")), st.lists(st.integers(1, 9)))
def test_chunks_do_not_matter(data: bytes, sizes: list[int]) -> None:
    expected = data.split(b"\n")
    if not expected[-1]:
        expected.pop()
    chunks, rest = [], data
    for size in sizes:
        chunks.append(rest[:size])
        rest = rest[size:]
    lines = list(split_lines([*chunks, rest], LIMIT))
    assert lines == [line if len(line) <= LIMIT else None for line in expected]


def test_nothing_is_kept_of_a_line_above_the_limit() -> None:
    chunks = [b"ab\n", *[b"x" * 5] * 1000, b"y\nlast"]
    assert list(split_lines(chunks, LIMIT)) == [b"ab", None, b"last"]
    assert list(split_lines([b"123456\n1234567\n", b"123", b"4567"], LIMIT)) == [b"123456", None, None]
