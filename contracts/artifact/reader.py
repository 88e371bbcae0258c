"""Read a model artifact: from a file whole, from a stream without its network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from contracts.artifact.archive import CARD, GOLDEN, GOLDEN_PICTURES, MODEL, ArtifactError, unpack
from contracts.artifact.card import Card, parse_card
from contracts.artifact.golden import GoldenPicture, parse_golden
from contracts.artifact.streams import Source


@dataclass(frozen=True)
class Artifact:
    """`onnx` is the model file; `card` is model.json; `sha256` is the digest of the archive, in hex."""

    onnx: bytes
    card: Card
    sha256: str

    @property
    def classes(self) -> list[str]:
        return list(self.card.classes)

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the images that the model takes."""
        return self.card.size

    @property
    def threshold(self) -> float:
        """The recommended confidence from which an answer is trusted."""
        return self.card.threshold


def read_artifact(path: Path) -> Artifact:
    """Read and check an artifact; raises ArtifactError for anything that is not a sound one."""
    try:
        with path.open("rb") as file:
            unpacked = unpack(file, str(path))
    except ArtifactError:
        raise
    except OSError as error:
        raise ArtifactError(
            f"no model artifact at {path} ({error.strerror}): make one with `make train`, "
            "or `python -m training.train`"
        ) from error
    card = parse_card(unpacked.contents[CARD], _card_of(str(path)))
    return Artifact(unpacked.contents[MODEL], card, unpacked.sha256)


def read_card(source: Source, name: str) -> tuple[Card, str]:
    """The card of an artifact that streams by, and the archive's SHA-256 in hex; the network is not held.

    `name` is what messages call the artifact. Raises ArtifactError.
    """
    unpacked = unpack(source, name, keep=(CARD,))
    return parse_card(unpacked.contents[CARD], _card_of(name)), unpacked.sha256


def read_golden(source: Source, name: str) -> tuple[Card, tuple[GoldenPicture, ...], str]:
    """As read_card, with the golden pictures, of which there may be none."""
    unpacked = unpack(source, name, keep=(CARD, GOLDEN, *GOLDEN_PICTURES))
    card = parse_card(unpacked.contents[CARD], _card_of(name))
    pictures = parse_golden(unpacked.contents, card.classes, f"{GOLDEN} of {name}")
    return card, pictures, unpacked.sha256


def _card_of(name: str) -> str:
    return f"{CARD} of {name}"
