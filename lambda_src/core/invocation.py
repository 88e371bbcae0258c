"""What the state machine hands to every function."""

from __future__ import annotations

from typing import Any, NamedTuple

from lambda_src.core.errors import InvalidInput
from lambda_src.core.excerpt import excerpt


class Invocation(NamedTuple):
    """An execution's name and the input of the state that runs."""

    execution_name: str
    input: dict[str, Any]


def read_invocation(event: object) -> Invocation:
    """The event `{"execution_name": …, "input": {…}}`.

    Raises InvalidInput when the function was called by something else, or the input is not an object.
    """
    if not isinstance(event, dict) or "input" not in event:
        raise InvalidInput(f"the event must be {{execution_name, input}}, not {excerpt(event)}")
    name, fields = event.get("execution_name"), event["input"]
    if not isinstance(name, str) or not name:
        raise InvalidInput(f"execution_name must be a string, not {excerpt(name)}")
    if not isinstance(fields, dict):
        raise InvalidInput(f"the input must be a JSON object with fields, not {excerpt(fields)}")
    return Invocation(name, fields)
