"""A state machine's definition as a graph, and the errors of the functions in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lambda_src.core import errors

# Those of the functions: the monitor has errors of its own, which no workflow meets.
ERRORS = [
    error for error in errors.ClassificationError.__subclasses__() if error.__module__ == errors.__name__
]
STEP_ERRORS = [error for error in ERRORS if error not in errors.INBOX_ERRORS]
RETRIED = {error.__name__ for error in STEP_ERRORS if error.retried}
FINAL = {error.__name__ for error in STEP_ERRORS} - RETRIED
LAMBDA = {"Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException"}
GONE = {"Runtime.ExitError", "Lambda.Unknown", "Sandbox.Timedout", "States.Timeout"}
"""The function's process ended, or it did not answer in time."""


def targets(state: dict[str, Any]) -> list[str]:
    """The states that may follow."""
    return [state[key] for key in ("Next", "Default") if key in state] + [
        branch["Next"] for key in ("Catch", "Choices") for branch in state.get(key, [])
    ]


def retried(state: dict[str, Any]) -> set[str]:
    return {name for retry in state.get("Retry", []) for name in retry["ErrorEquals"]}


def reached(graph: dict[str, Any]) -> set[str]:
    """The states that an execution can come to; every transition leads to one that is there."""
    states, found, open_states = graph["States"], set[str](), [graph["StartAt"]]
    while open_states:
        name = open_states.pop()
        assert name in states, f"a transition leads to {name!r}, which is not there"
        if name not in found:
            found.add(name)
            open_states += targets(states[name])
    return found


def expressions(value: Any) -> Iterator[str]:
    """Every JSONata expression, at any depth."""
    if isinstance(value, str) and value.startswith("{%"):
        yield value
    elif isinstance(value, dict | list):
        for below in value.values() if isinstance(value, dict) else value:
            yield from expressions(below)
