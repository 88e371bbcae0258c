"""Pieces of definitions that several cases use, and the function that their tasks call."""

from __future__ import annotations

from typing import Any

State = dict[str, Any]

SCRIPTED = """
import time

def handler(event, context):
    time.sleep(event.get("seconds", 0))
    retries, errors = event.get("retries", 0), event.get("errors", [])
    if retries < len(errors):
        raise type(errors[retries], (Exception,), {})(f"attempt {retries}")
    return event.get("result", {"retries": retries})
"""
"""A function that fails as it is told: its n-th attempt raises `errors[n]`, later ones return `result`."""


def machine(states: dict[str, State], **more: Any) -> dict[str, Any]:
    """A definition that starts at the first of `states`; the last ends it unless it says where it goes.

    `more` are further members of the definition.
    """
    last = next(reversed(states))
    goes_on = {"End", "Next", "Default"} & states[last].keys()
    if not goes_on and states[last]["Type"] not in ("Fail", "Succeed"):
        states = states | {last: states[last] | {"End": True}}
    return {"StartAt": next(iter(states)), "States": states, **more}


def jsonata(states: dict[str, State], **more: Any) -> dict[str, Any]:
    """`machine` with JSONata as its query language."""
    return machine(states, QueryLanguage="JSONata", **more)


def direct(function: str, errors: list[str] | None = None, **more: Any) -> State:
    """A Task whose resource is the ARN of a SCRIPTED function."""
    parameters = {"errors": errors or [], "retries.$": "$$.State.RetryCount"}
    return {"Type": "Task", "Resource": function, "Parameters": parameters, **more}


def invoke(function: str, payload: Any = None, **more: Any) -> State:
    """A Task that calls `lambda:invoke`."""
    given: dict[str, Any] = {"Payload.$": "$"} if payload is None else {"Payload": payload}
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": function, **given},
        **more,
    }


def catch(*errors: str, to: str = "Caught", **more: Any) -> State:
    """A catcher of `errors`."""
    return {"ErrorEquals": list(errors), "Next": to, **more}


def retry(*errors: str, **more: Any) -> State:
    """A retrier of `errors` that pauses a second each time unless `more` says otherwise."""
    return {"ErrorEquals": list(errors), "IntervalSeconds": 1, "BackoffRate": 1.0} | more


def each(states: dict[str, State], **more: Any) -> State:
    """An inline Map that runs `states` for each item."""
    processor = {"ProcessorConfig": {"Mode": "INLINE"}, **machine(states)}
    return {"Type": "Map", "ItemProcessor": processor, **more}


def parallel(*branches: dict[str, State], **more: Any) -> State:
    """A Parallel state of branches, each given by its states."""
    return {"Type": "Parallel", "Branches": [machine(states) for states in branches], **more}


PASS: State = {"Type": "Pass"}
"""A state that hands on its input."""
END: State = {"Type": "Pass", "End": True}
