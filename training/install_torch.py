"""Install torch in its CPU build: `.venv/bin/python training/install_torch.py`. Standard library only.

On Linux the default package index answers `torch` with a build that drags in gigabytes of CUDA packages.
So pip is first asked what it would install. If no GPU package is among it (macOS, ARM, or a machine whose
pip is configured with a CPU build), pip installs it. Otherwise `uv` does, which knows where PyTorch keeps
its CPU builds. A CUDA build is never installed.
"""

from __future__ import annotations

import importlib.metadata
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

VERSION = "2.13.0"
UV = "uv==0.13.8"
GPU_PACKAGE = re.compile(r"^(nvidia|cuda|triton|pytorch-triton)(-|$)")
CONSTRAINTS = Path(__file__).resolve().parent.parent / "constraints.txt"


class InstallError(RuntimeError):
    """torch could not be installed; the message says what to do."""


def main() -> int:
    """Install if need be; 0 when torch is there, 1 with the reason on stderr when it is not."""
    found = installed_version()
    if matches(found):
        print(f"torch {found} is installed")
        return 0
    try:
        install()
    except InstallError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def installed_version() -> str | None:
    try:
        return importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        return None


def matches(version: str | None) -> bool:
    """Whether it is the pinned release, in whatever build: 2.13.0, 2.13.0+cpu."""
    return version is not None and version.partition("+")[0] == VERSION


def install() -> None:
    """With pip if that brings no GPU package, else with uv."""
    unwanted = gpu_packages(ask_pip())
    if not unwanted:
        print(f"Installing torch {VERSION} with pip")
        run(pip("install", "--quiet", *constraints(), requirement()))
        return
    print(f"pip would install {len(unwanted)} GPU packages ({', '.join(unwanted[:3])} …)")
    print(f"Installing torch {VERSION} for the CPU with {UV}")
    run(pip("install", "--quiet", UV))
    run(uv("pip", "install", "--torch-backend=cpu", *constraints(), requirement()))


def ask_pip() -> dict[str, Any]:
    """pip's report of what it would install for torch, nothing being installed."""
    answer = run(pip("install", "--dry-run", "--quiet", "--report", "-", *constraints(), requirement()))
    try:
        return dict(json.loads(answer))
    except ValueError as error:
        raise InstallError(f"pip's report is not JSON ({error}): {answer[:200]!r}") from error


def gpu_packages(report: dict[str, Any]) -> list[str]:
    """Names in a pip report of packages that only a GPU needs, in order."""
    names = [item["metadata"]["name"] for item in report.get("install", [])]
    canonical = [re.sub(r"[-_.]+", "-", name).lower() for name in names]
    return sorted(name for name in canonical if GPU_PACKAGE.match(name))


def run(command: Sequence[str]) -> str:
    """The command's output; InstallError, with the way out, when it fails."""
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        reason = "\n".join(result.stderr.strip().splitlines()[-5:])
        raise InstallError(
            f"torch {VERSION} for the CPU was not installed: `{' '.join(command)}` ended with status "
            f"{result.returncode}:\n{reason}\n"
            f"Install the CPU build of torch {VERSION} into {sys.prefix} by hand, from PyTorch's CPU index "
            "(PyTorch's own installation page has the command: choose pip and CPU), and run `make setup` "
            "again. There are builds for Python up to 3.14."
        )
    return result.stdout


def pip(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "pip", *arguments]


def uv(command: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "uv", "--quiet", command, *arguments, "--python", sys.executable]


def requirement() -> str:
    return f"torch=={VERSION}"


def constraints() -> list[str]:
    """torch's own needs at the versions that the project pins."""
    return ["--constraint", str(CONSTRAINTS)] if CONSTRAINTS.exists() else []


if __name__ == "__main__":
    sys.exit(main())
