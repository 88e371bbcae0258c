"""The Makefile on machines that lack something; every tool is a stub, nothing is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COPIED = (
    *("Makefile", "package.json", "package-lock.json", "constraints.txt", "pyproject.toml"),
    "requirements-reports.txt",
)
Make = Callable[..., subprocess.CompletedProcess[str]]

TOOL = """#!/bin/bash
echo "$(basename $0) $*" >> calls
if [[ "$*" == "-m pip --version" && -e no-pip ]]; then exit 1; fi
if [[ "$*" == "-m loopback_aws up "* ]]; then echo "export A=1"; elif [[ $1 != -c ]]; then echo "chatter"; fi
"""
OLD = 'import sys; sys.version_info, sys.version = (3, 10, 9), "3.10.9"; exec(sys.argv[1])'
OLD_PYTHON = f"""#!/bin/bash
exec {sys.executable} -c '{OLD}' "$2"
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The Makefile among stubs: python, npm and what a set-up would have made."""
    for name in COPIED:
        shutil.copy(ROOT / name, tmp_path)
    for folder in ("training", "node_modules", ".venv/bin", "bin"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "training" / "install_torch.py").touch()
    for tool in (".venv/bin/python", "bin/python3", "bin/npm"):
        executable(tmp_path / tool, TOOL)
    for needed in ("make", "touch", "basename", "rm", "mkdir", "find"):
        (tmp_path / "bin" / needed).symlink_to(str(shutil.which(needed)))
    return tmp_path


@pytest.fixture
def make(checkout: Path) -> Make:
    """Run make where no tool but the stubs is on the path."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {n: v for n, v in os.environ.items() if n not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
        return subprocess.run(
            ["make", *arguments],
            cwd=checkout,
            env=environment | {"PATH": str(checkout / "bin")},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def executable(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def calls(checkout: Path) -> list[str]:
    return (checkout / "calls").read_text().splitlines()


def test_an_old_python_is_named_before_anything_is_installed(checkout: Path, make: Make) -> None:
    executable(checkout / "bin" / "python3", OLD_PYTHON)
    refused = make("setup")
    assert refused.returncode != 0
    assert "Python 3.11.4 or newer is needed" in refused.stderr
    assert "is 3.10.9: make setup PYTHON=python3.x" in refused.stderr
    assert calls(checkout) == ["npm ci --silent"]


def test_without_node_nothing_is_installed(checkout: Path, make: Make) -> None:
    (checkout / "bin" / "npm").unlink()
    refused = make("setup")
    assert refused.returncode != 0
    assert "Node with npm is needed" in refused.stderr
    assert not (checkout / "calls").exists()


def test_what_up_prints_is_for_the_shell_even_when_it_sets_up_first(checkout: Path, make: Make) -> None:
    done = make("up")
    assert (done.returncode, done.stdout) == (0, "export A=1\n"), done.stderr
    assert "python -m pip install" in "\n".join(calls(checkout))


def test_an_interrupted_environment_is_made_again(checkout: Path, make: Make) -> None:
    make("setup")
    assert not [call for call in calls(checkout) if "venv" in call]
    (checkout / ".venv" / ".installed").unlink()
    (checkout / "no-pip").touch()
    make("setup")
    assert "python3 -m venv --clear .venv" in calls(checkout)


def test_clean_stops_what_runs_before_it_removes_its_state(checkout: Path, make: Make) -> None:
    for state in (".local", "build/demo/aws", "other"):
        (checkout / state).mkdir(parents=True)
    assert make("clean", "STATE=other").returncode == 0
    stopped = [call.split()[-1] for call in calls(checkout)]
    assert sorted(stopped) == [".local", "build/demo/aws", "other"]
    assert not [name for name in (".local", "build", ".venv", "node_modules") if (checkout / name).exists()]
    assert (checkout / "other").exists(), "a folder that a person named is theirs"


def test_clean_leaves_no_compiled_sources(checkout: Path, make: Make) -> None:
    (checkout / "training" / "deep" / "__pycache__").mkdir(parents=True)
    (checkout / "training" / "deep" / "__pycache__" / "x.pyc").touch()
    assert make("clean").returncode == 0
    assert (checkout / "training" / "deep").exists()
    assert not list(checkout.rglob("__pycache__"))


def test_clean_keeps_the_state_of_what_cannot_be_stopped(checkout: Path, make: Make) -> None:
    executable(checkout / ".venv" / "bin" / "python", "#!/bin/bash\nexit 1\n")
    (checkout / ".local").mkdir()
    assert make("clean").returncode != 0
    assert (checkout / ".local").exists()
