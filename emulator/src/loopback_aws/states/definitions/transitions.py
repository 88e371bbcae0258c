"""Where states lead: to states of their own scope, each one reached, and at last to an end."""

from __future__ import annotations

from collections.abc import Iterator

from loopback_aws.states.definitions.diagnostics import Diagnostic
from loopback_aws.states.definitions.scopes import Scope, State

CODE = "MISSING_TRANSITION_TARGET"


def transition_problems(scope: Scope) -> Iterator[Diagnostic]:
    """Missing targets, then a missing end, or else every state that nothing names."""
    names = {state.name for state in scope.states}
    leads = [(scope.fields.get("StartAt"), f"{scope.path}/StartAt")]
    leads += [lead for state in scope.states for lead in _leads(state)]
    for target, location in leads:
        if target not in names:
            yield Diagnostic(code=CODE, message=f"Missing 'Next' target: {target}", location=location)
    if not any(_ends(state) for state in scope.states):
        yield Diagnostic(code="MISSING_END_STATE", message="Workflow has no terminal state", location=None)
        return
    reached = {target for target, _ in leads}
    for state in scope.states:
        if state.name not in reached:
            message = f'State "{state.name}" is not reachable.'
            yield Diagnostic(code=CODE, message=message, location=state.path)


def _leads(state: State) -> Iterator[tuple[str, str]]:
    """Every state that this one names, with the place of the name."""
    for field in ("Next", "Default"):
        if field in state.fields:
            yield state.fields[field], f"{state.path}/{field}"
    for field in ("Choices", "Catch"):
        for index, item in enumerate(state.fields.get(field, ())):
            yield item["Next"], f"{state.path}/{field}[{index}]/Next"


def _ends(state: State) -> bool:
    return state.type in ("Succeed", "Fail") or state.fields.get("End") is True
