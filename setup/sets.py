"""The sets of packages that are installed by themselves, each for the verbs that need it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TORCH = "requirements/torch.txt"
"""torch of the default index, by itself: see setup/torch_cpu.py."""


@dataclass(frozen=True)
class PackageSet:
    """Packages that are resolved, pinned and installed together.

    needs: dependency groups of pyproject.toml; `emulator` is what the emulator runs on, `emulator:NAME` a
        dependency group of its own pyproject.toml.
    pins: the file of versions and hashes, from the checkout's root.
    brings: what a person gets, and the megabytes that it takes in an environment that has nothing else.
    """

    name: str
    needs: tuple[str, ...]
    pins: str
    brings: str = ""


SETS = (
    PackageSet("synth", ("synth",), "requirements.txt", "the CDK's libraries, 260 MB"),
    PackageSet("training", ("training",), "requirements/training.txt", "torch and what trains, 950 MB"),
    PackageSet("up", ("emulator", "serving"), "requirements/up.txt", "AWS on loopback, 240 MB"),
    PackageSet("operations", ("operations",), "requirements/operations.txt", "the command `scones`, 120 MB"),
    PackageSet("notebook", ("notebook",), "requirements/notebook.txt", "JupyterLab, 250 MB"),
    PackageSet("dev", ("check", "test", "emulator:test"), "requirements/dev.txt", "test tools, 560 MB"),
    # These are not for .venv: the container, the monitoring function's layer, and the program that installs.
    PackageSet("serving", ("serving",), "requirements/serving.txt"),
    PackageSet("monitor", ("monitor",), "requirements/monitor.txt"),
    PackageSet("installer", ("installer",), "requirements/installer.txt", "uv, which resolves, 40 MB"),
)


INSTALLABLE = tuple(packages.name for packages in SETS if packages.brings)
"""Names of the sets that go into .venv."""


def named(name: str) -> PackageSet:
    """The set of that name; KeyError when there is none."""
    return {packages.name: packages for packages in SETS}[name]
