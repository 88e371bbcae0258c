"""The checkout refuses to become a wheel, and says what to do instead."""

from __future__ import annotations

import subprocess
import sys
import tomllib

import pytest

from setup import no_package
from setup.sets import ROOT


def test_pip_is_refused_with_the_way_to_go(tmp_path: object) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--no-index",
            "--no-deps",
            "--wheel-dir",
            str(tmp_path),
            str(ROOT),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "scones is not installed as a package" in done.stderr + done.stdout
    assert "pip install -r requirements.txt && npx cdk synth" in done.stderr + done.stdout


@pytest.mark.parametrize("hook", ["build_wheel", "build_sdist", "build_editable"])
def test_every_way_to_build_is_refused(hook: str) -> None:
    with pytest.raises(SystemExit, match="make setup"):
        getattr(no_package, hook)("somewhere")


def test_the_backend_is_the_one_that_refuses() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["build-system"] == {
        "requires": [],
        "build-backend": "no_package",
        "backend-path": ["setup"],
    }
    assert "scripts" not in project["project"]
