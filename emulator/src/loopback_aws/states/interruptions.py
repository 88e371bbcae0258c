"""What ran when the local AWS ended: an execution's thread does not survive, so it has failed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from loopback_aws.states.history.store import Store
from loopback_aws.states.map_run.children import OUTCOMES, count
from loopback_aws.states.records import Child, Counts, Event, Execution, MapRun

ENDS: dict[str, Any] = {
    "ExecutionSucceeded": "SUCCEEDED",
    "ExecutionFailed": "FAILED",
    "ExecutionAborted": "ABORTED",
    "ExecutionTimedOut": "TIMED_OUT",
}
"""Last event of a history -> status of the execution."""
ERROR = "States.ServiceRestart"
CAUSE = "The local AWS ended while the execution was running"


def settle(store: Store) -> list[Execution]:
    """Fail every execution and every map run that has not ended; the executions. Not AWS: there nothing is
    lost."""
    executions, map_runs = store.unfinished()
    now = datetime.now(UTC)
    for execution in executions:
        last = store.events(execution.arn, limit=1, reverse=True)
        if last and last[0]["type"] in ENDS:
            take_over(execution, last[0])
            store.put_execution(execution)
        else:
            fail(store, execution, last[0]["id"] if last else 0, now)
    for map_run in map_runs:
        map_run.status, map_run.stop = "FAILED", now
        settle_counts(map_run, store.children(map_run.arn))
        store.put_map_run(map_run)
    return executions


def take_over(execution: Execution, last: Event) -> None:
    """Give an execution the end that its history had come to; only its record was not yet written."""
    found = (value for name, value in last.items() if name.endswith("EventDetails"))
    details: dict[str, Any] = next(found, {})
    execution.status, execution.stop = ENDS[last["type"]], datetime.fromtimestamp(last["timestamp"], UTC)
    execution.output = details.get("output")
    execution.error, execution.cause = details.get("error"), details.get("cause")


def settle_counts(map_run: MapRun, rows: Iterable[Child]) -> None:
    """Count the children as they were kept: what is said of a map run while it runs is up to a second old.

    Those that had not ended have failed; a map run whose children were still being read keeps no others.
    """
    map_run.children, map_run.items = Counts(), Counts()
    for child in rows:
        count(map_run, child, "total")
        count(map_run, child, OUTCOMES.get(child.status, "failed"))
        if child.status == "SUCCEEDED":
            count(map_run, child, "resultsWritten")


def fail(store: Store, execution: Execution, previous: int, now: datetime) -> None:
    """End an execution as FAILED, with the event that says so after the event of number `previous`."""
    execution.status, execution.stop = "FAILED", now
    execution.error, execution.cause = ERROR, CAUSE
    event = {
        "timestamp": round(now.timestamp(), 3),
        "type": "ExecutionFailed",
        "id": previous + 1,
        "previousEventId": previous,
        "executionFailedEventDetails": {"error": ERROR, "cause": CAUSE},
    }
    store.add_event(execution.arn, event)
    store.put_execution(execution)
