"""Everything that the local AWS changes inside its emulator, one file a concept.

`PATCHES` is the whole list. Each module names the private parts that it relies on in `PRIVATE`
("module:name" or "module:name.attribute"), which are checked before anything is changed.
"""

from __future__ import annotations

import importlib
from types import ModuleType

from loopback_aws.errors import LocalError
from loopback_aws.patches import interrupted_stacks, saving
from loopback_aws.patches.interpreter import (
    batch,
    data_flow,
    encoding,
    failures,
    inline_map,
    integrations,
    jsonata,
    map_run,
    parallel,
    parser,
    redrive,
    retries,
    running,
    tasks,
    tokens,
)
from loopback_aws.patches.services import (
    alarms,
    auto_delete,
    buckets,
    composite_alarms,
    definitions,
    execution_logs,
    functions,
    log_metrics,
    metrics,
    object_versions,
    provisioning,
    schedules,
    step_functions,
)
from loopback_aws.pins import PINS

INTERPRETER: tuple[ModuleType, ...] = (
    encoding,
    parser,
    running,
    tasks,
    integrations,
    tokens,
    jsonata,
    data_flow,
    failures,
    retries,
    parallel,
    inline_map,
    map_run,
    redrive,
)
"""What is changed inside the interpreter of state machines; each has an `apply()`."""
PATCHES: tuple[ModuleType, ...] = (
    batch,
    functions,
    *INTERPRETER,
    step_functions,
    definitions,
    execution_logs,
    metrics,
    log_metrics,
    alarms,
    composite_alarms,
    schedules,
    buckets,
    object_versions,
    auto_delete,
    provisioning,
    saving,
    interrupted_stacks,
)


def missing_names(patches: tuple[ModuleType, ...] = PATCHES) -> list[str]:
    """Private names of the emulator that a patch needs and that are not there, as `patch: module:name`."""
    return [
        f"{patch.__name__.rpartition('.')[2]}: {name}"
        for patch in patches
        for name in patch.PRIVATE
        if not _exists(name)
    ]


def check_private_names() -> None:
    """Raise LocalError when the installed emulator is not shaped as the patches expect."""
    if missing := missing_names():
        raise LocalError(
            f"ministack {PINS['ministack']} or moto {PINS['moto']} lacks parts that local/patches changes "
            f"({'; '.join(missing)}). "
            "The installation is damaged or altered; reinstall it: "
            "python -m pip install --force-reinstall -r requirements-local.txt"
        )


def _exists(name: str) -> bool:
    module, _, attributes = name.partition(":")
    try:
        found: object = importlib.import_module(module)
        for attribute in attributes.split("."):
            found = _member(found, attribute)
    except (ImportError, AttributeError, KeyError):
        return False
    return True


def _member(owner: object, name: str) -> object:
    """A member of a dictionary, module or class; what a class declares for its instances counts as well."""
    if isinstance(owner, dict):
        return owner[name]
    declared = getattr(owner, "__annotations__", {}) if isinstance(owner, type) else {}
    return declared[name] if name in declared and not hasattr(owner, name) else getattr(owner, name)
