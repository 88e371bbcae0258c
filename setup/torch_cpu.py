"""Install torch in its CPU build into this environment: `.venv/bin/python -m setup.torch_cpu`.

On Linux the default package index answers `torch` with a build that drags in gigabytes of CUDA packages.
So pip is first asked what it would install. If no GPU package is among it, that is installed: on macOS the
default index's wheel, by its pinned hash; or the CPU build (2.13.0+cpu) that a machine's pip is set up with.
Otherwise `uv` installs the CPU build, which knows where PyTorch keeps it. A CUDA build is never installed.
What torch needs is installed before, with hashes.
"""

from __future__ import annotations

import importlib.metadata
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from setup.installer import find_uv
from setup.log import Log
from setup.sets import ROOT, TORCH

GPU_PACKAGE = re.compile(r"^(nvidia|cuda|triton|pytorch-triton)(-|$)")


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


def release() -> str:
    """The release that is pinned, without the name of a build."""
    (version,) = re.findall(r"^torch==(\S+)", (ROOT / TORCH).read_text(), re.MULTILINE)
    return str(version)


def installed_version() -> str | None:
    try:
        return importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        return None


def matches(version: str | None) -> bool:
    """Whether it is the pinned release, in whatever build: 2.13.0, 2.13.0+cpu."""
    return version is not None and version.partition("+")[0] == release()


def install() -> None:
    """With pip if that brings no GPU package, else with uv."""
    report = ask_pip()
    if unwanted := gpu_packages(report):
        print(f"pip would install {len(unwanted)} GPU packages ({', '.join(unwanted[:3])} …)")
    elif is_pinned(report):
        run(pip("install", "--quiet", "--no-deps", "--require-hashes", "--requirement", str(ROOT / TORCH)))
        return
    elif is_local_build(report):
        run(pip("install", "--quiet", "--no-deps", requirement()))
        return
    run([*uv(), "pip", "install", "--quiet", "--python", sys.executable, *cpu_build()])


def ask_pip() -> dict[str, Any]:
    """pip's report of what it would install for torch, nothing being installed."""
    answer = run(pip("install", "--dry-run", "--quiet", "--report", "-", requirement()))
    try:
        return dict(json.loads(answer))
    except ValueError as error:
        raise InstallError(f"pip's report is not JSON ({error}): {answer[:200]!r}") from error


def gpu_packages(report: dict[str, Any]) -> list[str]:
    """Names in a pip report of packages that only a GPU needs, in order."""
    names = [item["metadata"]["name"] for item in report.get("install", [])]
    canonical = [re.sub(r"[-_.]+", "-", name).lower() for name in names]
    return sorted(name for name in canonical if GPU_PACKAGE.match(name))


def is_pinned(report: dict[str, Any]) -> bool:
    """Whether the wheel of torch is one of those whose hashes the project keeps."""
    hashes = _torch(report).get("download_info", {}).get("archive_info", {}).get("hashes", {})
    return f"sha256:{hashes.get('sha256')}" in (ROOT / TORCH).read_text()


def is_local_build(report: dict[str, Any]) -> bool:
    """Whether it is a build with a name of its own, as no public index has: the machine is set up with it."""
    return "+" in _torch(report)["metadata"]["version"]


def _torch(report: dict[str, Any]) -> dict[str, Any]:
    return next(item for item in report["install"] if item["metadata"]["name"] == "torch")


def run(command: Sequence[str]) -> str:
    """The command's output; InstallError, with the way out, when it fails."""
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        reason = "\n".join(result.stderr.strip().splitlines()[-5:])
        raise InstallError(
            f"torch {release()} for the CPU was not installed: `{' '.join(command)}` ended with status "
            f"{result.returncode}:\n{reason}\n{by_hand()}"
        )
    return result.stdout


def by_hand() -> str:
    return (
        f"Install the CPU build of torch {release()} into {sys.prefix} by hand, from PyTorch's CPU index "
        "(PyTorch's own installation page has the command: choose pip and CPU), and run `make setup` "
        "again. There are builds for Python up to 3.14."
    )


def pip(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "pip", *arguments]


def uv() -> list[str]:
    """The program that knows PyTorch's index; InstallError where there is none."""
    found = find_uv(ROOT, Log(ROOT / "build" / "setup" / "uv.log"))
    if found is None:
        raise InstallError(f"torch {release()} for the CPU was not installed: there is no uv. {by_hand()}")
    return [found]


def cpu_build() -> list[str]:
    return ["--no-deps", "--torch-backend=cpu", requirement()]


def requirement() -> str:
    return f"torch=={release()}"


if __name__ == "__main__":
    sys.exit(main())
