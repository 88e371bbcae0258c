"""What a killed run leaves in the temporary folder is gone after the next, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.working_folder import working_folder


def test_what_killed_runs_left_is_cleared_and_running_ones_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left, not_ours, elsewhere = (tmp_path / name for name in ("training-a", "training-b", "other-c"))
    for folder in (left, not_ours, elsewhere):
        folder.mkdir()
        (folder / "learned.npy").write_bytes(b"pixels")
    (left / "in-use").touch()
    (elsewhere / "in-use").touch()
    (tmp_path / "training-link").symlink_to(elsewhere)
    with working_folder("training-") as running:
        assert not left.exists()
        with working_folder("training-") as another:
            assert running.is_dir()
            assert another != running
        assert not another.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other-c", "training-b", "training-link"]
    assert len(list(elsewhere.iterdir())) == 2
