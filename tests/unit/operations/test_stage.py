"""The verb `scones stage` as a person or a script meets it: help, exit codes, standard error, JSON."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.operations.conftest import Scones
from tests.unit.training.staging.cifar.archives import members, write_archive

ROOT = Path(__file__).resolve().parents[3]
IMAGES = ("--images", "30")


@pytest.fixture(autouse=True)
def no_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CIFAR100_ARCHIVE", raising=False)


def test_help_teaches_by_example(run_scones: Scones) -> None:
    code, out, _ = run_scones("stage", "--help")
    assert code == 0
    for line in ("scones stage drawn --classes", "scones stage cifar100 --list-classes", "CIFAR100_ARCHIVE"):
        assert line in out


def test_the_default_draws_into_the_build_folder(run_scones: Scones, tmp_path: Path) -> None:
    code, out, _ = run_scones("stage", "--images", "30")
    assert code == 0
    assert "bicycle" in out
    assert "staged (fingerprint" in out
    assert (tmp_path / "build/dataset/drawn/manifest.json").exists()
    code, out, _ = run_scones("stage", "--images", "30")
    assert (code, "already staged, nothing to do" in out) == (0, True)


def test_json_is_all_of_standard_output(run_scones: Scones, tmp_path: Path) -> None:
    code, out, _ = run_scones("stage", "--images", "30", "--json", "--out", "data")
    summary = json.loads(out)
    assert code == 0
    assert summary["folder"] == str(tmp_path / "data")
    assert summary["counts"]["test"] == {"bicycle": 6, "motorcycle": 6}
    assert (summary["fresh"], len(summary["fingerprint"])) == (True, 64)


def test_an_archive_is_given_by_flag_or_environment(
    run_scones: Scones, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = write_archive(tmp_path / "a.tar.gz", members())
    code, out, _ = run_scones("stage", "cifar100", "--archive", "a.tar.gz", "--json")
    monkeypatch.setenv("CIFAR100_ARCHIVE", str(archive))
    assert (code, json.loads(out)["name"]) == (0, "cifar100")
    code, out, _ = run_scones("stage", "cifar100", "--classes", "bus, apple,train", "--out", "b", "--json")
    assert (code, json.loads(out)["classes"]) == (0, ["bus", "apple", "train"])


def test_classes_are_listed(run_scones: Scones) -> None:
    _, drawn, _ = run_scones("stage", "--list-classes")
    assert drawn.split() == ["bicycle", "motorcycle", "scooter", "car", "truck"]
    _, published, _ = run_scones("stage", "cifar100", "--list-classes")
    names = published.split()
    assert (len(names), names[8], names[48], names == sorted(names)) == (100, "bicycle", "motorcycle", True)


def test_drivers_are_drawn_in_ten_classes_and_any_size(run_scones: Scones, tmp_path: Path) -> None:
    argv = ("drivers", "--images", "30", "--size", "40x16", "--subjects", "20")
    code, out, _ = run_scones("stage", *argv, "--json")
    summary = json.loads(out)
    assert (code, summary["name"]) == (0, "drivers")
    assert summary["classes"] == [f"c{number}" for number in range(10)]
    assert summary["image"] == {"width": 40, "height": 16}
    assert summary["names"]["c0"] == "safe driving"
    assert summary["folder"] == str(tmp_path / "build/dataset/drivers")
    code, _, err = run_scones("stage", *argv, "--split-by", "random")
    assert (code, "different arguments (split_by)" in err) == (2, True)


@pytest.mark.parametrize(
    ("argv", "reason"),
    [
        (["--classes", "bicycle,bycicle"], "did you mean bicycle?"),
        (["cifar100", "--classes", "cycle,motorbike"], "--list-classes"),
        (["cifar100", "--archive", "missing.tar.gz"], "There is no archive missing.tar.gz"),
        (["cifar100", "--images", "30"], "--images is for drawn and drivers, not for cifar100"),
        (["--archive", "a.tar.gz"], "--archive is for cifar100"),
        (["--validation-share", "0.9"], "outside 0.01 to 0.5"),
        (["--to", "bucket"], "'bucket' is not s3://bucket"),
        (["--to", "s3://Bad_Bucket"], "is not s3://bucket"),
        (["--out", "."], "is not a staged data set"),
        (["mnist"], "'drawn', 'cifar100', 'drivers'"),
        (["--size", "64x48"], "--size is for drivers and your own pictures, not for drawn"),
        (["cifar100", "--split-by", "random"], "--split-by is for drivers, not for cifar100"),
        (["drivers", "--size", "64"], "--size '64' is not WIDTHxHEIGHT"),
        (["drivers", "--size", "64x641"], "641 pixels of height is outside 16 to 640"),
        (["drivers", "--subjects", "9"], "9 subjects is outside 10 to 1,000"),
        (["drivers", "--images", "30", "--subjects", "31"], "give more --images or fewer --subjects"),
        (["drivers", "--classes", "c1,c10"], "drivers has no class 'c10' (did you mean c1?)"),
    ],
)
def test_what_cannot_be_done_exits_2_with_the_reason_and_leaves_nothing(
    run_scones: Scones, tmp_path: Path, argv: list[str], reason: str
) -> None:
    (tmp_path / "here").touch()
    code, out, err = run_scones("stage", *argv)
    assert (code, out) == (2, "")
    assert reason in err
    assert "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir()] == ["here"]


def test_no_network_exits_2_and_names_the_alternatives(
    run_scones: Scones, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CIFAR100_URL", "http://127.0.0.1:9/a.tar.gz")  # the discard port: nothing listens
    code, _, err = run_scones("stage", "cifar100")
    assert code == 2
    assert "CIFAR100_ARCHIVE=FILE" in err
    assert not Path("build/dataset").exists()


def test_a_full_disk_exits_2_and_another_process_writes_the_same_bytes(
    run_scones: Scones, tmp_path: Path
) -> None:
    """Files are held to 1,000 bytes in one process, which no picture fits in; another has room."""

    def run(out: str, limit: int | None, seed: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "operations", "stage", *IMAGES, "--out", str(tmp_path / out)],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONDONTWRITEBYTECODE": "1"},
            preexec_fn=(lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))) if limit else None,
            capture_output=True,
            text=True,
            check=False,
        )

    full = run("full", 1000, "0")
    assert (full.returncode, full.stdout) == (2, "")
    assert "No space left to stage into" in full.stderr
    assert not list(tmp_path.iterdir())
    assert run("1", None, "1").returncode == 0
    assert run_scones("stage", *IMAGES, "--out", str(tmp_path / "2"))[0] == 0
    written = []
    for out in ("1", "2"):
        files = sorted(path for path in (tmp_path / out).rglob("*") if path.is_file())
        written.append({path.relative_to(tmp_path / out): path.read_bytes() for path in files})
    assert written[0] == written[1]
    assert len(written[0]) == 64
