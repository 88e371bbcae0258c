"""The artifact is written so that it can be read, at a place that was looked at before."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from contracts.artifact.archive import ArtifactError, unpack
from contracts.artifact.reader import read_artifact
from tests.artifacts import colour_model, model_card
from training.artifact.writing import check_writable, write_folder
from training.artifact.writing import write_archive as write

CARD = json.dumps(model_card()).encode()
MODEL = colour_model(2)


def test_what_is_written_is_read_and_always_the_same_bytes(tmp_path: Path) -> None:
    digests = {write(tmp_path / name, MODEL, model_card()) for name in ("a.tar.gz", "b.tar.gz")}
    read = read_artifact(tmp_path / "a.tar.gz")
    assert digests == {read.sha256}
    assert (read.onnx, read.card.document) == (MODEL, model_card())


def test_packed_and_unpacked_the_files_are_the_same(tmp_path: Path) -> None:
    write(tmp_path / "model.tar.gz", MODEL, model_card())
    write_folder(tmp_path / "folder", MODEL, model_card())
    with (tmp_path / "model.tar.gz").open("rb") as file:
        packed = unpack(file, "model.tar.gz").contents
    assert {path.name: path.read_bytes() for path in (tmp_path / "folder").iterdir()} == packed


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"classes": ["a", "a"]}, "classes names more than once: a"),
        ({"threshold": {"recommended": 2}}, "recommended is 2, not a number"),
        ({"notes": "x" * 5_000_000}, "the limit is 5,000,000"),
        ({"threshold": {"recommended": float("nan")}}, r"no model\.json can be written"),
    ],
)
def test_what_nobody_would_read_is_not_written(tmp_path: Path, wrong: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ArtifactError, match=complaint):
        write(tmp_path / "model.tar.gz", MODEL, {**model_card(), **wrong})
    with pytest.raises(ArtifactError, match=complaint):
        write_folder(tmp_path / "folder", MODEL, {**model_card(), **wrong})
    assert list(tmp_path.iterdir()) == []


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
