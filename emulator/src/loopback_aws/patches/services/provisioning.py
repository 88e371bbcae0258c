"""CloudFormation resource types that the project adds to the emulator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ministack.services.cloudformation import provisioners, stacks

PRIVATE = (
    "ministack.services.cloudformation.provisioners:_RESOURCE_HANDLERS",
    "ministack.services.cloudformation.provisioners:_REPLACING_PROPERTIES",
    "ministack.services.cloudformation.provisioners:_STACK_TAG_PROPERTY",
    "ministack.services.cloudformation.provisioners:_physical_name",
    "ministack.services.cloudformation.provisioners:_seeded_create",
    "ministack.services.cloudformation.stacks:_runs_on_worker_thread",
)


@dataclass(frozen=True, kw_only=True)
class ResourceTypes:
    """Resource types by their names."""

    handlers: dict[str, dict[str, Any]]
    """Each type's `create`, `update` and `delete`."""
    replacing: dict[str, tuple[str, ...]]
    """The properties whose change makes a new resource."""
    tags: dict[str, tuple[str, str]]
    """The property that takes the stack's tags, and its form: `list` or `map`."""


def apply(resource_types: ResourceTypes) -> None:
    """Add the types; their handlers may block, so they run on threads."""
    on_thread = stacks._runs_on_worker_thread

    def runs_on_worker_thread(resource_type: str) -> bool:
        return resource_type in resource_types.handlers or on_thread(resource_type)

    provisioners._RESOURCE_HANDLERS.update(resource_types.handlers)
    provisioners._REPLACING_PROPERTIES.update(resource_types.replacing)
    provisioners._STACK_TAG_PROPERTY.update(resource_types.tags)
    stacks._runs_on_worker_thread = runs_on_worker_thread
