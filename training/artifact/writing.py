"""Write the model artifact, packed or unpacked, whole or not at all; what is written can always be read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contracts.artifact.archive import CARD, MODEL, ArtifactError, pack
from contracts.artifact.card import card_bytes, parse_card
from contracts.whole_files import replacing


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
