"""States of a training: whole or not there, for the same training only, and for one at a time."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path

import numpy as np
import pytest

from training.checkpoints import CheckpointError, Checkpoints, Pause, open_checkpoints, way_on

ABOUT = {"epochs": 3, "pictures": "f00"}
STATE = {"weights": np.arange(6.0).reshape(2, 3), "done": np.array(7)}


def saved(folder: Path) -> Path:
    """The folder as a killed training leaves it."""
    with open_checkpoints(folder, ABOUT) as checkpoints:
        checkpoints.save("network-0", STATE)
    return folder


def load(folder: Path, about: dict[str, object] = ABOUT, *, fresh: bool = False) -> object:
    with open_checkpoints(folder, about, fresh=fresh) as checkpoints:
        return checkpoints.load("network-0")


def test_the_same_training_finds_what_it_saved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = saved(tmp_path / "a" / "checkpoints")
    assert "the same command goes on from" in way_on(folder)
    with open_checkpoints(folder, ABOUT) as checkpoints:
        found = checkpoints.load("network-0")
        assert found is not None
        assert {name: array.tolist() for name, array in found.items()} == {
            name: array.tolist() for name, array in STATE.items()
        }
        assert checkpoints.load("network-1") is None
        assert f"goes on from the checkpoints in {folder}, the last of 20" in capsys.readouterr().out
        checkpoints.clear()
    assert list((tmp_path / "a").iterdir()) == []
    assert way_on(folder) == ""


@pytest.mark.parametrize(
    ("about", "fresh", "reason"),
    [
        (ABOUT | {"epochs": 4, "seed": 1}, False, "they are of a training with other epochs, seed"),
        (ABOUT, True, "--fresh was given"),
    ],
)
def test_another_training_begins_anew_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], about: dict[str, object], fresh: bool, reason: str
) -> None:
    folder = saved(tmp_path / "checkpoints")
    assert load(folder, about, fresh=fresh) is None
    assert capsys.readouterr().err == f"BEGINS ANEW: {reason}; the checkpoints in {folder} are removed\n"
    assert not folder.exists()


def test_a_state_that_is_damaged_or_anothers_is_none(tmp_path: Path) -> None:
    folder = saved(tmp_path)
    file = folder / "network-0.state"
    whole = file.read_bytes()
    assert Checkpoints(folder, "another key").load("network-0") is None
    for damaged in (whole[:-1], whole[:100] + bytes([whole[100] ^ 1]) + whole[101:], b"", b"\x93NUMPY"):
        assert damaged != whole
        file.write_bytes(damaged)
        assert load(folder) is None
    file.write_bytes(whole)
    (folder / "training.json").write_text("{")
    assert load(folder) is None
    assert not file.exists()


def test_what_was_being_written_is_cleared_away_and_other_files_are_not(tmp_path: Path) -> None:
    folder = saved(tmp_path)
    (folder / ".network-0.state.half").write_bytes(b"half")
    (folder / "holiday.jpg").write_bytes(b"mine")
    with open_checkpoints(folder, ABOUT) as checkpoints:
        checkpoints.clear()
    assert [path.name for path in folder.iterdir()] == ["holiday.jpg"]


def test_two_trainings_do_not_share_checkpoints(tmp_path: Path) -> None:
    with open_checkpoints(tmp_path, ABOUT), pytest.raises(CheckpointError, match="another training is using"):
        load(tmp_path)
    assert load(saved(tmp_path)) is not None


def test_a_full_disk_does_not_end_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with open_checkpoints(tmp_path, ABOUT) as checkpoints:
        monkeypatch.setattr(os, "fsync", full)
        checkpoints.save("network-0", STATE)
    assert "No space left on device" in capsys.readouterr().err
    assert list(tmp_path.glob("*.state*")) == []


def test_without_a_folder_nothing_is_kept() -> None:
    with open_checkpoints(None, ABOUT) as checkpoints:
        checkpoints.save("network-0", STATE)
        checkpoints.remove("network-0")
        assert checkpoints.load("network-0") is None
        checkpoints.clear()
    assert way_on(None) == ""


def test_a_state_is_due_after_each_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    pause, due = Pause(), []
    for now[0] in (1, 59, 61, 62, 120, 121, 122):
        due.append(pause.is_over())
    assert due == [False, False, True, False, False, True, False]


def test_the_lock_goes_with_the_process(tmp_path: Path) -> None:
    """It is the system's, not the file: one that was left behind holds nobody up."""
    (tmp_path / "lock").touch()
    assert load(saved(tmp_path)) is not None
    with (tmp_path / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(CheckpointError, match="wait for it, or give --checkpoints another folder"):
            load(tmp_path)
