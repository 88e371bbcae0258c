"""The app as the CLI runs it: the same bytes each time, and one message when something is wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import app as application
from contracts.artifact.archive import ArtifactError
from stacks.artifact import ModelArtifact
from stacks.constructs.source_code import PROJECT
from tests.artifacts import write_archive
from tests.template.test_policy import run_app


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_prod_passes_every_rule_and_twice_gives_the_same_bytes(
    artifact: ModelArtifact, tmp_path: Path
) -> None:
    """As the CLI runs it, with the built-in validator on; the second time in another time zone."""
    for name, zone in (("first", "UTC"), ("second", "Asia/Tokyo")):
        done = run_app(artifact.path, tmp_path / name, "prod", TZ=zone, CDK_VALIDATION="true")
        assert done.returncode == 0, done.stdout + done.stderr
    first, second = contents(tmp_path / "first"), contents(tmp_path / "second")
    assert sorted(first) == sorted(second)
    assert [name for name in first if first[name] != second[name]] == []


def test_no_artifact_is_an_error_that_says_how_to_make_one(tmp_path: Path) -> None:
    done = run_app(tmp_path / "model.tar.gz", tmp_path / "out", "dev")
    assert done.returncode == 1
    assert "no model artifact at" in done.stderr
    assert "make train" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists() or contents(tmp_path / "out") == {}


def test_all_that_is_missing_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_artifact(_: object) -> None:
        raise ArtifactError("no model artifact: make train")

    monkeypatch.setattr(application, "read_context", no_artifact)
    monkeypatch.setattr(
        application, "missing", lambda: ["no charts: npm ci", "no layer: python3 -m setup.layer"]
    )
    with pytest.raises(SystemExit) as refused:
        application.main()
    assert str(refused.value).splitlines() == [
        *("no charts: npm ci", "no layer: python3 -m setup.layer", "no model artifact: make train")
    ]


def test_a_python_without_the_cdk_is_told_how_to_get_it(tmp_path: Path) -> None:
    """With no package at all, as in a fresh clone."""
    done = subprocess.run(
        [sys.executable, "-S", str(PROJECT / "app.py")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    libraries, artifact = done.stderr.splitlines()
    assert (
        "does not have aws_cdk, cdk_nag, constructs, pydantic: pip install -r requirements.txt" in libraries
    )
    assert "make train" in artifact


def test_a_poor_artifact_is_one_message(tmp_path: Path) -> None:
    poor = write_archive(tmp_path / "model.tar.gz", {"../model.json": b"{}"})
    done = run_app(poor, tmp_path / "out", "dev")
    assert done.returncode == 1
    assert "'../model.json'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("stage", ["production", ""])
def test_an_unknown_stage_lists_the_known_ones(artifact: ModelArtifact, tmp_path: Path, stage: str) -> None:
    done = run_app(artifact.path, tmp_path, stage or "none")
    assert done.returncode == 1
    assert "cdk.json knows dev, local, prod" in done.stderr
    assert "Traceback" not in done.stderr
