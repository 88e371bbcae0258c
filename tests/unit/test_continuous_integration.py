"""What CI runs is what a person runs: verbs that the Makefile has; and it may do no more."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
OWNERS = {"actions"}
each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)


def read(path: Path) -> dict[Any, Any]:
    return dict(yaml.safe_load(path.read_text()))


def steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in read(path)["jobs"].values() for step in job["steps"]]


def verbs(text: str) -> list[str]:
    return re.findall(r"^\s*make (\S+)", text, re.MULTILINE)


def makefile_verbs() -> set[str]:
    return set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_there_is_a_workflow() -> None:
    assert [path.name for path in WORKFLOWS] == ["ci.yml"]


@each_workflow
def test_its_steps_are_verbs_that_exist(path: Path) -> None:
    commands = [step["run"] for step in steps(path) if "run" in step]
    found = verbs("\n".join(commands))
    assert len(found) == len(commands), "a step that is no verb of the Makefile"
    assert set(found) <= makefile_verbs()


def test_both_places_run_the_same_verbs() -> None:
    run = (ROOT / ".ci" / "run").read_text()
    assert verbs(run) == ["check", "test"]
    (path,) = WORKFLOWS
    assert verbs("\n".join(step.get("run", "") for step in steps(path))) == verbs(run)


@each_workflow
def test_it_may_read_the_sources_and_nothing_else(path: Path) -> None:
    workflow = read(path)
    assert workflow["permissions"] == {"contents": "read"}
    assert [name for name, job in workflow["jobs"].items() if "permissions" in job] == []
    assert "secrets." not in path.read_text()
    assert "pull_request_target" not in workflow[True]  # YAML 1.1 reads `on` as true
    for step in steps(path):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@each_workflow
def test_actions_are_pinned_by_their_whole_version(path: Path) -> None:
    for step in steps(path):
        if "uses" in step:
            owner, _, version = re.split(r"[/@]", step["uses"])
            assert owner in OWNERS, step
            assert re.fullmatch(r"v\d+\.\d+\.\d+", version), step


@each_workflow
def test_it_ends_by_itself_and_only_the_newest_runs(path: Path) -> None:
    workflow = read(path)
    assert workflow["concurrency"]["cancel-in-progress"] is True
    assert "github.ref" in workflow["concurrency"]["group"]
    for job in workflow["jobs"].values():
        assert 0 < job["timeout-minutes"] <= 90
        assert re.fullmatch(r"ubuntu-\d+\.\d+", job["runs-on"]), "a system of a known version"


def test_its_python_is_one_that_the_project_runs_on() -> None:
    versions = [
        step["with"]["python-version"]
        for path in WORKFLOWS
        for step in steps(path)
        if "setup-python" in step.get("uses", "")
    ]
    assert versions == ["3.11"], "the oldest, for which types are checked"
