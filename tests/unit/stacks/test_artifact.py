"""The artifact is read with suspicion: what cannot be deployed is refused by name, nothing is unpacked."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from stacks.artifact import ArtifactError, read_artifact
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


def test_a_hundred_classes_fit_into_the_environment(tmp_path: Path) -> None:
    names = [f"a class with a name {number:03d}" for number in range(100)]
    artifact = read_artifact(archive_of(tmp_path, model_card(names)))
    assert len(artifact.class_names.encode()) < 3_500


def test_a_missing_artifact_names_the_command_that_makes_it(tmp_path: Path) -> None:
    message = refusal(tmp_path / "model.tar.gz")
    assert "make train" in message
    assert "-c model_artifact=PATH" in message


@pytest.mark.parametrize(
    ("replaced", "problem"),
    [
        ({"classes": ["only"]}, "has 1 classes, not 2 to 100"),
        ({"classes": [str(n) for n in range(101)]}, "has 101 classes, not 2 to 100"),
        ({"classes": ["a", "b", "a"]}, "more than once: a"),
        ({"classes": ["a", " "]}, "not a list of names"),
        ({"classes": ["a", 1]}, "not a list of names"),
        ({"classes": "ab"}, "not a list of names"),
        ({"classes": [f"{n}" + "é" * 30 for n in range(90)]}, "bytes, more than the 3500"),
        ({"threshold": {"recommended": 1.2}}, "threshold.recommended in its model.json is 1.2"),
        ({"threshold": {"recommended": True}}, "is True, not a number"),
        ({"threshold": None}, "is None, not a number"),
        ({"schema_version": 2}, "schema_version 2, not 1"),
        ({"metrics": {"confusion_matrix": [[1]]}}, "2 classes, but was evaluated on 1"),
    ],
)
def test_a_card_that_cannot_be_right_is_refused(
    tmp_path: Path, replaced: dict[str, Any], problem: str
) -> None:
    assert problem in refusal(archive_of(tmp_path, model_card(), **replaced))


def test_a_card_that_is_no_object_is_refused(tmp_path: Path) -> None:
    assert "schema_version None" in refusal(archive_of(tmp_path, ["a", "b"]))


def test_text_instead_of_json_is_refused(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "model.tar.gz", {"model.json": b"hello", "model.onnx": b""})
    assert "is not JSON" in refusal(path)


@pytest.mark.parametrize("missing", ["model.json", "model.onnx"])
def test_a_missing_member_is_named(tmp_path: Path, missing: str) -> None:
    members = {name: b"{}" for name in ("model.json", "model.onnx") if name != missing}
    assert f"{missing} missing in it" in refusal(write_archive(tmp_path / "model.tar.gz", members))


@pytest.mark.parametrize("keep", [0, 1, 40, 0.5, -1])
def test_a_truncated_archive_is_refused(tmp_path: Path, keep: float) -> None:
    path = make_artifact(tmp_path / "model.tar.gz")
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep) if isinstance(keep, float) else keep])
    assert "not a complete .tar.gz archive" in refusal(path)


@pytest.mark.parametrize("name", ["../model.json", "/model.json", "a/../../model.json"])
def test_a_member_that_leaves_the_archive_is_refused(tmp_path: Path, name: str) -> None:
    path = write_archive(tmp_path / "model.tar.gz", {name: b"{}", "model.json": b"{}", "model.onnx": b""})
    assert f"its member {name!r}" in refusal(path)


def test_a_link_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo("model.json")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(member, io.BytesIO())
    assert "its member 'model.json' is a link" in refusal(path)


def test_a_huge_card_is_refused_unread(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "model.tar.gz", {"model.json": b" " * 5_000_001, "model.onnx": b""})
    assert "its model.json has 5,000,001 bytes" in refusal(path)
