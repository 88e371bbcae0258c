"""`model.tar.gz`, packed and unpacked: which members it has, how large they may be, what is refused.

It is read once, from its first byte to its last, and nothing is extracted: a stream from S3 will do, and a
member that is not kept takes no memory. Names count without the leading `./` that
`tar czf model.tar.gz -C DIR .` writes; folders and further files are passed over.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Protocol, cast

MODEL, CARD = "model.onnx", "model.json"
MEMBERS = (CARD, MODEL)
MAXIMUM_BYTES = 256 * 1024 * 1024
"""Of the archive, unpacked."""
MAXIMUM_CARD_BYTES = 5_000_000
MAXIMUM_MEMBERS = 1000
MAXIMUM_HEADER_BYTES = 1024 * 1024
"""Of what stands before a member: tar lets a header announce a name of any length."""
_CHUNK = 256 * 1024
_LISTED = 5
"""Names that a message repeats."""
_UNREADABLE = (tarfile.TarError, zlib.error, EOFError, OSError)


class ArtifactError(ValueError):
    """The artifact is missing, damaged or none of ours; the message names it and says what to do."""


class Source(Protocol):
    """Where an archive's bytes come from: an open file, or the body of an answer."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class Unpacked:
    """`contents` of the members that were asked for, by name; `sha256` of the archive, in hex."""

    contents: dict[str, bytes]
    sha256: str


def pack(contents: Mapping[str, bytes]) -> bytes:
    """The archive of these members: names sorted, times, owners and gzip header fixed, so that identical
    content gives identical bytes.

    Raises ArtifactError for more than `unpack` reads.
    """
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in sorted(contents.items()):
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.mtime = len(content), 0o644, 0
            archive.addfile(member, io.BytesIO(content))
    if problem := _size_problem(CARD, len(contents[CARD])) or _total_problem(plain.tell()):
        raise ArtifactError(f"no model artifact can be made: {problem}")
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, compresslevel=9, mtime=0) as compressed:
        compressed.write(plain.getbuffer())
    return buffer.getvalue()


def unpack(source: Source, name: str, keep: Collection[str] = MEMBERS) -> Unpacked:
    """Read and check an archive that must have both MEMBERS; `name` is what messages call it.

    Raises ArtifactError: for links, devices, names that lead outside, files of one name, more than the limits
    above, a cut or damaged archive, and anything after its end.
    """
    hashed = _Hashed(source)
    plain = _Plain(gzip.GzipFile(fileobj=cast("io.RawIOBase", hashed)))
    try:
        found, contents = _read_members(plain, keep)
        _refuse_what_follows(plain)
        _refuse_missing(found)
    except _Refused as error:
        raise ArtifactError(f"{name} is no sound model artifact: {error}: train or copy it again") from None
    except _UNREADABLE as error:
        raise ArtifactError(
            f"{name} is no complete .tar.gz, or something follows it ({error}): train or copy it again"
        ) from error
    return Unpacked(contents, hashed.sha256)


class _Refused(Exception):
    """What is wrong with the archive."""


class _Hashed:
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


class _Plain:
    """The unzipped archive as tarfile wants it, read forwards only: no archive can fill the memory."""

    def __init__(self, source: gzip.GzipFile) -> None:
        self._source = source
        self._position = 0
        self.last = b""
        """What tarfile read last: behind the last member, the block in which it saw the archive's end."""

    def read(self, size: int) -> bytes:
        """For tarfile, which reads headers only."""
        if size > MAXIMUM_HEADER_BYTES:
            raise _Refused(f"a header announces {size:,} bytes, the limit is {MAXIMUM_HEADER_BYTES:,}")
        self.last = self.take(size)
        return self.last

    def take(self, size: int) -> bytes:
        """Up to `size` bytes, fewer only at the end."""
        data = self._source.read(min(size, MAXIMUM_BYTES + 1 - self._position))
        self._position += len(data)
        if problem := _total_problem(self._position):
            raise _Refused(problem)
        return data

    def tell(self) -> int:
        return self._position

    def seek(self, position: int) -> int:
        """Forwards, to at most the end."""
        while self._position < position and self.take(min(_CHUNK, position - self._position)):
            pass
        return self._position


def _read_members(plain: _Plain, keep: Collection[str]) -> tuple[list[str], dict[str, bytes]]:
    """The names of all files in it, and the contents of those to keep."""
    found: list[str] = []
    contents: dict[str, bytes] = {}
    with tarfile.open(fileobj=cast("io.BytesIO", plain), mode="r:") as archive:
        for count, member in enumerate(archive, 1):
            if count > MAXIMUM_MEMBERS:
                raise _Refused(f"it has more than {MAXIMUM_MEMBERS:,} members")
            name = _safe_name(member)
            if member.isdir():
                continue
            if name in found:
                raise _Refused(f"it holds {name} twice")
            found.append(name)
            if problem := _size_problem(name, member.size):
                raise _Refused(problem)
            if name in keep:
                contents[name] = _content(plain, member)
    return found, contents


def _safe_name(member: tarfile.TarInfo) -> str:
    """Where the member lies in the archive's folder; refuses what lies outside, and what is no plain file."""
    name = PurePosixPath(member.name)
    if name.is_absolute() or ".." in name.parts:
        raise _Refused(f"its member {member.name!r} leads outside the archive")
    if not (member.isdir() or member.isreg()) or member.issparse():
        raise _Refused(f"its member {member.name!r} is a link or a device, not a plain file")
    return str(name)


def _content(plain: _Plain, member: tarfile.TarInfo) -> bytes:
    plain.seek(member.offset_data)
    content = plain.take(member.size)
    if len(content) != member.size:
        raise EOFError("cut short")
    return content


def _refuse_what_follows(plain: _Plain) -> None:
    """Zeros fill up an archive. tarfile takes any other block for the end as well."""
    rest = plain.last
    while not rest.strip(b"\0"):
        if not (rest := plain.take(_CHUNK)):
            return
    raise _Refused("something follows its last member")


def _refuse_missing(found: Collection[str]) -> None:
    if missing := [name for name in MEMBERS if name not in found]:
        listed = ", ".join(list(found)[:_LISTED]) or "nothing"
        raise _Refused(f"it holds no {' and no '.join(missing)}, found {listed}")


def _size_problem(name: str, size: int) -> str | None:
    if name == CARD and size > MAXIMUM_CARD_BYTES:
        return f"its {CARD} has {size:,} bytes, the limit is {MAXIMUM_CARD_BYTES:,}"
    return _total_problem(size)


def _total_problem(size: int) -> str | None:
    return (
        f"it unpacks to more than {MAXIMUM_BYTES:,} bytes, which is the limit"
        if size > MAXIMUM_BYTES
        else None
    )
