"""The model is read from its artifact in S3, without holding the artifact."""

from __future__ import annotations

import hashlib
import os
import tarfile
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reports.monitor.model import ArtifactUnreadable, read_model
from tests.artifacts import CLASSES, make_artifact, write_archive
from tests.aws import Answer
from tests.unit.reports.monitor.watched import Watched

URI = "s3://assets/model.tar.gz"


def put(watched: Watched, path: Path) -> bytes:
    content = path.read_bytes()
    watched.s3.objects["assets", "model.tar.gz"] = content
    return content


def test_what_the_artifact_says(watched: Watched, tmp_path: Path) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    content = put(watched, make_artifact(tmp_path / "model.tar.gz"))
    model = read_model(watched.client, URI, 0.75)
    assert model.baseline.classes == CLASSES
    assert model.baseline.threshold == 0.75
    assert model.baseline.digest == hashlib.sha256(content).hexdigest()
    assert before <= model.stored <= datetime.now(UTC)


def test_a_large_artifact_is_not_held(watched: Watched, tmp_path: Path) -> None:
    size = 20 * 1024**2
    small = make_artifact(tmp_path / "small.tar.gz")
    card = _card(small)
    large = write_archive(tmp_path / "m.tar.gz", {"model.json": card, "model.onnx": os.urandom(size)})
    content = large.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    stored = ("Last-Modified", "Sat, 21 Nov 2026 06:00:00 GMT")
    watched.aws.answers["GetObject"] = Answer(body=content, headers=(stored,))  # moto would copy it
    tracemalloc.start()
    try:
        assert read_model(watched.client, URI, 0.9).baseline.digest == digest
        assert tracemalloc.get_traced_memory()[1] < 8 * 1024**2
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("contents", "words"),
    [
        (None, "NoSuchKey"),
        ({"model.onnx": b"x"}, "it holds no model.json"),
        ({"model.json": b"{}"}, "it holds no model.onnx"),
        ({"model.json": b"{", "model.onnx": b"x"}, "Expecting"),
        ({"model.json": b"[]", "model.onnx": b"x"}, "not a JSON object"),
        ({"model.json": b"{}", "model.onnx": b"x"}, "classes is None"),
    ],
)
def test_what_is_no_artifact(
    watched: Watched, tmp_path: Path, contents: dict[str, bytes] | None, words: str
) -> None:
    if contents is not None:
        put(watched, write_archive(tmp_path / "model.tar.gz", contents))
    with pytest.raises(ArtifactUnreadable, match=words):
        read_model(watched.client, URI, 0.9)


@pytest.mark.parametrize("content", [b"", b"no gzip", b"\x1f\x8b"])
def test_what_is_no_archive(watched: Watched, content: bytes) -> None:
    watched.s3.objects["assets", "model.tar.gz"] = content
    with pytest.raises(ArtifactUnreadable, match="cannot be used"):
        read_model(watched.client, URI, 0.9)


def _card(path: Path) -> bytes:
    with tarfile.open(path) as archive:
        file = archive.extractfile("model.json")
        assert file is not None
        return file.read()
