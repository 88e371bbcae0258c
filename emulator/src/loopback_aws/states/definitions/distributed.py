"""Distributed Map: what only it may have, and where it cannot stand."""

from __future__ import annotations

from collections.abc import Iterator

from loopback_aws.states.definitions.diagnostics import Diagnostic
from loopback_aws.states.definitions.scopes import PROCESSORS, Scope, State

FIELDS = (
    "ItemReader",
    "ItemBatcher",
    "ResultWriter",
    "Label",
)


def distribution_problems(scope: Scope) -> Iterator[Diagnostic]:
    """Problems of the Map states directly in a scope."""
    for state in scope.states:
        if state.distributed:
            yield from _distributed(state)
        elif state.type == "Map":
            for name in FIELDS:
                if name in state.fields:
                    message = f"Field '{name}' is only supported when Mode is DISTRIBUTED"
                    yield Diagnostic(message=message, location=state.path)


def _distributed(state: State) -> Iterator[Diagnostic]:
    if state.machine_type == "EXPRESS":
        message = "Express state machine does not support Distributed Map"
        yield Diagnostic(message=message, location=state.path)
    name = next(name for name in PROCESSORS if name in state.fields)
    if "ExecutionType" not in state.fields[name]["ProcessorConfig"]:
        message = "These fields are required: [ExecutionType]"
        yield Diagnostic(message=message, location=f"{state.path}/{name}/ProcessorConfig")
