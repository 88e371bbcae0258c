"""The program that installs: uv where there is one or it can be had, pip otherwise."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from setup.environment import interpreter
from setup.log import Log
from setup.sets import named

UV_INDEX = ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL")
OWN_INDEX = ("index-url", "no-index")


def install(root: Path, pins: str, log: Log) -> None:
    """Install a file of versions and hashes into `.venv`; raises SetupError.

    By pip where only pip was told where this machine's packages come from. And what uv cannot do, pip is
    asked for before anything is given up: it may know a proxy or a certificate that uv does not.
    """
    python, file = str(interpreter(root)), ["--require-hashes", "--requirement", str(root / pins)]
    uv = None if _pip_has_an_index_of_its_own(root) else find_uv(root, log)
    if uv is None or log.status([uv, "pip", "install", "--quiet", "--python", python, *file], cwd=root):
        log.run([python, "-m", "pip", "install", "--no-compile", "--quiet", *file], cwd=root)


def find_uv(root: Path, log: Log) -> str | None:
    """The environment's uv, or a person's own, or one that pip just brought; None where it cannot be had."""
    own = root / ".venv" / "bin" / "uv"
    if found := str(own) if own.exists() else shutil.which("uv"):
        return found
    pins = ["--require-hashes", "--requirement", str(root / named("installer").pins)]
    log.status([str(interpreter(root)), "-m", "pip", "install", "--quiet", "--only-binary=:all:", *pins])
    return str(own) if own.exists() else None


def _pip_has_an_index_of_its_own(root: Path) -> bool:
    """Whether this machine's packages come from a place that only its pip was told of."""
    if any(name in os.environ for name in UV_INDEX):
        return False
    asked = [str(interpreter(root)), "-m", "pip", "config", "list"]
    told = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    return any(line.partition("=")[0].rpartition(".")[2] in OWN_INDEX for line in told.splitlines())
