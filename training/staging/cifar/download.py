"""Fetch CIFAR-100's published archive: resumed after a cut, checked, and in place only when whole."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import requests

from training.staging.example import Progress, StagingError, silent

PUBLISHED_URL = "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz"
PUBLISHED_MD5 = "eb9058c3a382ffc7106e4002c42a8d85"
ATTEMPTS = 4
"""Connections made before giving up; each goes on where the one before was cut."""
PAUSE = 1.0
"""Seconds before the second connection, doubled before each further one."""
TIMEOUTS = (10.0, 30.0)
"""Seconds to wait for a connection, and for the next bytes of an answer."""
SIZE_LIMIT = 256 << 20
"""Most bytes that are taken from a server (published: 161 MiB)."""
_CHUNK = 1 << 14
"""Bytes written at a time; a cut loses less than this."""


def download_archive(
    target: Path, progress: Progress = silent, *, url: str | None = None, md5: str = PUBLISHED_MD5
) -> Path:
    """Return `target`, fetched first if it is not there.

    A cut download stays beside it as `.part` and is gone on with, now or by the next call; one that
    does not fit on the disk is removed. `url` defaults to the environment's CIFAR100_URL (a mirror),
    then to the published one.
    Raises StagingError, naming the alternatives, when it cannot be fetched or kept, or is not the
    published file.
    """
    if target.exists():
        return target
    url = url or os.environ.get("CIFAR100_URL") or PUBLISHED_URL
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    try:
        _fetch_with_retries(url, part, progress)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StagingError(
            f"The download cannot be kept as {target} ({error.strerror or error}). Free some space there "
            f"(161 MiB are needed), or {_alternatives()}."
        ) from error
    found = file_md5(part)
    if found != md5:
        part.unlink()
        raise StagingError(
            f"{url} is not the published file: its md5 is {found}, not {md5}. The download was removed; "
            f"try again, or {_alternatives()}."
        )
    part.replace(target)
    return target


def file_md5(path: Path) -> str:
    """Hex MD5 of a file: to recognise the published one, not for security."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _alternatives() -> str:
    return (
        "give the archive with --archive FILE or CIFAR100_ARCHIVE=FILE, "
        "or stage drawn pictures, which need no download: scones stage drawn"
    )


def _fetch_with_retries(url: str, part: Path, progress: Progress) -> None:
    """Go on after a cut, up to ATTEMPTS times; a server that gives nothing at all is not asked again."""
    for attempt in range(1, ATTEMPTS + 1):
        before = _size(part)
        try:
            return _fetch(url, part, progress)
        except requests.RequestException as error:
            if attempt == ATTEMPTS or _size(part) <= before:
                raise StagingError(
                    f"Cannot download {url} ({_reason(error)}). Check the network and try again, "
                    f"which goes on from byte {_size(part):,}; or {_alternatives()}."
                ) from error
            time.sleep(PAUSE * 2 ** (attempt - 1))
    return None


def _fetch(url: str, part: Path, progress: Progress) -> None:
    """Append to `part` what it lacks; start over when the server cannot go on from there."""
    have = _size(part)
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with requests.get(url, headers=headers, stream=True, timeout=TIMEOUTS) as response:
        if response.status_code == requests.codes.requested_range_not_satisfiable:
            if response.headers.get("Content-Range") == f"bytes */{have}":
                return None  # it is complete
            part.unlink()  # it is longer than what the server has now
            return _fetch(url, part, progress)
        response.raise_for_status()
        resumed = response.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        if response.status_code != requests.codes.partial_content or not resumed:
            have = 0
        total = have + int(response.headers.get("Content-Length", 0))
        with part.open("ab" if have else "wb") as file:
            for chunk in response.iter_content(_CHUNK):
                file.write(chunk)
                have += len(chunk)
                if have > SIZE_LIMIT:
                    raise StagingError(f"{url} sent more than {SIZE_LIMIT >> 20} MiB; {_alternatives()}.")
                progress("downloading CIFAR-100", have, total)
        if have < total:
            raise requests.ConnectionError(f"cut after {have:,} of {total:,} bytes")
    return None


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _reason(error: requests.RequestException) -> str:
    """The innermost sentence of an error that libraries have wrapped several times."""
    if error.response is not None:
        return f"HTTP {error.response.status_code}"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection was cut"
    text = str(error)
    return text.rsplit(": ", 1)[-1].rstrip("')\"") or type(error).__name__
