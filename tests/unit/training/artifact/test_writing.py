"""The artifact is written so that it can be read, at a place that was looked at before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from contracts.artifact.archive import ArtifactError, unpack
from contracts.artifact.reader import read_artifact
from tests.artifacts import colour_model, model_card
from tests.unit.contracts.artifact.archives import GOLDEN, GOLDEN_PICTURES
from training.artifact.writing import write_archive as write
from training.artifact.writing import write_folder

CARD = json.dumps(model_card()).encode()
MODEL = colour_model(2)


def test_what_is_written_is_read_and_always_the_same_bytes(tmp_path: Path) -> None:
    digests = {write(tmp_path / name, MODEL, model_card()) for name in ("a.tar.gz", "b.tar.gz")}
    read = read_artifact(tmp_path / "a.tar.gz")
    assert digests == {read.sha256}
    assert (read.onnx, read.card.document) == (MODEL, model_card())


def test_packed_and_unpacked_the_files_are_the_same(tmp_path: Path) -> None:
    write(tmp_path / "model.tar.gz", MODEL, model_card(), GOLDEN_PICTURES)
    write_folder(tmp_path / "folder", MODEL, model_card(), GOLDEN_PICTURES)
    names = ("model.onnx", "model.json", *GOLDEN)
    with (tmp_path / "model.tar.gz").open("rb") as file:
        packed = unpack(file, "model.tar.gz", keep=names).contents
    assert packed == {name: (tmp_path / "folder" / name).read_bytes() for name in names}


def test_in_a_folder_that_is_written_again_no_golden_picture_of_before_is_left(tmp_path: Path) -> None:
    write_folder(tmp_path, MODEL, model_card(), GOLDEN_PICTURES)
    write_folder(tmp_path, MODEL, model_card())
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == ["model.json", "model.onnx"]


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


def test_golden_pictures_of_other_classes_are_not_written(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"new golden\.json cannot be used: .*class is 'bicycle'"):
        write(tmp_path / "model.tar.gz", MODEL, model_card(("red", "blue")), GOLDEN_PICTURES)
    assert list(tmp_path.iterdir()) == []
