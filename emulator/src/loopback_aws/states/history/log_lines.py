"""Lines of an execution log, as Step Functions vends them.

https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

from loopback_aws.states.records import Event, Execution

DATA = ("input", "output", "parameters", "assignedVariables")
"""Members of an event's details that are execution data; what describes `x` is under `xDetails`."""
PAYLOAD_BYTES = 248 * 1024
"""Most bytes of an escaped input or output; the rest is cut off."""


@dataclass(frozen=True)
class Line:
    """One event on its way to a log group."""

    group: str
    """ARN of the log group."""
    stream: str
    execution: str
    redrives: int
    event: Event
    with_data: bool


def log_event(line: Line) -> dict[str, Any]:
    """The event as PutLogEvents takes it; ids, time and redrive count are text, as in a vended log."""
    event = line.event
    milliseconds = round(event["timestamp"] * 1000)
    details: dict[str, Any] = next(
        (item for name, item in event.items() if name.endswith("EventDetails")), {}
    )
    message = {
        "id": str(event["id"]),
        "type": event["type"],
        "details": cut(details) if line.with_data else without_data(details),
        "previous_event_id": str(event.get("previousEventId", 0)),
        "event_timestamp": str(milliseconds),
        "execution_arn": line.execution,
        "redrive_count": str(line.redrives),
    }
    return {
        "timestamp": milliseconds,
        "message": json.dumps(message, ensure_ascii=False, separators=(",", ":")),
    }


def without_data(details: dict[str, Any]) -> dict[str, Any]:
    """Details without what went into and came out of states and tasks."""
    left_out = {*DATA, *(f"{name}Details" for name in DATA)}
    return {name: item for name, item in details.items() if name not in left_out}


def cut(details: dict[str, Any]) -> dict[str, Any]:
    """Details with an input or output that is too long cut off, which its `…Details` then say."""
    shortened = dict(details)
    for name in ("input", "output"):
        text = details.get(name, "")
        while (size := len(json.dumps(text, ensure_ascii=False).encode()) - 2) > PAYLOAD_BYTES:
            text = text[: min(len(text) - 1, len(text) * PAYLOAD_BYTES // size)]
            shortened |= {name: text, f"{name}Details": {"truncated": True}}
    return shortened


def stream_name(execution: Execution) -> str:
    """The stream of an execution: its machine, the minute of its start, a part that tells streams apart."""
    minute = f"{execution.start:%Y-%m-%d-%H-%M}"
    unique = uuid.uuid5(uuid.NAMESPACE_URL, f"{execution.machine.arn}/{minute}").hex[:8]
    return f"states/{execution.machine.name}/{minute}/{unique}"
