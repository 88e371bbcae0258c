"""`python -m training.staging`: the data set that `make train` trains on, as `scones stage` would make it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.training.staging.cifar.archives import members, write_archive
from training.manifest import read_manifest
from training.staging.__main__ import main


def test_it_stages_real_pictures_from_the_archive_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CIFAR100_ARCHIVE", str(write_archive(tmp_path / "a.tar.gz", members())))
    for state in ("staged", "already staged, nothing to do"):
        assert main(["cifar100", "--out", str(tmp_path / "data")]) == 0
        assert capsys.readouterr().out.splitlines()[-1] == f"{tmp_path / 'data'}: {state}"
    manifest = read_manifest(tmp_path / "data")
    assert manifest.classes == ("bicycle", "motorcycle")


def test_each_activity_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CIFAR100_ARCHIVE", str(write_archive(tmp_path / "a.tar.gz", members())))
    main(["cifar100", "--out", str(tmp_path / "data")])
    *activities, _ = capsys.readouterr().out.splitlines()
    assert activities
    assert len(activities) == len(set(activities))
    assert all(line.endswith(" …") for line in activities)


def test_what_cannot_be_staged_exits_2_with_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").touch()
    assert main(["drawn", "--out", str(tmp_path)]) == 2
    assert "is not a staged data set" in capsys.readouterr().err
