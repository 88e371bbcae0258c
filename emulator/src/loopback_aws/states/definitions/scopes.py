"""The state machine, its branches and its item processors: each has a StartAt and States of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from loopback_aws.states.records import Type

Language = Literal["JSONPath", "JSONata"]
PROCESSORS = ("ItemProcessor", "Iterator")


@dataclass(frozen=True, kw_only=True)
class State:
    """A state where it stands. `fields` is whatever was given, an object or not."""

    name: str
    fields: Any
    path: str
    language: Language
    machine_type: Type
    """Type of the execution that enters it: the child's within a Distributed Map."""

    @property
    def type(self) -> Any:
        return self.fields.get("Type") if isinstance(self.fields, dict) else None

    @property
    def distributed(self) -> bool:
        return self.type == "Map" and _config(_processor(self.fields)[1]).get("Mode") == "DISTRIBUTED"


@dataclass(frozen=True, kw_only=True)
class Scope:
    """A state machine, a branch or an item processor."""

    kind: Literal["machine", "branch", "processor"]
    fields: dict[str, Any]
    path: str
    """"" of the machine itself."""
    language: Language
    """Of the whole machine: what a Map or Parallel state says of itself does not reach its inner states."""
    machine_type: Type

    @property
    def states(self) -> list[State]:
        named = self.fields.get("States")
        if not isinstance(named, dict):
            return []
        return [self._state(name, fields) for name, fields in named.items()]

    def _state(self, name: str, fields: Any) -> State:
        own = fields.get("QueryLanguage", self.language) if isinstance(fields, dict) else self.language
        return State(
            name=name,
            fields=fields,
            path=f"{self.path}/States/{name}",
            language="JSONPath" if own == "JSONPath" and self.language == "JSONPath" else "JSONata",
            machine_type=self.machine_type,
        )


def scopes(machine: dict[str, Any], machine_type: Type) -> Iterator[Scope]:
    """The machine and all that is inside it, outermost first."""
    language: Language = "JSONPath" if machine.get("QueryLanguage", "JSONPath") == "JSONPath" else "JSONata"
    outer = Scope(kind="machine", fields=machine, path="", language=language, machine_type=machine_type)
    yield from _with_inner(outer)


def _with_inner(scope: Scope) -> Iterator[Scope]:
    yield scope
    for state in scope.states:
        for inner in _inner(scope, state):
            yield from _with_inner(inner)


def _inner(scope: Scope, state: State) -> Iterator[Scope]:
    if state.type == "Parallel" and isinstance(branches := state.fields.get("Branches"), list):
        for index, branch in enumerate(branches):
            if isinstance(branch, dict):
                yield _scope("branch", branch, f"{state.path}/Branches[{index}]", scope, scope.machine_type)
    if state.type == "Map":
        name, processor = _processor(state.fields)
        if isinstance(processor, dict):
            express = state.distributed and _config(processor).get("ExecutionType") == "EXPRESS"
            child: Type = "EXPRESS" if express else "STANDARD" if state.distributed else scope.machine_type
            yield _scope("processor", processor, f"{state.path}/{name}", scope, child)


def _scope(
    kind: Literal["branch", "processor"], fields: dict[str, Any], path: str, outer: Scope, machine_type: Type
) -> Scope:
    return Scope(kind=kind, fields=fields, path=path, language=outer.language, machine_type=machine_type)


def _processor(fields: dict[str, Any]) -> tuple[str, Any]:
    return next(((name, fields[name]) for name in PROCESSORS if name in fields), ("ItemProcessor", None))


def _config(processor: Any) -> dict[str, Any]:
    config = processor.get("ProcessorConfig") if isinstance(processor, dict) else None
    return config if isinstance(config, dict) else {}
