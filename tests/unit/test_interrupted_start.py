"""Ctrl-C while a verb's modules are still being loaded ends it as any program, without a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRESS = """
import os, signal, sys
class Press:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}: os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Press())
"""
"""Presses it at the moment at which a module is looked for."""


@pytest.mark.parametrize(
    ("command", "module"),
    [
        *(
            ("operations stage --list-classes", module)
            for module in ("operations.verbs", "typer", "boto3", "numpy")
        ),
        ("training.train --help", "torch"),
        ("training.staging drawn --out none", "numpy"),
        ("demo", "botocore"),
    ],
)
def test_no_traceback(tmp_path: Path, command: str, module: str) -> None:
    (tmp_path / "sitecustomize.py").write_text(PRESS.format(module=module))
    ended = subprocess.run(
        [sys.executable, "-m", *command.split()],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stderr, ended.stdout) == (-signal.SIGINT, "", "")
