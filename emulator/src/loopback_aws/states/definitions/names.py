"""Names of states, and labels of Map states: unique in the whole machine."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopback_aws.states.definitions.diagnostics import Diagnostic
from loopback_aws.states.definitions.document import Fields
from loopback_aws.states.definitions.scopes import Scope, State

LONGEST_NAME = 80
LONGEST_LABEL = 40
_FORBIDDEN = re.compile(r"[\s?*<>{}\[\]:;,\\|^~$#%&`\"\x00-\x1f\x7f-\x9f/]")
"""In a label: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html."""


def name_problems(scopes: list[Scope]) -> Iterator[Diagnostic]:
    """Names that are too long or were given before, in the order of the definition."""
    seen: set[str] = set()
    for scope in scopes:
        for name in _repeated(scope):
            yield _duplicate(name, f"{scope.path}/States/{name}")
        for state in scope.states:
            if not 0 < len(state.name) <= LONGEST_NAME:
                yield Diagnostic(
                    code="INVALID_STATE_NAME",
                    message=f"State name must have 1 to {LONGEST_NAME} characters: {state.name}",
                    location=state.path,
                )
            if state.name in seen:
                yield _duplicate(state.name, state.path)
            seen.add(state.name)


def label_problems(scopes: list[Scope]) -> Iterator[Diagnostic]:
    """Labels that are too long, hold a character that ARNs cannot, or were given before."""
    seen: set[str] = set()
    for state in _labelled(scopes):
        label, location = state.fields["Label"], f"{state.path}/Label"
        if not 0 < len(label) <= LONGEST_LABEL or _FORBIDDEN.search(label):
            yield Diagnostic(
                code="INVALID_LABEL_NAME",
                message=f"Label must have 1 to {LONGEST_LABEL} characters, without white space, "
                f"brackets, wildcards and special characters: {label}",
                location=location,
            )
        if label in seen:
            message = f"Duplicate Label: {label}"
            yield Diagnostic(code="DUPLICATE_LABEL_NAME", message=message, location=location)
        seen.add(label)


def _labelled(scopes: list[Scope]) -> Iterator[State]:
    for scope in scopes:
        for state in scope.states:
            if state.type == "Map" and isinstance(state.fields.get("Label"), str):
                yield state


def _repeated(scope: Scope) -> list[str]:
    states = scope.fields.get("States")
    return states.repeated if isinstance(states, Fields) else []


def _duplicate(name: str, location: str) -> Diagnostic:
    return Diagnostic(code="DUPLICATE_STATE_NAME", message=f"Duplicate State name: {name}", location=location)
