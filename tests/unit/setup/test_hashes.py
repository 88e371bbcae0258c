"""Whatever installs Python packages does it by their hashes: read from the sources."""

from __future__ import annotations

import ast
import re
import subprocess

from setup.sets import ROOT

NAMES = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
# Of torch's builds for the processor there are no hashes (ADR 0009): test_torch_cpu says when it needs none.
PROGRAMS = re.findall(r"^(?!.*tests/|setup/torch_cpu).*\.py$", NAMES, re.MULTILINE)
RECIPES = re.findall(r"^(?:.*Dockerfile|Makefile|.*\.sh|.*\.ya?ml|\.ci/run)$", NAMES, re.MULTILINE)


def test_every_function_that_installs_wants_hashes() -> None:
    found = {
        f"{name}:{function.name}": "--require-hashes" in words
        for name in PROGRAMS
        for function in ast.walk(ast.parse((ROOT / name).read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef)
        if "install" in (words := {n.value for n in ast.walk(function) if isinstance(n, ast.Constant)})
    }
    assert len(found) >= 3
    assert [name for name, wanted in found.items() if not wanted] == []


def test_every_line_that_installs_wants_hashes() -> None:
    lines = [
        line for name in RECIPES for line in re.findall(r".*\bpip3? install\b.*", (ROOT / name).read_text())
    ]
    assert lines
    assert [line for line in lines if "--require-hashes" not in line] == []
