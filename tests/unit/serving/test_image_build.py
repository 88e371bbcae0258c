"""The build of the serving image: its base is resolved once, by digest, and label and answer say which.

Docker and AWS's command line are programs that write down how they were called: neither is here.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.serving.server_process import ROOT

TODAY, PINNED = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
BASE = "public.ecr.aws/docker/library/python:3.13.9-slim-bookworm"
IMAGE = "1.dkr.ecr.eu-west-1.amazonaws.com/serving:tag"
DOCKER = """#!/bin/sh
echo "docker $*" >> "$CALLS"
for argument; do
    case $argument in
        BASE_DIGEST=*) echo "${argument#*=}" > "$LABEL" ;;
        *RepoDigests*) echo "${BASE%:*}@$TODAY" ;;
        *Labels*) cat "$LABEL" ;;
    esac
done
"""
AWS = """#!/bin/sh
echo "aws $*" >> "$CALLS"
case "$*" in *describe-images*) [ -e "$LABEL" ] ;; *password*) echo secret ;; esac
"""

Build = Callable[..., tuple[subprocess.CompletedProcess[str], list[str]]]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Runs the script: what it printed, and the commands that it called."""
    for name, program in {"docker": DOCKER, "aws": AWS}.items():
        (tmp_path / name).write_text(program)
        (tmp_path / name).chmod(0o755)

    def run(pinned: str = "", built: str | None = None) -> tuple[subprocess.CompletedProcess[str], list[str]]:
        if built is not None:
            (tmp_path / "label").write_text(f"{built}\n")
        repository, _, tag = IMAGE.rpartition(":")
        environment = {
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "REPOSITORY": repository,
            "REPOSITORY_NAME": "serving",
            "TAG": tag,
            "REGISTRY": "public.ecr.aws/docker/library/",
            **({"BASE_DIGEST": pinned} if pinned else {}),
            "OUTPUT": "type=image,oci-mediatypes=false",
            "CALLS": str(tmp_path / "calls"),
            "LABEL": str(tmp_path / "label"),
            "BASE": BASE,
            "TODAY": TODAY,
        }
        ended = subprocess.run(
            ["sh", "serving/build.sh"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        return ended, (tmp_path / "calls").read_text().splitlines()

    return run


def test_a_tag_is_resolved_once_and_built_from_by_its_digest(build: Build) -> None:
    ended, calls = build()
    assert (ended.returncode, ended.stdout) == (0, f"{TODAY}\n"), ended.stderr
    assert next(call for call in calls if BASE in call) == f"docker pull --quiet {BASE}"
    (built,) = [call for call in calls if call.startswith("docker build")]
    assert f"--build-arg BASE_DIGEST={TODAY} " in built
    assert "--build-arg REGISTRY=public.ecr.aws/docker/library/ " in built
    assert f"--provenance=false --output type=image,oci-mediatypes=false --tag {IMAGE} ." in built
    assert calls.index(f"docker push {IMAGE}") > calls.index(built)


def test_a_pinned_base_is_built_from_without_asking_what_the_tag_is(build: Build) -> None:
    ended, calls = build(pinned=PINNED)
    assert ended.stdout == f"{PINNED}\n"
    assert not [call for call in calls if BASE in call]
    assert any(f"--build-arg BASE_DIGEST={PINNED} " in call for call in calls)


def test_an_image_that_is_there_is_not_built_and_says_its_own_base(build: Build) -> None:
    ended, calls = build(built=TODAY)
    assert ended.stdout == f"{TODAY}\n"
    assert f"docker pull --quiet {IMAGE}" in calls
    assert not [call for call in calls if call.startswith(("docker build", "docker push"))]


def test_an_image_that_does_not_say_its_base_fails_the_build(build: Build) -> None:
    ended, _ = build(built="")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "says nothing of its base" in ended.stderr
