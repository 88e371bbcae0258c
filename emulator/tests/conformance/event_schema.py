"""History events against the service's own model, which botocore ships."""

from __future__ import annotations

import json
import urllib.request
from functools import cache
from typing import Any

import botocore.session

from tests.running.emulator import Emulator
from tests.running.signing import signed

TYPES: dict[str, Any] = {
    "string": (str,),
    "long": (int,),
    "integer": (int,),
    "boolean": (bool,),
    "timestamp": (int, float),
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
}
WITHOUT_DETAILS = {
    "LambdaFunctionStarted",
    "MapRunAborted",
    "MapRunSucceeded",
    "MapStateAborted",
    "MapStateFailed",
    "MapStateSucceeded",
    "ParallelStateAborted",
    "ParallelStateFailed",
    "ParallelStateStarted",
    "ParallelStateSucceeded",
    "TaskStateAborted",
    "WaitStateAborted",
}
"""Types of which the model has no details."""


def call(aws: Emulator, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """The answer as it is on the wire: boto3 drops members that it does not know."""
    headers = {
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": f"AWSStepFunctions.{operation}",
    }
    posted = signed(aws, "states", "POST", "/", headers, json.dumps(request).encode())
    with urllib.request.urlopen(posted, timeout=30) as answer:
        body: dict[str, Any] = json.load(answer)
    return body


def problems(event: dict[str, Any]) -> list[str]:
    """What the API reference would not allow in the event."""
    found = _problems(event, _model().shape_for("HistoryEvent"), event.get("type", "event"))
    details = [name for name in event if name.endswith("Details")]
    expected = [] if event["type"] in WITHOUT_DETAILS else [details_of(event["type"])]
    if details != expected:
        found.append(f"{event['type']}: has {details} instead of {expected}")
    return found


def details_of(kind: str) -> str:
    """The member that holds the details of events of this type."""
    if kind.endswith("StateEntered"):
        return "stateEnteredEventDetails"
    if kind.endswith("StateExited"):
        return "stateExitedEventDetails"
    return f"{kind[0].lower()}{kind[1:]}EventDetails"


@cache
def _model() -> Any:
    return botocore.session.get_session().get_service_model("stepfunctions")


def _problems(value: Any, shape: Any, where: str) -> list[str]:
    if not isinstance(value, TYPES[shape.type_name]):
        return [f"{where}: {value!r} is no {shape.type_name}"]
    if shape.type_name == "structure":
        missing = [f"{where}: lacks {name}" for name in shape.required_members if name not in value]
        unknown = [f"{where}: {name} is unknown" for name in value if name not in shape.members]
        members = {name: shape.members[name] for name in value if name in shape.members}
        below = [
            p for name, inner in members.items() for p in _problems(value[name], inner, f"{where}.{name}")
        ]
        return missing + unknown + below
    length = len(value) if isinstance(value, str) else 0
    limits = shape.metadata
    if isinstance(value, str) and not limits.get("min", 0) <= length <= limits.get("max", length):
        return [f"{where}: {length} characters"]
    if limits.get("enum") and value not in limits["enum"]:
        return [f"{where}: {value} is not in the model"]
    return []
