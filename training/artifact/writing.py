"""The model artifact: `model.tar.gz` holding `model.onnx` and `model.json`, written whole or not at all."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

SCHEMA_VERSION = 1
MODEL, CARD = "model.onnx", "model.json"
MAXIMUM_BYTES = 256 * 1024 * 1024  # of the archive, uncompressed


class ArtifactError(ValueError):
    """The artifact is missing, damaged or not one of this project; the message says what and what to do."""


@dataclass(frozen=True)
class Artifact:
    """`onnx` is the model file; `card` is model.json; `sha256` is the digest of the archive, in hex."""

    onnx: bytes
    card: dict[str, Any]
    sha256: str

    @property
    def classes(self) -> list[str]:
        return list(self.card["classes"])

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the images that the model takes."""
        return self.card["input"]["height"], self.card["input"]["width"]

    @property
    def threshold(self) -> float:
        """The recommended confidence from which an answer is trusted."""
        return float(self.card["threshold"]["recommended"])


def card_bytes(card: dict[str, Any]) -> bytes:
    """model.json as it is stored: the same card always gives the same bytes."""
    return (json.dumps(card, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def write_archive(path: Path, onnx: bytes, card: dict[str, Any]) -> str:
    """Write `model.tar.gz` atomically; return its SHA-256 in hex.

    Names are sorted, times, owners and the gzip header are fixed: identical content, identical bytes.
    """
    buffer = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=buffer, compresslevel=9, mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for name, content in sorted({CARD: card_bytes(card), MODEL: onnx}.items()):
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.mtime = len(content), 0o644, 0
            archive.addfile(member, io.BytesIO(content))
    with replacing(path) as file:
        file.write(buffer.getbuffer())
    return hashlib.sha256(buffer.getbuffer()).hexdigest()


def write_folder(folder: Path, onnx: bytes, card: dict[str, Any]) -> None:
    """Write the two files unpacked, as SageMaker wants them: it packs the model folder itself.

    model.json comes last: a folder that has it is complete.
    """
    (folder / CARD).unlink(missing_ok=True)
    for name, content in ((MODEL, onnx), (CARD, card_bytes(card))):
        with replacing(folder / name) as file:
            file.write(content)


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of `path` when the block ends, and vanishes if it fails.

    Raises ArtifactError, naming the path, when the disk is full or does not let it be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise _unwritable(path, error) from None
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _unwritable(path, error) from None
        raise


def check_writable(path: Path) -> None:
    """Raise ArtifactError now if a file could not be put at `path` later; nothing is made."""
    if path.is_dir():
        raise ArtifactError(f"cannot write {path}: it is a folder. Name a file in it, such as model.tar.gz.")
    if path.exists() and not path.is_file():
        raise ArtifactError(f"cannot write {path}: it is no plain file. Choose another place.")
    above = next(folder for folder in path.absolute().parents if folder.exists())
    if not above.is_dir():
        raise ArtifactError(f"cannot write {path}: {above} is no folder. Choose another place.")
    if not os.access(above, os.W_OK):
        raise ArtifactError(f"cannot write {path}: {above} is not yours to write. Choose another place.")


def _unwritable(path: Path, error: OSError) -> ArtifactError:
    reason = error.strerror or str(error)
    return ArtifactError(f"cannot write {path}: {reason}. Make room there, or choose another place.")


def read_artifact(path: Path) -> Artifact:
    """Read and check an artifact; raises ArtifactError for anything that is not a sound one."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ArtifactError(
            f"no model artifact at {path} ({error.strerror}): make one with `python -m training.train`"
        ) from error
    try:
        members = _read_members(content)
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise ArtifactError(f"{path} is damaged or no tar.gz ({error}): train or copy it again") from error
    except ArtifactError as error:
        raise ArtifactError(f"{path}: {error}") from None
    missing = [name for name in (MODEL, CARD) if name not in members]
    if missing:
        raise ArtifactError(
            f"{path} holds no {' and no '.join(missing)}: it is no artifact of training.train"
        )
    return Artifact(members[MODEL], _parse_card(path, members[CARD]), hashlib.sha256(content).hexdigest())


def _read_members(content: bytes) -> dict[str, bytes]:
    """The archive's files by name. Refuses links, devices, paths that escape, and more than MAXIMUM_BYTES."""
    members: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(_unzip(content)), mode="r:") as archive:
        for member in archive:
            name = PurePosixPath(member.name)
            if name.is_absolute() or ".." in name.parts:
                raise ArtifactError(f"the member {member.name!r} points outside the archive")
            if member.isdir():
                continue
            if not member.isfile() or member.issparse():
                raise ArtifactError(f"the member {member.name!r} is a link or a device, not a plain file")
            file = archive.extractfile(member)
            members[str(name)] = file.read() if file else b""
    return members


def _unzip(content: bytes) -> bytes:
    """All of it, so that the checksum at the end is verified and no cut goes unnoticed."""
    with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
        plain = file.read(MAXIMUM_BYTES + 1)
    if len(plain) > MAXIMUM_BYTES:
        raise ArtifactError(f"it unpacks to more than {MAXIMUM_BYTES} bytes, which is the limit")
    return plain


def _parse_card(path: Path, content: bytes) -> dict[str, Any]:
    """model.json with the entries that every reader relies on."""
    try:
        card = json.loads(content)
    except ValueError as error:
        raise ArtifactError(f"{path}: model.json is not JSON ({error})") from error
    problems = _card_problems(card)
    if problems:
        raise ArtifactError(f"{path}: model.json {'; '.join(problems)}")
    return dict(card)


def _card_problems(card: Any) -> list[str]:
    if not isinstance(card, dict):
        return ["is not an object"]
    problems = []
    if card.get("schema_version") != SCHEMA_VERSION:
        problems.append(f"has schema_version {card.get('schema_version')!r}, {SCHEMA_VERSION} is read")
    classes = card.get("classes")
    if (
        not isinstance(classes, list)
        or len(classes) < 2
        or not all(isinstance(name, str) for name in classes)
    ):
        problems.append(f"names no list of at least 2 classes: {classes!r}")
    size = _object(card.get("input"))
    if not all(isinstance(size.get(side), int) and size[side] > 0 for side in ("height", "width")):
        problems.append(f"gives no input height and width: {card.get('input')!r}")
    recommended = _object(card.get("threshold")).get("recommended")
    if not isinstance(recommended, int | float) or not 0 <= recommended <= 1:
        problems.append(f"recommends no threshold between 0 and 1: {card.get('threshold')!r}")
    return problems


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
