"""torch is installed without GPU packages, or not at all."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from training import install_torch


def report(*names: str) -> str:
    """A report as `pip install --dry-run --report -` prints it."""
    install = [{"metadata": {"name": name, "version": "1"}, "is_direct": False} for name in names]
    return json.dumps({"version": "1", "pip_version": "26.0", "install": install})


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> tuple[list[list[str]], dict[str, Any]]:
    """The commands that were run, and the answers: pip's report, and words whose command fails."""
    seen: list[list[str]] = []
    answers: dict[str, Any] = {"report": report("torch"), "failing": None}

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        seen.append(command)
        failed = answers["failing"] is not None and answers["failing"] in command
        return subprocess.CompletedProcess(command, int(failed), answers["report"], "no route to host")

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(install_torch, "installed_version", lambda: None)
    return seen, answers


def test_nothing_is_done_when_the_pinned_release_is_there(
    monkeypatch: pytest.MonkeyPatch, commands: tuple[list[list[str]], dict[str, Any]]
) -> None:
    monkeypatch.setattr(install_torch, "installed_version", lambda: f"{install_torch.VERSION}+cpu")
    assert install_torch.main() == 0
    assert commands[0] == []


def test_pip_installs_a_build_without_gpu_packages(commands: tuple[list[list[str]], dict[str, Any]]) -> None:
    seen, _ = commands
    assert install_torch.main() == 0
    assert [("pip" in command, "--dry-run" in command) for command in seen] == [(True, True), (True, False)]


@pytest.mark.parametrize("package", ["nvidia-cublas-cu12", "nvidia_nccl_cu13", "triton", "cuda-bindings"])
def test_uv_installs_the_cpu_build_when_pip_would_bring_gpu_packages(
    package: str, commands: tuple[list[list[str]], dict[str, Any]]
) -> None:
    seen, answers = commands
    answers["report"] = report("torch", "sympy", package)
    assert install_torch.main() == 0
    assert "--dry-run" in seen[0]
    assert seen[1][-1] == install_torch.UV
    assert "--torch-backend=cpu" in seen[2]


def test_a_cuda_build_is_never_the_way_out(
    commands: tuple[list[list[str]], dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    seen, answers = commands
    answers |= {"report": report("torch", "nvidia-cudnn-cu12"), "failing": "--torch-backend=cpu"}
    assert install_torch.main() == 1
    assert "--torch-backend=cpu" in seen[-1]
    explanation = capsys.readouterr().err
    assert "no route to host" in explanation
    assert "CPU index" in explanation


def test_another_release_is_replaced() -> None:
    assert not install_torch.matches("2.12.1+cpu")
    assert not install_torch.matches(None)
