"""What the stacks need to know of the model artifact: its digest, its classes, its threshold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from contracts.artifact import reader
from contracts.artifact.archive import ArtifactError
from contracts.artifact.class_names import class_names_json, class_names_problem


@dataclass(frozen=True, kw_only=True)
class ModelArtifact:
    """A checked artifact.

    threshold: the least confidence that the model recommends, in [0, 1]. names: for people, by class.
    """

    path: Path
    sha256: str
    classes: tuple[str, ...]
    threshold: float
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def class_names(self) -> str:
        """The classes in label order as the functions take them: a JSON array."""
        return class_names_json(self.classes, self.names)


def read_artifact(path: Path) -> ModelArtifact:
    """Read and check the artifact at `path`; raises ArtifactError."""
    try:
        found = reader.read_artifact(path)
    except ArtifactError as error:
        raise ArtifactError(f"{error}, or name another one with -c model_artifact=PATH") from error
    artifact = ModelArtifact(
        path=path,
        sha256=found.sha256,
        classes=found.card.classes,
        threshold=found.card.threshold,
        names=found.card.names,
    )
    if problem := class_names_problem(artifact.classes, artifact.names):
        raise ArtifactError(f"{path} cannot be deployed: {problem}")
    return artifact
