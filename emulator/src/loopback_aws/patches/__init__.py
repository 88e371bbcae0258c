"""Everything that the local AWS changes inside its emulator, one file a concept.

`PATCHES` is the whole list, and the order. Each module names the private parts that it relies on in `PRIVATE`
("module:name" or "module:name.attribute"), which are checked before anything is changed.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from inspect import signature
from types import ModuleType

from loopback_aws import acknowledging, saving, service_events
from loopback_aws.cloudformation import interrupted_stacks
from loopback_aws.cloudwatch import composites
from loopback_aws.cloudwatch.clock import Clock
from loopback_aws.errors import LocalError
from loopback_aws.guard import issued_keys
from loopback_aws.guard.keys import KeyPair
from loopback_aws.patches.interpreter import (
    batch,
    choices,
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
    addresses,
    alarms,
    buckets,
    definitions,
    execution_logs,
    functions,
    log_metrics,
    metrics,
    object_changes,
    object_events,
    object_files,
    object_versions,
    presigned_requests,
    provisioning,
    revisions,
    schedules,
    step_functions,
    uploads,
)
from loopback_aws.patches.services.provisioning import ResourceTypes
from loopback_aws.pins import PINS, install_command
from loopback_aws.sagemaker import cloudformation
from loopback_aws.states.service import StepFunctions

PATCHES: tuple[ModuleType, ...] = (
    batch,
    functions,
    encoding,
    parser,
    running,
    tasks,
    integrations,
    tokens,
    jsonata,
    data_flow,
    choices,
    failures,
    retries,
    parallel,
    inline_map,
    map_run,
    redrive,
    step_functions,
    definitions,
    revisions,
    execution_logs,
    metrics,
    log_metrics,
    alarms,
    schedules,
    buckets,
    object_events,
    object_versions,
    object_files,
    object_changes,
    uploads,
    provisioning,
    addresses,
    presigned_requests,
)
"""In the order in which they are applied."""
RELYING: tuple[ModuleType, ...] = (
    composites,
    cloudformation,
    interrupted_stacks,
    issued_keys,
    saving,
    acknowledging,
    service_events,
)
"""What changes nothing, but relies on private parts as well."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What the patches put in the place of the emulator's own."""

    lambda_concurrency: int
    """How many Lambda processes run at once."""
    states: StepFunctions
    """Runs state machines, and answers for them."""
    clock: Clock
    """Evaluates alarms."""
    resource_types: ResourceTypes
    """What templates may have beside what the emulator knows."""
    keys: KeyPair
    """Sign the addresses that the local AWS gives of itself."""


def apply(parts: Parts) -> None:
    """Change the emulator. A patch's `apply` names as its parameters the parts that it needs."""
    for patch in PATCHES:
        patch.apply(**{name: getattr(parts, name) for name in signature(patch.apply).parameters})


def missing_names(modules: tuple[ModuleType, ...] = PATCHES + RELYING) -> list[str]:
    """Private names of the emulator that are needed and not there, as `patch: module:name`."""
    return [
        f"{module.__name__.rpartition('.')[2]}: {name}"
        for module in modules
        for name in module.PRIVATE
        if not _exists(name)
    ]


def check_private_names() -> None:
    """Raise LocalError when the installed emulator is not shaped as the patches expect."""
    if missing := missing_names():
        raise LocalError(
            f"ministack {PINS['ministack']} or moto {PINS['moto']} lacks parts that the local AWS changes "
            f"({'; '.join(missing)}). "
            "The installation is damaged or altered; reinstall it: "
            f"{install_command(PINS)} --force-reinstall"
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
