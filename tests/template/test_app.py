"""The app as the CLI runs it: the same bytes each time, and one message when something is wrong."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from aws_cdk import App

import app as application
from contracts.artifact.archive import ArtifactError
from stacks.artifact import ModelArtifact
from stacks.constructs.source_code import PROJECT
from stacks.settings import read_stage
from tests.artifacts import write_archive
from tests.template.conftest import CONTEXT, STAGES, new_app
from tests.template.test_policy import run_app


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def refuse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path, str], str]:
    """Run the app in this process, with a context as of the CLI; gives its one message."""

    def refuse(artifact: Path, stage: str) -> str:
        context = {**CONTEXT, "stage": stage, "model_artifact": str(artifact)}
        out = str(tmp_path / "out")
        monkeypatch.setattr(application, "App", lambda **given: App(context=context, outdir=out, **given))
        with pytest.raises(SystemExit) as refused:
            application.main()
        assert not (tmp_path / "out").exists() or contents(tmp_path / "out") == {}
        return str(refused.value)

    return refuse


def test_prod_passes_every_rule_and_is_the_same_bytes_in_another_process(
    artifact: ModelArtifact, tmp_path: Path
) -> None:
    """There as the CLI runs it, in another time zone. Here the rules are left out, which only report."""
    done = run_app(artifact.path, tmp_path / "there", "prod", TZ="Asia/Tokyo", CDK_VALIDATION="true")
    assert done.returncode == 0, done.stdout + done.stderr
    application.build(new_app(tmp_path / "here", staged=True), read_stage(STAGES, "prod"), artifact).synth()
    here, there = contents(tmp_path / "here"), contents(tmp_path / "there")
    rules = "validation-report.json"
    assert {*here, rules} == there.keys()
    assert [name for name in here if here[name] != there[name] and name != rules] == []


def test_no_artifact_is_an_error_that_says_how_to_make_one(
    refuse: Callable[[Path, str], str], tmp_path: Path
) -> None:
    message = refuse(tmp_path / "model.tar.gz", "dev")
    assert "no model artifact at" in message
    assert "make train" in message


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


def test_a_poor_artifact_is_one_message(refuse: Callable[[Path, str], str], tmp_path: Path) -> None:
    poor = write_archive(tmp_path / "model.tar.gz", {"../model.json": b"{}"})
    assert "'../model.json'" in refuse(poor, "dev")


def test_no_stage_of_cdk_json_lists_the_known_ones(
    refuse: Callable[[Path, str], str], artifact: ModelArtifact
) -> None:
    assert "cdk.json knows dev, drivers, local, prod" in refuse(artifact.path, "none")


def test_what_is_refused_is_one_message_of_the_command_too(artifact: ModelArtifact, tmp_path: Path) -> None:
    done = run_app(artifact.path, tmp_path, "production")
    assert done.returncode == 1
    assert "cdk.json knows dev, drivers, local, prod" in done.stderr
    assert "Traceback" not in done.stderr
