"""The command line from its first moment to its last: help, version, Ctrl-C, a closed pipe."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from operations.verbs import VERBS
from tests.unit.operations.conftest import Scones
from tests.unit.operations.deployed import DeployedStage
from tests.unit.operations.executions import IMAGE_MACHINE

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-m", "operations"]


@pytest.mark.parametrize("flag", ["-h", "--help"])
@pytest.mark.parametrize("verb", ["", *VERBS])
def test_help_at_80_columns(
    run_scones: Scones, monkeypatch: pytest.MonkeyPatch, verb: str, flag: str
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    code, out, _ = run_scones(*filter(None, [verb, flag]))
    assert code == 0
    for words in ("Usage: scones", "Examples:", "Exit code", f"scones {verb}"):
        assert words in out
    assert "<bool>" not in out
    assert "range>" not in out
    assert "..." not in out.replace("[ARGS]...", "")
    assert not [line for line in out.splitlines() if len(line) > 80 and "  scones" not in line]


def test_version(run_scones: Scones) -> None:
    assert run_scones("--version") == (0, "scones 0.1.0\n", "")


def test_ctrl_c_in_a_verb_is_130_without_a_word(
    run_scones: Scones, deployed: DeployedStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed.states.add(IMAGE_MACHINE, "one", {})

    def press(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("operations.executions.recent_executions", press)
    code, out, err = run_scones("executions")
    assert (code, out) == (130, "")
    assert "Traceback" not in err


@pytest.mark.parametrize("argv", [["batch", "--help"], ["stage", "--list-classes"]])
def test_a_closed_pipe_ends_it_as_other_programs(argv: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    ended = subprocess.run(
        [*COMMAND, *argv], cwd=ROOT, stdout=writer, stderr=subprocess.PIPE, text=True, timeout=60, check=False
    )
    os.close(writer)
    assert ended.returncode == 141
    assert "Traceback" not in ended.stderr
    assert "Exception" not in ended.stderr
