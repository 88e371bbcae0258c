"""Read the three members of CIFAR-100's published archive, without extracting anything.

`cifar-100-python.tar.gz` holds `cifar-100-python/{meta,train,test}` beside small files of no interest.
Nothing is written to disk, and nothing that the archive says is believed before it is checked.
"""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from pathlib import Path, PurePosixPath

from training.staging.example import StagingError

FOLDER = "cifar-100-python"
MEMBERS = {"meta": 1 << 20, "test": 64 << 20, "train": 256 << 20}
"""Members that are read, and the most bytes each may have (published: 1.5 kB, 31 MB, 155 MB)."""
UNPACKED_LIMIT = 384 << 20
"""Most bytes that the archive may unpack to, whatever it holds."""


def read_members(archive: Path) -> dict[str, bytes]:
    """Contents of `meta`, `test` and `train`.

    Raises StagingError when the archive is missing, truncated, no archive, without one of the three,
    too large when unpacked, or has a member that would leave its folder.
    """
    try:
        with archive.open("rb") as file:
            stream = _Capped(gzip.GzipFile(fileobj=file))
            found = _read(stream)
            stream.finish()
    except OSError as error:
        if isinstance(error, gzip.BadGzipFile):
            raise _refused(archive, f"it is damaged or not a gzip file ({error})") from error
        raise StagingError(f"Cannot read the archive {archive}: {error.strerror or error}.") from error
    except EOFError as error:
        raise _refused(archive, "it is truncated") from error
    except (tarfile.TarError, zlib.error) as error:
        raise _refused(archive, f"it is damaged or not a tar archive ({error})") from error
    except _Refused as error:
        raise _refused(archive, str(error)) from error
    missing = [f"{FOLDER}/{name}" for name in MEMBERS if name not in found]
    if missing:
        raise _refused(archive, f"it has no {', '.join(missing)}")
    return found


class _Refused(Exception):
    """What is wrong with the archive."""


def _refused(archive: Path, reason: str) -> StagingError:
    return StagingError(
        f"{archive} cannot be used as the CIFAR-100 archive: {reason}. "
        f"It must be the published {FOLDER}.tar.gz, or one with the same members."
    )


class _Capped(io.RawIOBase):
    """A stream that refuses to give more than UNPACKED_LIMIT bytes: no archive can fill the memory."""

    def __init__(self, source: gzip.GzipFile) -> None:
        self._source = source
        self._left = UNPACKED_LIMIT

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size if 0 <= size <= self._left else self._left + 1)
        self._left -= len(data)
        if self._left < 0:
            raise _Refused(f"it unpacks to more than {UNPACKED_LIMIT >> 20} MiB")
        return data

    def finish(self) -> None:
        """Read on to the end, where the checksum of the whole is compared."""
        while self.read(1 << 20):
            continue


def _read(stream: _Capped) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            path = PurePosixPath(member.name)
            if path.is_absolute() or ".." in path.parts:
                raise _Refused(f"its member {member.name!r} leads outside the archive's folder")
            if path.parent != PurePosixPath(FOLDER) or path.name not in MEMBERS:
                continue
            found[path.name] = _content(archive, member, path.name, already=path.name in found)
    return found


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo, name: str, *, already: bool) -> bytes:
    if already:
        raise _Refused(f"it holds {member.name} twice")
    file = archive.extractfile(member) if member.isreg() else None
    if file is None:
        raise _Refused(f"its member {member.name} is not a file")
    if member.size > MEMBERS[name]:
        raise _Refused(f"its member {member.name} has {member.size:,} bytes, more than {MEMBERS[name]:,}")
    data = file.read()
    if len(data) != member.size:
        raise EOFError
    return data
