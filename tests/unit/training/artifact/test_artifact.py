"""The artifact's archive: the same bytes for the same content, and nothing but sound ones read."""

from __future__ import annotations

import io
import json
import os
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.artifacts import colour_model, make_artifact, model_card, write_archive
from training.artifact import writing as artifact_module
from training.artifact.predictor import Predictor
from training.artifact.writing import ArtifactError, check_writable, read_artifact
from training.artifact.writing import write_archive as write

CARD = json.dumps(model_card()).encode()
MODEL = colour_model(2)


def test_what_is_written_is_read_and_always_the_same_bytes(tmp_path: Path) -> None:
    digests = {write(tmp_path / name, MODEL, model_card()) for name in ("a.tar.gz", "b.tar.gz")}
    read = read_artifact(tmp_path / "a.tar.gz")
    assert digests == {read.sha256}
    assert (read.onnx, read.card) == (MODEL, model_card())
    with tarfile.open(tmp_path / "a.tar.gz") as archive:
        assert archive.getnames() == ["model.json", "model.onnx"]
        assert {member.mtime for member in archive} == {0}


def test_an_archive_packed_by_sagemaker_is_read(tmp_path: Path) -> None:
    path = tmp_path / "model.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        folder = tarfile.TarInfo("./")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, content in (("./model.onnx", MODEL), ("./model.json", CARD)):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    assert read_artifact(path).classes == ["bicycle", "motorcycle"]


def linked(name: str, kind: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, "/etc/passwd"
        archive.addfile(member)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("members", "complaint"),
    [
        ({"model.onnx": MODEL}, "no model.json"),
        ({"model.json": CARD}, "no model.onnx"),
        ({"../model.json": CARD, "model.onnx": MODEL}, "points outside"),
        ({"/model.json": CARD, "model.onnx": MODEL}, "points outside"),
        ({"model.json": b"{", "model.onnx": MODEL}, "not JSON"),
        ({"model.json": b"[]", "model.onnx": MODEL}, "not an object"),
        ({"model.json": b"{}", "model.onnx": MODEL}, "schema_version None, 1 is read; names no list"),
    ],
)
def test_an_unsound_archive_is_refused(tmp_path: Path, members: dict[str, bytes], complaint: str) -> None:
    with pytest.raises(ArtifactError, match=complaint):
        read_artifact(write_archive(tmp_path / "model.tar.gz", members))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "damaged"),
        (b"text", "damaged"),
        (linked("model.onnx", tarfile.SYMTYPE), "link or a device"),
        (linked("model.onnx", tarfile.LNKTYPE), "link or a device"),
        (linked("model.onnx", tarfile.CHRTYPE), "link or a device"),
    ],
)
def test_what_is_no_plain_archive_is_refused(tmp_path: Path, content: bytes, complaint: str) -> None:
    (tmp_path / "model.tar.gz").write_bytes(content)
    with pytest.raises(ArtifactError, match=complaint):
        read_artifact(tmp_path / "model.tar.gz")


def test_a_truncated_archive_is_refused_wherever_it_is_cut(tmp_path: Path) -> None:
    whole = make_artifact(tmp_path / "model.tar.gz").read_bytes()
    for length in range(0, len(whole), 101):
        (tmp_path / "cut.tar.gz").write_bytes(whole[:length])
        with pytest.raises(ArtifactError, match="damaged"):
            read_artifact(tmp_path / "cut.tar.gz")


def test_an_archive_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(artifact_module, "MAXIMUM_BYTES", 10_000)
    path = write_archive(tmp_path / "model.tar.gz", {"zeros": bytes(10_001)})
    with pytest.raises(ArtifactError, match="more than 10000 bytes"):
        read_artifact(path)


def test_no_archive_is_an_error_that_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"python -m training\.train"):
        read_artifact(tmp_path / "model.tar.gz")


@pytest.mark.parametrize(
    ("card", "complaint"),
    [
        ({"classes": ["a", "b", "c"]}, "answers with 2 probabilities"),
        ({"input": {"name": "image", "height": 16, "width": 32}}, "model.json speaks of uint8"),
    ],
)
def test_a_card_that_does_not_fit_the_model_is_refused(
    tmp_path: Path, card: dict[str, Any], complaint: str
) -> None:
    path = write_archive(
        tmp_path / "model.tar.gz",
        {"model.json": json.dumps(model_card() | card).encode(), "model.onnx": MODEL},
    )
    with pytest.raises(ArtifactError, match=complaint):
        Predictor(read_artifact(path))


def test_bytes_that_are_no_model_are_refused(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "model.tar.gz", {"model.json": CARD, "model.onnx": b"text"})
    with pytest.raises(ArtifactError, match="cannot be loaded"):
        Predictor(read_artifact(path))


def test_a_place_that_cannot_be_written_is_known_before_training(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ArtifactError, match="it is a folder"):
        check_writable(tmp_path)
    with pytest.raises(ArtifactError, match="is no folder"):
        check_writable(tmp_path / "file" / "below" / "model.tar.gz")
    check_writable(tmp_path / "new" / "model.tar.gz")
    assert not (tmp_path / "new").exists()


def test_what_is_no_plain_file_is_not_replaced(tmp_path: Path) -> None:
    """Whoever may write below /dev would lose /dev/null to a file of this name."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(os.devnull)
    for path in (Path(os.devnull), tmp_path / "pipe", tmp_path / "link"):
        with pytest.raises(ArtifactError, match="no plain file"):
            check_writable(path)
