"""What is wrong with a state machine's definition: broken in itself, or beyond what the local AWS runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

States = dict[str, dict[str, Any]]

NOT_EMULATED = (
    "ItemBatcher",
    "ResultWriter",
    "ToleratedFailureCount",
    "ToleratedFailureCountPath",
    "ToleratedFailurePercentage",
    "ToleratedFailurePercentagePath",
)
"""Fields of a Map state that the emulator's interpreter would take and ignore."""


def problem_of(text: str) -> str | None:
    """The first problem of a definition in AWS's form (`code: text at path`); None when it can run."""
    try:
        definition = json.loads(text)
    except ValueError as error:
        return f"INVALID_JSON_DESCRIPTION: {error}"
    if not isinstance(definition, dict):
        return "INVALID_JSON_DESCRIPTION: the definition is not an object"
    return next(_machine_problems(definition, ""), None)


def _machine_problems(machine: dict[str, Any], path: str) -> Iterator[str]:
    """Problems of a state machine, or of a branch or item processor, which have the same form."""
    states: States = machine.get("States") or {}
    if machine.get("StartAt") not in states:
        yield _missing(machine.get("StartAt"), f"{path}/StartAt")
    for name, state in states.items():
        yield from _state_problems(name, state, states, f"{path}/States/{name}")


def _state_problems(name: str, state: dict[str, Any], states: States, path: str) -> Iterator[str]:
    for place, target in _targets(state):
        if target not in states:
            yield _missing(target, f"{path}/{place}")
    for field in NOT_EMULATED:
        if field in state:
            yield (
                f"NOT_EMULATED: the local AWS does not emulate {field} (state '{name}', Distributed Map) "
                f"at {path}/{field}"
            )
    for index, branch in enumerate(state.get("Branches") or []):
        yield from _machine_problems(branch, f"{path}/Branches[{index}]")
    for field in ("ItemProcessor", "Iterator"):
        if field in state:
            yield from _machine_problems(state[field], f"{path}/{field}")


def _targets(state: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every state that this one names, with the field that names it."""
    for field in ("Next", "Default"):
        if field in state:
            yield field, state[field]
    for field in ("Catch", "Choices"):
        for index, item in enumerate(state.get(field) or []):
            if "Next" in item:
                yield f"{field}[{index}]/Next", item["Next"]


def _missing(target: Any, path: str) -> str:
    return f"MISSING_TRANSITION_TARGET: Missing 'Next' target: {target} at {path}"
