# ruff: noqa: PTH118, PTH120 - pathlib costs 10 ms of every cold start
"""What a function's process keeps of the emulator's: its own code and variables, and a `/tmp` of its own.

Runs in the function's process: standard library only.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import os
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from loopback_aws.lambda_runtime.temporary_folder import give_own

RUNTIME_PACKAGES = frozenset(
    {"boto3", "botocore", "s3transfer", "urllib3", "dateutil", "six", "jmespath", "simplejson"}
)
"""Packages beyond the standard library that AWS's Python runtime brings (`certifi` it does not)."""
STAND_INS = "_LAMBDA_STAND_INS"
"""Variable with the packages that this machine's Python provides in place of a layer for another machine."""
OWN_MOUNTS = "_LAMBDA_OWN_MOUNTS"
"""Variable that is there when the kernel lets a process mount its own `/tmp`."""
INTERNAL = (STAND_INS, OWN_MOUNTS)
"""Variables that the function itself does not see."""
KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TZ", "NO_PROXY", "LD_LIBRARY_PATH")
STANDARD_LIBRARY = [os.path.dirname(os.__file__), os.path.join(os.path.dirname(os.__file__), "lib-dynload")]
"""Its folders; they hold modules that `sys.stdlib_module_names` leaves out, as what `sysconfig` reads."""


class OnlyDeployedCode(importlib.abc.MetaPathFinder):
    """Hides every package that the function does not bring and AWS's runtime does not have."""

    def __init__(self, folders: Sequence[str], stand_ins: Sequence[str] = ()) -> None:
        self._folders = list(folders)
        self._provided = RUNTIME_PACKAGES.union(stand_ins)

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Spec of a deployed top-level module; None hands standard and nested ones to the next finder."""
        if path is not None:
            return None
        if spec := importlib.machinery.PathFinder.find_spec(name, self._folders, target):
            return spec
        if name in sys.stdlib_module_names or name in self._provided:
            return None
        if spec := importlib.machinery.PathFinder.find_spec(name, STANDARD_LIBRARY, target):
            return spec
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def isolate(setup: dict[str, Any]) -> None:
    """Leave of the emulator's process what a function on AWS has: its own code, variables and `/tmp`."""
    for name in list(os.environ):
        if name not in KEPT_ENVIRONMENT and not name.startswith(("AWS_", "_LAMBDA", "LAMBDA_", "_X_AMZN")):
            del os.environ[name]
    layers = [
        os.path.join(folder, "python")
        for folder in os.environ.pop("_LAMBDA_LAYERS_DIRS", "").split(os.pathsep)
        if folder
    ]
    code = setup["code_dir"]
    folders = [code, *layers]
    stand_ins = [name for name in os.environ.pop(STAND_INS, "").split(os.pathsep) if name]
    own = os.path.join(os.path.dirname(code), "tmp")  # it goes with the code
    give_own(own, folders, mounts=os.environ.pop(OWN_MOUNTS, "") == "1")
    os.environ.update({name: text for name, text in setup["env"].items() if name not in INTERNAL})
    os.environ["LAMBDA_TASK_ROOT"] = code
    sys.path[:] = folders + [entry for entry in sys.path[1:] if entry]
    for name in [name for name in sys.modules if name.partition(".")[0] == __name__.partition(".")[0]]:
        del sys.modules[name]  # what runs the function is not the function's
    sys.meta_path.insert(0, OnlyDeployedCode(folders, stand_ins))
    sys.dont_write_bytecode = True
