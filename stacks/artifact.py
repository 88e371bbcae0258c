"""What the stacks need to know of the model artifact: its digest, its classes, its threshold.

Own reader of `model.json`: nothing is extracted, nothing of the archive is trusted before it was checked.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import tarfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn

MEMBERS = ("model.json", "model.onnx")
SCHEMA_VERSION = 1
MAX_CARD_BYTES = 5_000_000
MAX_CLASSES = 100
# Lambda allows 4096 bytes of environment in all; the names share it with a few short variables.
MAX_CLASS_NAMES_BYTES = 3500


class ArtifactError(ValueError):
    """The model artifact is missing or cannot be deployed; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class ModelArtifact:
    """A checked artifact. `threshold` is the least confidence that the model recommends, in [0, 1]."""

    path: Path
    sha256: str
    classes: tuple[str, ...]
    threshold: float

    @property
    def class_names(self) -> str:
        """The class names in label order as the functions take them: a JSON array."""
        return json.dumps(self.classes, ensure_ascii=False, separators=(",", ":"))


def read_artifact(path: Path) -> ModelArtifact:
    """Read and check the artifact at `path`; raises ArtifactError."""
    if not path.is_file():
        raise ArtifactError(
            f"no model artifact at {path}: `make train` makes it, "
            "or name another one with -c model_artifact=PATH"
        )
    try:
        card = _card(path)
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        _refuse(path, f"not a complete .tar.gz archive ({error})")
    except ValueError as error:
        _refuse(path, str(error))
    return ModelArtifact(
        path=path,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        classes=tuple(card["classes"]),
        threshold=float(card["threshold"]["recommended"]),
    )


def _refuse(path: Path, why: str) -> NoReturn:
    raise ArtifactError(f"the model artifact {path} cannot be deployed: {why}. `make train` makes a good one")


def _card(path: Path) -> dict[str, Any]:
    """The checked `model.json`; the archive is read to its last byte, so a truncated one shows."""
    with gzip.open(path) as whole:
        while whole.read(1 << 20):
            pass
    with tarfile.open(path, mode="r:gz") as archive:
        members = {member.name: member for member in archive.getmembers() if _is_safe(member)}
        missing = [name for name in MEMBERS if name not in members]
        if missing:
            raise ValueError(
                f"{' and '.join(missing)} missing in it, found {', '.join(sorted(members)) or 'nothing'}"
            )
        size = members["model.json"].size
        if size > MAX_CARD_BYTES:
            raise ValueError(f"its model.json has {size:,} bytes, more than {MAX_CARD_BYTES:,}")
        file = archive.extractfile(members["model.json"])
        content = file.read() if file else b""
    return _checked(content)


def _is_safe(member: tarfile.TarInfo) -> bool:
    """True for a regular file inside the archive's root; a folder is skipped, all else is refused."""
    name = PurePosixPath(member.name)
    if name.is_absolute() or ".." in name.parts or not (member.isfile() or member.isdir()):
        raise ValueError(f"its member {member.name!r} is a link, a device or leaves the archive")
    return member.isfile()


def _checked(content: bytes) -> dict[str, Any]:
    try:
        card = json.loads(content)
    except ValueError as error:
        raise ValueError(f"its model.json is not JSON ({error})") from error
    if not isinstance(card, dict) or card.get("schema_version") != SCHEMA_VERSION:
        found = card.get("schema_version") if isinstance(card, dict) else None
        raise ValueError(f"its model.json has schema_version {found!r}, not {SCHEMA_VERSION}")
    _check_classes(card.get("classes"), card.get("metrics"))
    threshold = card.get("threshold")
    recommended = threshold.get("recommended") if isinstance(threshold, dict) else None
    if isinstance(recommended, bool) or not isinstance(recommended, int | float) or not 0 <= recommended <= 1:
        raise ValueError(
            f"threshold.recommended in its model.json is {recommended!r}, not a number in [0, 1]"
        )
    return card


def _check_classes(classes: Any, metrics: Any) -> None:
    if not isinstance(classes, list) or not all(isinstance(name, str) and name.strip() for name in classes):
        raise ValueError("classes in its model.json is not a list of names")
    if not 2 <= len(classes) <= MAX_CLASSES:
        raise ValueError(f"its model.json has {len(classes)} classes, not 2 to {MAX_CLASSES}")
    if repeated := sorted({name for name in classes if classes.count(name) > 1}):
        raise ValueError(f"its model.json has classes more than once: {', '.join(repeated)}")
    matrix = metrics.get("confusion_matrix") if isinstance(metrics, dict) else None
    if isinstance(matrix, list) and len(matrix) != len(classes):
        raise ValueError(f"its model.json has {len(classes)} classes, but was evaluated on {len(matrix)}")
    size = len(json.dumps(classes, ensure_ascii=False, separators=(",", ":")).encode())
    if size > MAX_CLASS_NAMES_BYTES:
        raise ValueError(
            f"its class names take {size} bytes, more than the {MAX_CLASS_NAMES_BYTES} that fit into the "
            "environment of a Lambda function: shorten the names"
        )
