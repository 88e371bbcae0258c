"""Lines of a stream of bytes, however it is cut into chunks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def split_lines(chunks: Iterable[bytes], limit: int) -> Iterator[bytes | None]:
    """The lines between the line feeds, without them; None for one of more than `limit` bytes.

    Of a line above the limit nothing is kept, so memory holds a chunk and a line at most. After the last line
    feed comes a line only if it has a byte.
    """
    rest = bytearray()
    too_long = False
    for chunk in chunks:
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            if too_long or len(rest) + end - start > limit:
                yield None
            else:
                rest += chunk[start:end]
                yield bytes(rest)
            rest.clear()
            too_long = False
            start = end + 1
        if too_long or len(rest) + len(chunk) - start > limit:
            rest.clear()
            too_long = True
        else:
            rest += chunk[start:]
    if too_long:
        yield None
    elif rest:
        yield bytes(rest)
