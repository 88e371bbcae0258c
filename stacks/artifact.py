"""What the stacks need to know of the model artifact: its digest, its classes, its threshold."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from contracts.artifact import reader
from contracts.artifact.archive import ArtifactError
from contracts.artifact.schema import class_names_json, class_names_problem


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
        return class_names_json(self.classes)


def read_artifact(path: Path) -> ModelArtifact:
    """Read and check the artifact at `path`; raises ArtifactError."""
    try:
        found = reader.read_artifact(path)
    except ArtifactError as error:
        raise ArtifactError(f"{error}, or name another one with -c model_artifact=PATH") from error
    artifact = ModelArtifact(
        path=path, sha256=found.sha256, classes=found.card.classes, threshold=found.card.threshold
    )
    if problem := class_names_problem(artifact.classes):
        raise ArtifactError(f"{path} cannot be deployed: {problem}")
    return artifact
