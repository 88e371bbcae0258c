"""The checkout's environment: `.venv`, with the checkout's sources and its command in it."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

from setup.log import Log

SOURCES = "checkout.pth"
COMMAND = """#!/bin/sh
# The command line of this checkout, written by its set-up.
if [ -e {venv}/.sets/operations ]; then exec {venv}/bin/python -P -m operations "$@"; fi
echo "scones is not installed yet: make setup SET=operations" >&2
exit 1
"""


def interpreter(root: Path) -> Path:
    """The environment's Python, whether it is there or not."""
    return root / ".venv" / "bin" / "python"


def ensure_environment(root: Path, log: Log) -> None:
    """Make `.venv` unless there is a whole one, and let it find the checkout's sources; raises SetupError."""
    if not _is_whole(root):
        log.run([sys.executable, "-m", "venv", "--clear", str(root / ".venv")])
    _link(root)


def _is_whole(root: Path) -> bool:
    """One without a working pip is one whose making was interrupted."""
    asked = [str(interpreter(root)), "-m", "pip", "--version"]
    try:
        return subprocess.run(asked, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _link(root: Path) -> None:
    """The project and the emulator are imported from where they lie; `scones` runs the checkout's sources."""
    (packages,) = (root / ".venv" / "lib").glob("python3*/site-packages")
    (packages / SOURCES).write_text(f"{root}\n{root / 'emulator' / 'src'}\n")
    command = root / ".venv" / "bin" / "scones"
    command.write_text(COMMAND.format(venv=shlex.quote(str(root / ".venv"))))
    command.chmod(0o755)
