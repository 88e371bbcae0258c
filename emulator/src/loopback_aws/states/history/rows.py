"""Records as JSON text and back: what the columns of the store do not say."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from datetime import datetime
from typing import Any

from loopback_aws.states.records import Child, Counts, Event, Execution, Machine, MapRun

TIMES = ("start", "stop", "redriven")


def machine_text(machine: Machine) -> tuple[str, str]:
    """(key, text) of a machine; the key is the same for equal machines, so that children share one row."""
    text = json.dumps(dataclasses.asdict(machine), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest(), text


def machine_of(text: str) -> Machine:
    return Machine(**json.loads(text))


def text_of(record: Execution | MapRun | Child | Event, *, without: str = "") -> str:
    """A record as text; `without` names a member that is kept elsewhere."""
    if isinstance(record, dict):
        return json.dumps(record)
    members = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
    members.pop(without, None)
    return json.dumps(members, default=_plain)


def execution_of(text: str, machine: str) -> Execution:
    """The execution; `machine` is the text of its machine."""
    return Execution(machine=machine_of(machine), **_timed(json.loads(text)))


def map_run_of(text: str) -> MapRun:
    members = _timed(json.loads(text))
    counts = {name: Counts(**members[name]) for name in ("items", "children")}
    return MapRun(**members | counts)


def event_of(text: str) -> Event:
    event: Event = json.loads(text)
    return event


def child_of(text: str) -> Child:
    return Child(**_timed(json.loads(text)))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else dataclasses.asdict(value)


def _timed(members: dict[str, Any]) -> dict[str, Any]:
    """Members with their times as times."""
    times = {name: datetime.fromisoformat(members[name]) for name in TIMES if members.get(name)}
    return members | times
