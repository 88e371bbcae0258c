"""README's "Try it by hand", every line as it is printed, in a checkout of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local.deployed.emulator import ROOT

CHAPTER = (ROOT / "README.md").read_text(encoding="utf-8").partition("\n## Try it by hand\n")[2]
LINES = [line.partition("  #")[0].rstrip() for line in CHAPTER.split("```")[1].strip().splitlines()]
INSTALLED = (".venv", "node_modules", "build/layer")
MADE = ("build", "cdk.out", "__pycache__", ".*_cache", ".git*", ".hypothesis", ".local", ".venv", "node_*")
QUICK = {"ARGS": "--preset quick --folds 1 --max-steps 20", "PORT": "0", "CDK_VALIDATION": "false"}
"""What the lines take of the environment: a training that learns next to nothing, any free port, and no
validation of templates: tests/template/test_policy.py shows that they pass it."""


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    """This checkout without what was made in it; what is installed is as here, and as new as its pins."""
    folder = tmp_path / "scones"
    shutil.copytree(
        ROOT,
        folder,
        ignore=shutil.ignore_patterns(*MADE),
    )
    (folder / "build").mkdir()
    for name in INSTALLED:
        (folder / name).symlink_to(ROOT / name)
    pins = ("requirements.txt", "package.json", "package-lock.json", *map(str, folder.glob("requirements/*")))
    for name in pins:
        os.utime(folder / name, (0, 0))
    yield folder
    subprocess.run(
        [sys.executable, "-m", "loopback_aws", "down", "--state", folder / ".local"], cwd=folder, check=True
    )


def follow(checkout: Path, line: str, variables: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Type a line; what was printed, and the shell's variables behind it. Nobody answers a question."""
    after = checkout / "variables.json"
    keep = f"{sys.executable} -c 'import json, os; print(json.dumps(dict(os.environ)))' > {after}"
    done = subprocess.run(
        ["bash", "-c", f"{line} || exit\n{keep}"],
        cwd=checkout,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
        check=False,
    )
    if done.returncode == 0:
        return done.stdout, json.loads(after.read_text())
    assert "scones classify" in line, f"{line}: {done.stdout[-3000:]}"
    return done.stdout, variables


@pytest.mark.timeout(900)
def test_every_line_as_it_is_printed(checkout: Path) -> None:
    foreign = ("AWS_", "CDK_", "MAKE")
    outside = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    variables = outside | QUICK
    said: dict[str, str] = {}
    bucket = "BUCKET"
    for line in LINES:
        out, variables = follow(checkout, line.replace("BUCKET", bucket), variables)
        said[line] = out
        if named := re.search(r"DataBucketName = (\S+)", out):
            bucket = named[1]
    (classified,) = (out for line, out in said.items() if "scones classify" in line)
    assert f"s3://{bucket}/test/bicycle_s_000023.png\t" in classified
    assert re.search("1 image: 1 (accepted|low confidence)", classified)
    left = {name for name in variables if name.startswith(("AWS_", "CDK_"))} - QUICK.keys()
    assert left == set(), "the shell has left"
