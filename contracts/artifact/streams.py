"""An archive as it streams by: its bytes counted, limited and digested, and never gone back to."""

from __future__ import annotations

import gzip
import hashlib
from typing import Protocol

CHUNK = 256 * 1024
"""Bytes read at a time."""


class Source(Protocol):
    """Where an archive's bytes come from: an open file, or the body of an answer."""

    def read(self, size: int, /) -> bytes: ...


class Refused(Exception):
    """What is wrong with the archive."""


def too_much(most: int) -> str:
    return f"it unpacks to more than {most:,} bytes, which is the limit"


class Hashed:
    """A source that remembers the digest of what was read of it."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        chunk = self._source.read(size)
        self._digest.update(chunk)
        return chunk

    @property
    def sha256(self) -> str:
        """Of all of it, once the archive was read to its end: gzip looks for further pieces up to there."""
        return self._digest.hexdigest()


class Forwards:
    """The unzipped archive as tarfile wants it, read forwards only: no archive can fill the memory."""

    def __init__(self, source: gzip.GzipFile, most: int, most_header: int) -> None:
        """`most` bytes in all, `most_header` at once of what stands before a member."""
        self._source = source
        self._most, self._most_header = most, most_header
        self._position = 0
        self.last = b""
        """What tarfile read last: behind the last member, the block in which it saw the archive's end."""

    def read(self, size: int) -> bytes:
        """For tarfile, which reads headers only."""
        if size > self._most_header:
            raise Refused(f"a header announces {size:,} bytes, the limit is {self._most_header:,}")
        self.last = self.take(size)
        return self.last

    def take(self, size: int) -> bytes:
        """Up to `size` bytes, fewer only at the end."""
        data = self._source.read(min(size, self._most + 1 - self._position))
        self._position += len(data)
        if self._position > self._most:
            raise Refused(too_much(self._most))
        return data

    def tell(self) -> int:
        return self._position

    def seek(self, position: int) -> int:
        """Forwards, to at most the end."""
        while self._position < position and self.take(min(CHUNK, position - self._position)):
            pass
        return self._position
