"""What ran when the local AWS ended: an execution's thread does not survive, so it has failed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from local.states.answers import seconds
from local.states.records import Execution

if TYPE_CHECKING:
    from local.states.store import Store

ERROR = "States.ServiceRestart"
CAUSE = "The local AWS ended while the execution was running"


def settle(store: Store) -> list[Execution]:
    """Fail every execution and every map run that has not ended; the executions. Not AWS: there nothing is
    lost."""
    executions, map_runs = store.unfinished()
    now = datetime.now(UTC)
    for execution in executions:
        fail(store, execution, now)
    for map_run in map_runs:
        map_run.status, map_run.stop = "FAILED", now
        left = map_run.children.running + map_run.children.pending
        map_run.children.failed += left
        map_run.children.running = map_run.children.pending = 0
        map_run.items.failed += map_run.items.running + map_run.items.pending
        map_run.items.running = map_run.items.pending = 0
        store.put_map_run(map_run)
    return executions


def fail(store: Store, execution: Execution, now: datetime) -> None:
    """End an execution as FAILED, with the event that says so."""
    last = store.events(execution.arn, limit=1, reverse=True)
    previous = last[0]["id"] if last else 0
    execution.status, execution.stop = "FAILED", now
    execution.error, execution.cause = ERROR, CAUSE
    event = {
        "timestamp": seconds(now),
        "type": "ExecutionFailed",
        "id": previous + 1,
        "previousEventId": previous,
        "executionFailedEventDetails": {"error": ERROR, "cause": CAUSE},
    }
    store.add_event(execution.arn, event)
    store.put_execution(execution)
