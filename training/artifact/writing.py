"""Write the model artifact, packed or unpacked, whole or not at all; what is written can always be read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from contracts.artifact.archive import CARD, GOLDEN, GOLDEN_PICTURES, MODEL, ArtifactError, pack
from contracts.artifact.card import card_bytes, parse_card
from contracts.artifact.golden import GoldenPicture, golden_members, parse_golden
from contracts.whole_files import replacing


def write_archive(
    path: Path, onnx: bytes, card: Mapping[str, Any], golden: Sequence[GoldenPicture] = ()
) -> str:
    """Write `model.tar.gz` atomically; return its SHA-256 in hex.

    Raises ArtifactError, before anything is written, for what or for a size that nobody would read.
    """
    content = pack(_members(onnx, card, golden))
    with replacing(path) as file:
        file.write(content)
    return hashlib.sha256(content).hexdigest()


def write_folder(
    folder: Path, onnx: bytes, card: Mapping[str, Any], golden: Sequence[GoldenPicture] = ()
) -> None:
    """Write the files unpacked, as SageMaker wants them: it packs the model folder itself.

    model.json comes last: a folder that has it is complete. Of golden pictures of before none is left.
    """
    contents = _members(onnx, card, golden)
    for name in (CARD, GOLDEN, *GOLDEN_PICTURES):
        (folder / name).unlink(missing_ok=True)
    for name, content in contents.items():
        with replacing(folder / name) as file:
            file.write(content)


def _members(onnx: bytes, card: Mapping[str, Any], golden: Sequence[GoldenPicture]) -> dict[str, bytes]:
    """All files by name, model.json the last, after the reader's rules were asked."""
    members = golden_members(golden)
    content = _checked(card)
    parse_golden(members, card["classes"], f"the new {GOLDEN}")
    return {MODEL: onnx, **members, CARD: content}


def _checked(card: Mapping[str, Any]) -> bytes:
    """model.json as it is stored, after the reader's rules were asked."""
    try:
        content = card_bytes(card)
    except ValueError as error:
        raise ArtifactError(f"no {CARD} can be written: {error}") from error
    parse_card(content, f"the new {CARD}")
    return content
