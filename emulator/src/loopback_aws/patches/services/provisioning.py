"""CloudFormation resource types that the project adds to the emulator."""

from __future__ import annotations

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


def apply(
    handlers: dict[str, dict[str, Any]],
    *,
    replacing: dict[str, tuple[str, ...]],
    tags: dict[str, tuple[str, str]],
) -> None:
    """Add `handlers` (resource type -> create, update, delete); they may block, so they run on threads.

    `replacing` names each type's properties whose change makes a new resource, `tags` the property that
    takes the stack's tags and its form (`list` or `map`).
    """
    on_thread = stacks._runs_on_worker_thread

    def runs_on_worker_thread(resource_type: str) -> bool:
        return resource_type in handlers or on_thread(resource_type)

    provisioners._RESOURCE_HANDLERS.update(handlers)
    provisioners._REPLACING_PROPERTIES.update(replacing)
    provisioners._STACK_TAG_PROPERTY.update(tags)
    stacks._runs_on_worker_thread = runs_on_worker_thread
