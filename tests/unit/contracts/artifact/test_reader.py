"""An artifact from a file and from a stream."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest

from contracts.artifact.archive import ArtifactError, pack
from contracts.artifact.digest import short_digest
from contracts.artifact.reader import read_artifact, read_card
from tests.artifacts import CLASSES
from tests.unit.contracts.artifact.archives import NETWORK, SOUND, with_card


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "model.tar.gz").write_bytes(pack(SOUND))
    read = read_artifact(tmp_path / "model.tar.gz")
    assert (read.onnx, read.classes, read.size, read.threshold) == (NETWORK, list(CLASSES), (32, 32), 0.9)
    assert read.sha256 == hashlib.sha256(pack(SOUND)).hexdigest()
    assert short_digest(read.sha256) == read.sha256[:12]


def test_a_stream_gives_the_card_and_the_digest() -> None:
    card, sha256 = read_card(io.BytesIO(pack(SOUND)), "s3://bucket/model.tar.gz")
    assert (card.classes, sha256) == (CLASSES, hashlib.sha256(pack(SOUND)).hexdigest())


@pytest.mark.parametrize("what", ["nothing", "a folder", "below a file"])
def test_no_archive_is_an_error_that_names_the_command(tmp_path: Path, what: str) -> None:
    (tmp_path / "file").touch()
    path = {"nothing": tmp_path / "none", "a folder": tmp_path, "below a file": tmp_path / "file" / "x"}[what]
    with pytest.raises(ArtifactError, match=r"no model artifact at .*python -m training\.train") as error:
        read_artifact(path)
    assert str(path) in str(error.value)


def test_what_is_wrong_with_a_card_names_the_archive(tmp_path: Path) -> None:
    path = tmp_path / "model.tar.gz"
    path.write_bytes(with_card({}))
    with pytest.raises(ArtifactError, match=r"model\.json of .*model\.tar\.gz cannot be used: schema"):
        read_artifact(path)
    with pytest.raises(ArtifactError, match=r"model\.json of s3://b/k cannot be used: schema_version"):
        read_card(io.BytesIO(with_card({})), "s3://b/k")
