"""`model.tar.gz`, packed and unpacked: which members it has, how large they may be, what is refused.

It is read once, from its first byte to its last, and nothing is extracted: a stream from S3 will do, and a
member that is not kept takes no memory. Names count without the leading `./` that
`tar czf model.tar.gz -C DIR .` writes; folders and further files are passed over.
"""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import cast

from contracts.artifact.streams import CHUNK, Forwards, Hashed, Refused, Source, too_much

MODEL, CARD = "model.onnx", "model.json"
MEMBERS = (CARD, MODEL)
GOLDEN = "golden.json"
"""What some pictures must be answered with: may be missing, and is no matter of serving."""
MAXIMUM_GOLDEN_PICTURES = 16
GOLDEN_PICTURES = tuple(
    f"golden/{number:02}{ending}"
    for number in range(MAXIMUM_GOLDEN_PICTURES)
    for ending in (".jpg", ".png", ".webp")
)
"""What those pictures may be called: so few names, that whoever keeps them holds little."""
MAXIMUM_BYTES = 256 * 1024 * 1024
"""Of the archive, unpacked."""
MAXIMUM_CARD_BYTES = 5_000_000
MAXIMUM_GOLDEN_BYTES = 1_000_000
"""Of golden.json, of each of its pictures, and of these together."""
MAXIMUM_MEMBERS = 1000
MAXIMUM_HEADER_BYTES = 1024 * 1024
"""Of what stands before a member: tar lets a header announce a name of any length."""
_LISTED = 5
"""Names that a message repeats."""
_UNREADABLE = (tarfile.TarError, zlib.error, EOFError, OSError)


class ArtifactError(ValueError):
    """The artifact is missing, damaged or none of ours; the message names it and says what to do."""


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
    found = [_size_problem(name, len(content)) for name, content in contents.items()]
    if problem := next(filter(None, [*found, _total_problem(plain.tell())]), None):
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
    hashed = Hashed(source)
    unzipped = gzip.GzipFile(fileobj=cast("io.RawIOBase", hashed))
    plain = Forwards(unzipped, MAXIMUM_BYTES, MAXIMUM_HEADER_BYTES)
    try:
        found, contents = _read_members(plain, keep)
        _refuse_what_follows(plain)
        _refuse_missing(found)
    except Refused as error:
        raise ArtifactError(f"{name} is no sound model artifact: {error}: train or copy it again") from None
    except _UNREADABLE as error:
        raise ArtifactError(
            f"{name} is no complete .tar.gz, or something follows it ({error}): train or copy it again"
        ) from error
    return Unpacked(contents, hashed.sha256)


def _read_members(plain: Forwards, keep: Collection[str]) -> tuple[list[str], dict[str, bytes]]:
    """The names of all files in it, and the contents of those to keep."""
    found: list[str] = []
    contents: dict[str, bytes] = {}
    with tarfile.open(fileobj=cast("io.BytesIO", plain), mode="r:") as archive:
        for count, member in enumerate(archive, 1):
            if count > MAXIMUM_MEMBERS:
                raise Refused(f"it has more than {MAXIMUM_MEMBERS:,} members")
            name = _safe_name(member)
            if member.isdir():
                continue
            if name in found:
                raise Refused(f"it holds {name} twice")
            found.append(name)
            if problem := _size_problem(name, member.size):
                raise Refused(problem)
            if name in keep:
                contents[name] = _content(plain, member)
    return found, contents


def _safe_name(member: tarfile.TarInfo) -> str:
    """Where the member lies in the archive's folder; refuses what lies outside, and what is no plain file."""
    name = PurePosixPath(member.name)
    if name.is_absolute() or ".." in name.parts:
        raise Refused(f"its member {member.name!r} leads outside the archive")
    if not (member.isdir() or member.isreg()) or member.issparse():
        raise Refused(f"its member {member.name!r} is a link or a device, not a plain file")
    return str(name)


def _content(plain: Forwards, member: tarfile.TarInfo) -> bytes:
    plain.seek(member.offset_data)
    content = plain.take(member.size)
    if len(content) != member.size:
        raise EOFError("cut short")
    return content


def _refuse_what_follows(plain: Forwards) -> None:
    """Zeros fill up an archive. tarfile takes any other block for the end as well."""
    rest = plain.last
    while not rest.strip(b"\0"):
        if not (rest := plain.take(CHUNK)):
            return
    raise Refused("something follows its last member")


def _refuse_missing(found: Collection[str]) -> None:
    if missing := [name for name in MEMBERS if name not in found]:
        listed = ", ".join(list(found)[:_LISTED]) or "nothing"
        raise Refused(f"it holds no {' and no '.join(missing)}, found {listed}")


def _size_problem(name: str, size: int) -> str | None:
    most = MAXIMUM_BYTES
    if name == CARD:
        most = MAXIMUM_CARD_BYTES
    elif name == GOLDEN or name in GOLDEN_PICTURES:
        most = MAXIMUM_GOLDEN_BYTES
    if size > most and most != MAXIMUM_BYTES:
        return f"its {name} has {size:,} bytes, the limit is {most:,}"
    return _total_problem(size)


def _total_problem(size: int) -> str | None:
    return too_much(MAXIMUM_BYTES) if size > MAXIMUM_BYTES else None
