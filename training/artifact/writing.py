"""Write the model artifact, packed or unpacked, whole or not at all; what is written can always be read."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from contracts.artifact.archive import CARD, MODEL, ArtifactError, pack
from contracts.artifact.card import card_bytes, parse_card


def write_archive(path: Path, onnx: bytes, card: Mapping[str, Any]) -> str:
    """Write `model.tar.gz` atomically; return its SHA-256 in hex.

    Raises ArtifactError, before anything is written, for a card or a size that nobody would read.
    """
    content = pack({CARD: _checked(card), MODEL: onnx})
    with replacing(path) as file:
        file.write(content)
    return hashlib.sha256(content).hexdigest()


def write_folder(folder: Path, onnx: bytes, card: Mapping[str, Any]) -> None:
    """Write the two files unpacked, as SageMaker wants them: it packs the model folder itself.

    model.json comes last: a folder that has it is complete.
    """
    contents = {MODEL: onnx, CARD: _checked(card)}
    (folder / CARD).unlink(missing_ok=True)
    for name, content in contents.items():
        with replacing(folder / name) as file:
            file.write(content)


def _checked(card: Mapping[str, Any]) -> bytes:
    """model.json as it is stored, after the reader's rules were asked."""
    try:
        content = card_bytes(card)
    except ValueError as error:
        raise ArtifactError(f"no {CARD} can be written: {error}") from error
    parse_card(content, f"the new {CARD}")
    return content


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
