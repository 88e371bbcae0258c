"""Model data: unpacked whole, or refused with nothing left."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from loopback_aws.sagemaker.hosting import artifact
from loopback_aws.sagemaker.hosting.artifact import ModelDataError, fetch_model_data

from tests.archives import archive, model_data

URI = "s3://bucket/model.tar.gz"


class OneObject:
    def __init__(self, content: bytes | None) -> None:
        self.content = content

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        if self.content is None:
            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": f"{Bucket}/{Key}"}}, "GetObject")
        return {"Body": io.BytesIO(self.content)}


def linked(tmp_path: Path) -> bytes:
    path = tmp_path / "link.tar.gz"
    with tarfile.open(path, "w:gz") as content:
        link = tarfile.TarInfo("model.onnx")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        content.addfile(link)
    return path.read_bytes()


def test_an_artifact_is_unpacked(tmp_path: Path) -> None:
    content = archive({"model.json": b"{}", "model.onnx": b"network"})
    fetch_model_data(OneObject(content), URI, tmp_path / "state" / "AllTraffic")
    assert sorted(path.name for path in (tmp_path / "state").rglob("*") if path.is_file()) == [
        "model.json",
        "model.onnx",
    ]


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda _: None, f'Failed to download model data .*"{URI}".*NoSuchKey'),
        (lambda _: b"no archive", f'Failed to extract model data archive .*"{URI}".*valid tar.gz'),
        (lambda _: model_data()[:60], "Failed to extract"),
        (lambda _: archive({"../escaped": b"x"}), "Failed to extract.*escaped"),
        (linked, "Failed to extract.*model.onnx is a link"),
        (lambda _: archive({"large": b"x" * 2000}), "larger than 1000 bytes"),
    ],
    ids=["absent", "not an archive", "truncated", "escaping", "link", "too large"],
)
def test_unusable_model_data_is_refused_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Any, reason: str
) -> None:
    if "larger" in reason:
        monkeypatch.setattr(artifact, "MOST_BYTES", 1000)
    folder = tmp_path / "state" / "AllTraffic"
    with pytest.raises(ModelDataError, match=reason):
        fetch_model_data(OneObject(make(tmp_path)), URI, folder)
    assert list((tmp_path / "state").iterdir()) == []
    assert not (tmp_path / "escaped").exists()
