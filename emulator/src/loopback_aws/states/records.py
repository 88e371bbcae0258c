"""What is known of a state machine as it is run, of an execution and of a map run."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

Status = Literal["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"]
Type = Literal["STANDARD", "EXPRESS"]
Event = dict[str, Any]
"""One history event in the API's form, `timestamp` in seconds since the epoch, `id` counted from 1."""


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A state machine, or a version of it, as an execution runs it."""

    arn: str
    """ARN without version or alias."""
    name: str
    type: Type
    definition: str
    """Amazon States Language."""
    role: str
    logging: dict[str, Any]
    """LoggingConfiguration in the API's form; `{"level": "OFF"}` when there is none."""
    version_arn: str | None = None
    alias_arn: str | None = None
    revision: str | None = None
    """Revision id of the definition."""
    tracing: dict[str, Any] | None = None
    """TracingConfiguration in the API's form."""
    encryption: dict[str, Any] | None = None
    """EncryptionConfiguration in the API's form."""
    updated: str | None = None
    """Time of the last update, in ISO 8601."""


@dataclass(kw_only=True)
class Execution:
    """An execution; the only thing that the interpreter changes while it runs, and what the store keeps."""

    arn: str
    name: str
    machine: Machine
    input: str
    """JSON text as it was given."""
    status: Status = "RUNNING"
    start: datetime
    """With a time zone, as are the other times."""
    stop: datetime | None = None
    output: str | None = None
    """JSON text; only when it has succeeded."""
    error: str | None = None
    cause: str | None = None
    redrives: int = 0
    redriven: datetime | None = None
    """Time of the last redrive."""
    map_run: str | None = None
    """ARN of the map run whose child this is."""
    item_count: int | None = None
    """Number of items that a child of a map run was given, when they are batched."""
    trace_header: str | None = None


@dataclass(kw_only=True)
class Counts:
    """Numbers of items, or of child executions, of a map run by status."""

    pending: int = 0
    running: int = 0
    succeeded: int = 0
    failed: int = 0
    timedOut: int = 0
    aborted: int = 0
    total: int = 0
    resultsWritten: int = 0
    failuresNotRedrivable: int = 0
    pendingRedrive: int = 0


@dataclass(kw_only=True)
class MapRun:
    """A run of a Distributed Map state."""

    arn: str
    execution: str
    """ARN of the execution that the state belongs to."""
    machine: str
    """ARN of the state machine, with `/label` of the map state."""
    status: Literal["RUNNING", "SUCCEEDED", "FAILED", "ABORTED"] = "RUNNING"
    start: datetime
    stop: datetime | None = None
    max_concurrency: int = 0
    """0: as many as the service runs."""
    tolerated_failure_count: int = 0
    tolerated_failure_percentage: float = 0.0
    """0 to 100."""
    redrives: int = 0
    redriven: datetime | None = None
    read: bool = False
    """Whether all items have been read, so that there is a row for every child."""
    items: Counts = field(default_factory=Counts)
    children: Counts = field(default_factory=Counts)


@dataclass(frozen=True, kw_only=True)
class Child:
    """The row that a map run keeps of one child execution."""

    index: int
    """Of the child in the map run, from 0."""
    execution_arn: str
    name: str
    status: Status | Literal["PENDING"]
    input: str
    """JSON text."""
    output: str | None = None
    """JSON text; only when it has succeeded."""
    error: str | None = None
    cause: str | None = None
    start: datetime | None = None
    stop: datetime | None = None
    items: int = 1
    """Number of items that it was given."""
    redrives: int = 0


def now() -> datetime:
    """The present, to the millisecond that AWS tells."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
