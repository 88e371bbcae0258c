"""What cannot be deployed is refused by name, and nothing is unpacked (all of them: tests/unit/contracts)."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from contracts.artifact.archive import ArtifactError
from stacks.artifact import read_artifact
from tests.artifacts import CLASSES, make_artifact, model_card, write_archive


def refusal(path: Path) -> str:
    before = sorted(path.parent.rglob("*"))
    with pytest.raises(ArtifactError) as error:
        read_artifact(path)
    assert sorted(path.parent.rglob("*")) == before
    return str(error.value)


def archive_of(folder: Path, card: Any, **replaced: Any) -> Path:
    content = json.dumps({**card, **replaced} if isinstance(card, dict) else card).encode()
    return write_archive(folder / "model.tar.gz", {"model.json": content, "model.onnx": b"onnx"})


def test_reads_classes_threshold_and_digest(tmp_path: Path) -> None:
    artifact = read_artifact(make_artifact(tmp_path / "model.tar.gz"))
    assert artifact.classes == CLASSES
    assert artifact.threshold == 0.9
    assert len(artifact.sha256) == 64
    assert json.loads(artifact.class_names) == list(CLASSES)


def test_names_for_people_travel_with_the_classes(tmp_path: Path) -> None:
    artifact = read_artifact(archive_of(tmp_path, model_card(), names={CLASSES[1]: "two wheels, an engine"}))
    assert json.loads(artifact.class_names) == [CLASSES[0], [CLASSES[1], "two wheels, an engine"]]


def test_a_hundred_classes_fit_into_the_environment(tmp_path: Path) -> None:
    names = [f"a class with a name {number:03d}" for number in range(100)]
    artifact = read_artifact(archive_of(tmp_path, model_card(names)))
    assert len(artifact.class_names.encode()) < 3_500


def test_a_missing_artifact_names_the_command_that_makes_it(tmp_path: Path) -> None:
    message = refusal(tmp_path / "model.tar.gz")
    assert "make train" in message
    assert "-c model_artifact=PATH" in message


def test_names_that_do_not_fit_into_the_environment_are_refused(tmp_path: Path) -> None:
    names = [f"{number}" + "é" * 30 for number in range(90)]
    message = refusal(archive_of(tmp_path, model_card(names)))
    assert "its class names take" in message
    assert "more than the 3,500 that fit into the environment" in message


def test_what_is_no_artifact_is_refused_with_another_way(tmp_path: Path) -> None:
    message = refusal(archive_of(tmp_path, model_card(), schema_version=2))
    assert "schema_version is 2, 1 is read" in message
    assert "-c model_artifact=PATH" in message


def test_what_tar_packs_from_a_folder_is_read(tmp_path: Path) -> None:
    """`tar czf model.tar.gz -C DIR .`"""
    make_artifact(tmp_path / "model.tar.gz")
    with tarfile.open(tmp_path / "model.tar.gz") as archive:
        archive.extractall(tmp_path / "folder", filter="data")
    with tarfile.open(tmp_path / "again.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "folder", ".")
    assert read_artifact(tmp_path / "again.tar.gz").classes == CLASSES
