"""Where a redriven execution goes on, read from its definition and its history.

A state is redriven when the history has no `…Exited` event for its `…Entered` event
(docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html). Events are put in order by
`previousEventId`, which leads from each event of a branch or iteration back to the one that started it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from loopback_aws.states.records import Event

Scope = tuple[tuple[str, int], ...]
"""The states around a program, from the outermost: (Map state, iteration) or (Parallel state, branch)."""
TERMINAL = ("Succeed", "Fail")


@dataclass(kw_only=True)
class Finished:
    """A branch or iteration that had succeeded."""

    output: Any


@dataclass(kw_only=True)
class Point:
    """Where a program goes on."""

    state: str
    input: Any
    entered: bool = True
    """Whether the state had been entered, which is then not recorded again."""
    variables: dict[str, Any] = field(default_factory=dict)
    """Assigned in the program so far."""
    branches: dict[int, Point | Finished] = field(default_factory=dict)
    """Of a Parallel or inline Map state: what is known of its branches or iterations."""
    map_run: str | None = None
    """ARN of a Distributed Map state's run."""


@dataclass
class _Progress:
    """How far a program has come."""

    state: str | None = None
    input: Any = None
    left: bool = False
    """Whether the state has been exited."""
    output: Any = None
    variables: dict[str, Any] = field(default_factory=dict)
    map_run: str | None = None


class History:
    """Follows the events of an execution from its start."""

    def __init__(self, definition: str) -> None:
        self._states: dict[str, dict[str, Any]] = {}
        self._around: dict[str, Scope] = {}
        """State -> the states around it; the iteration of a Map state is 0 there."""
        self._programs: dict[Scope, _Progress] = {}
        self._places: dict[int, tuple[Scope, str | None]] = {}
        """Event -> the program that it happened in, and the state."""
        self._map_runs: dict[str, tuple[Scope, str]] = {}
        self._index(json.loads(definition), ())

    def follow(self, events: Iterable[Event]) -> None:
        """Take in events in order of their ids."""
        for event in events:
            before = self._places.get(event["previousEventId"], ((), None))
            self._places[event["id"]] = self._taken(event, before)

    def point(self, *, anew: bool = False) -> Point | None:
        """Where the execution goes on; None at its start, when no state had been entered.

        `anew`: nothing is kept of the state's branches, iterations or map run.
        """
        point = self._point(())
        if isinstance(point, Point) and anew:
            point.branches, point.map_run = {}, None
        return point if isinstance(point, Point) else None

    def _index(self, program: dict[str, Any], scope: Scope) -> None:
        for name, state in program["States"].items():
            self._states[name], self._around[name] = state, scope
            for number, branch in enumerate(state.get("Branches") or ()):
                self._index(branch, (*scope, (name, number)))
            processor = state.get("ItemProcessor") or state.get("Iterator")
            if processor and processor.get("ProcessorConfig", {}).get("Mode") != "DISTRIBUTED":
                self._index(processor, (*scope, (name, 0)))

    def _taken(self, event: Event, before: tuple[Scope, str | None]) -> tuple[Scope, str | None]:
        kind = event["type"]
        if kind.endswith("StateEntered"):
            return self._enter(event["stateEnteredEventDetails"], before[0])
        if kind.endswith("StateExited"):
            return self._exit(event["stateExitedEventDetails"], before[0])
        if kind == "MapIterationStarted":
            details = event["mapIterationStartedEventDetails"]
            return (*self._scope(details["name"], before[0]), (details["name"], details["index"])), None
        if kind in ("MapStateStarted", "ParallelStateStarted"):
            return self._restart(before)
        if kind in ("MapStateFailed", "ParallelStateFailed"):
            return self._owner(before)[0], None
        if kind == "MapRunStarted" and before[1] in self._states:
            return self._run(event["mapRunStartedEventDetails"]["mapRunArn"], before)
        if kind == "MapRunRedriven":
            return self._map_runs.get(event["mapRunRedrivenEventDetails"]["mapRunArn"], before)
        return before

    def _enter(self, details: dict[str, Any], before: Scope) -> tuple[Scope, str]:
        name = details["name"]
        scope = self._scope(name, before)
        program = self._programs.setdefault(scope, _Progress())
        program.state, program.input, program.left = name, json.loads(details.get("input", "null")), False
        program.map_run = None
        self._forget_within(scope, name)
        return scope, name

    def _exit(self, details: dict[str, Any], before: Scope) -> tuple[Scope, str]:
        name = details["name"]
        scope = self._scope(name, before)
        program = self._programs.setdefault(scope, _Progress(state=name))
        program.left, program.output = True, json.loads(details.get("output", "null"))
        program.variables |= {
            key: _value(text) for key, text in (details.get("assignedVariables") or {}).items()
        }
        self._forget_within(scope, name)
        return scope, name

    def _restart(self, before: tuple[Scope, str | None]) -> tuple[Scope, str | None]:
        """A Map or Parallel state that starts its branches, maybe again because of a Retry."""
        scope, name = self._owner(before)
        if name is not None:
            self._forget_within(scope, name)
        return scope, name

    def _owner(self, place: tuple[Scope, str | None]) -> tuple[Scope, str | None]:
        """The Map or Parallel state that a place is, or is directly within."""
        scope, name = place
        if name is not None and self._states[name]["Type"] in ("Map", "Parallel"):
            return place
        return (scope[:-1], scope[-1][0]) if scope else place

    def _run(self, arn: str, place: tuple[Scope, str | None]) -> tuple[Scope, str | None]:
        scope, name = place
        if name is not None and scope in self._programs:
            self._programs[scope].map_run = arn
            self._map_runs[arn] = (scope, name)
        return place

    def _scope(self, name: str, before: Scope) -> Scope:
        """The program that a state is in, its iterations as in the one before."""
        iterations = {owner: number for owner, number in before if self._states[owner]["Type"] == "Map"}
        return tuple((owner, iterations.get(owner, number)) for owner, number in self._around.get(name, ()))

    def _forget_within(self, scope: Scope, state: str) -> None:
        depth = len(scope)
        for known in list(self._programs):
            if len(known) > depth and known[:depth] == scope and known[depth][0] == state:
                del self._programs[known]

    def _point(self, scope: Scope) -> Point | Finished | None:
        program = self._programs.get(scope)
        if program is None or program.state is None:
            return None
        state = self._states[program.state]
        if not program.left:
            point = self._within(scope, program, program.state)
            point.entered = state["Type"] != "Fail"
            return point
        if state.get("End") or state["Type"] in TERMINAL:
            return Finished(output=program.output)
        if following := state.get("Next"):
            return Point(state=following, input=program.output, entered=False, variables=program.variables)
        return Point(state=program.state, input=program.input, variables=program.variables)

    def _within(self, scope: Scope, program: _Progress, name: str) -> Point:
        numbers = {
            known[len(scope)][1]
            for known in self._programs
            if len(known) > len(scope) and known[: len(scope)] == scope and known[len(scope)][0] == name
        }
        branches = {number: self._point((*scope, (name, number))) for number in numbers}
        return Point(
            state=name,
            input=program.input,
            variables=program.variables,
            branches={number: branch for number, branch in branches.items() if branch is not None},
            map_run=program.map_run,
        )


def _value(text: str) -> Any:
    """A variable from its JSON text; moto puts strings between quotes as they are."""
    try:
        return json.loads(text)
    except ValueError:
        return text[1:-1]
