"""Saving the state of services while the local AWS runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from loopback_aws.saving import Saver
from ministack.services import sns, sqs

LOADED = (sns, sqs)
"""Only services that are loaded have a state."""


def test_a_folder_that_takes_no_files_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    saver = Saver(tmp_path / "gone", 1)
    saver.save()
    saver.save()
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "gone cannot be written" in caplog.text
    (tmp_path / "gone").mkdir()
    saver.save()
    assert list((tmp_path / "gone").iterdir())


def test_while_saving_fails_a_commit_says_so_even_where_nothing_changed(tmp_path: Path) -> None:
    folder = tmp_path / "services"
    folder.mkdir()
    saver = Saver(folder, 1)
    saver.commit(["sqs"])
    folder.rename(tmp_path / "gone")
    saver.commit(["sqs"])
    with pytest.raises(FileNotFoundError):
        saver.commit(["sns"])
    assert saver.failing
    with pytest.raises(FileNotFoundError):
        saver.commit(["sqs"])
