"""CloudFormation resource types that the project adds to the emulator."""

from __future__ import annotations

from typing import Any

from ministack.services.cloudformation import provisioners, stacks

PRIVATE = (
    "ministack.services.cloudformation.provisioners:_RESOURCE_HANDLERS",
    "ministack.services.cloudformation.stacks:_runs_on_worker_thread",
)


def apply(handlers: dict[str, dict[str, Any]]) -> None:
    """Add `handlers` (resource type -> create, update, delete); they may block, so they run on threads."""
    on_thread = stacks._runs_on_worker_thread

    def runs_on_worker_thread(resource_type: str) -> bool:
        return resource_type in handlers or on_thread(resource_type)

    provisioners._RESOURCE_HANDLERS.update(handlers)
    stacks._runs_on_worker_thread = runs_on_worker_thread
