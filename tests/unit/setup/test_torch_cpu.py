"""torch is installed without GPU packages, or not at all; by its hash where the project knows it."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import pytest

from setup import torch_cpu
from setup.sets import ROOT, TORCH

PINNED = re.findall(r"sha256:([0-9a-f]+)", (ROOT / TORCH).read_text())[0]
UV = "/somewhere/uv"


def report(*others: str, version: str = "2.13.0", sha256: str = PINNED) -> str:
    """A report as `pip install --dry-run --report -` prints it, of torch and other packages."""
    torch = {
        "metadata": {"name": "torch", "version": version},
        "download_info": {"archive_info": {"hashes": {"sha256": sha256}}},
    }
    install = [torch, *({"metadata": {"name": name, "version": "1"}} for name in others)]
    return json.dumps({"version": "1", "pip_version": "26.0", "install": install})


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> tuple[list[list[str]], dict[str, Any]]:
    """The commands that were run, and the answers: pip's report, and words whose command fails."""
    seen: list[list[str]] = []
    answers: dict[str, Any] = {"report": report(), "failing": None}

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        seen.append(command)
        failed = answers["failing"] is not None and answers["failing"] in command
        return subprocess.CompletedProcess(command, int(failed), answers["report"], "no route to host")

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(torch_cpu, "installed_version", lambda: None)
    monkeypatch.setattr(torch_cpu, "find_uv", lambda *_: UV)
    return seen, answers


def test_nothing_is_done_when_the_pinned_release_is_there(
    monkeypatch: pytest.MonkeyPatch, commands: tuple[list[list[str]], dict[str, Any]]
) -> None:
    monkeypatch.setattr(torch_cpu, "installed_version", lambda: f"{torch_cpu.release()}+cpu")
    assert torch_cpu.main() == 0
    assert commands[0] == []


def test_a_pinned_wheel_without_gpu_packages_is_installed_by_its_hash(
    commands: tuple[list[list[str]], dict[str, Any]],
) -> None:
    seen, _ = commands
    assert torch_cpu.main() == 0
    asked, installed = seen
    assert "--dry-run" in asked
    assert installed[1:4] == ["-m", "pip", "install"]
    assert installed[-3:] == ["--require-hashes", "--requirement", str(ROOT / TORCH)]


def test_a_build_for_the_cpu_that_the_machine_has_is_installed_as_it_is(
    commands: tuple[list[list[str]], dict[str, Any]],
) -> None:
    seen, answers = commands
    answers["report"] = report(version="2.13.0+cpu", sha256="0" * 64)
    assert torch_cpu.main() == 0
    assert seen[1][1:4] == ["-m", "pip", "install"]
    assert seen[1][-2:] == ["--no-deps", "torch==2.13.0"]


@pytest.mark.parametrize("package", ["nvidia-cublas-cu12", "nvidia_nccl_cu13", "triton", "cuda-bindings"])
def test_uv_installs_the_cpu_build_when_pip_would_bring_gpu_packages(
    package: str, commands: tuple[list[list[str]], dict[str, Any]]
) -> None:
    seen, answers = commands
    answers["report"] = report("sympy", package)
    assert torch_cpu.main() == 0
    assert "--dry-run" in seen[0]
    assert seen[1][0] == UV
    assert "--torch-backend=cpu" in seen[1]


def test_a_wheel_of_another_hash_under_the_public_name_is_not_installed(
    commands: tuple[list[list[str]], dict[str, Any]],
) -> None:
    seen, answers = commands
    answers["report"] = report(sha256="0" * 64)
    assert torch_cpu.main() == 0
    assert [command[0] for command in seen[1:]] == [UV]


def test_a_cuda_build_is_never_the_way_out(
    commands: tuple[list[list[str]], dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    seen, answers = commands
    answers |= {"report": report("nvidia-cudnn-cu12"), "failing": "--torch-backend=cpu"}
    assert torch_cpu.main() == 1
    assert "--torch-backend=cpu" in seen[-1]
    explanation = capsys.readouterr().err
    assert "no route to host" in explanation
    assert "CPU index" in explanation


def test_without_uv_it_says_how_to_install_by_hand(
    monkeypatch: pytest.MonkeyPatch,
    commands: tuple[list[list[str]], dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    commands[1]["report"] = report("triton")
    monkeypatch.setattr(torch_cpu, "find_uv", lambda *_: None)
    assert torch_cpu.main() == 1
    assert "CPU index" in capsys.readouterr().err


def test_another_release_is_replaced() -> None:
    assert not torch_cpu.matches("2.12.1+cpu")
    assert not torch_cpu.matches(None)
