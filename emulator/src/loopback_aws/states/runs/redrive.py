"""What a redrive makes of an execution that did not succeed, and where it goes on.

https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from loopback_aws.states.history.store import Store
from loopback_aws.states.records import Event, Execution, now
from loopback_aws.states.runs.resumption import History, Point

PAGE = 1_000
"""Events that are read at once."""


@dataclass(frozen=True, kw_only=True)
class Resume:
    """Where a redriven execution goes on."""

    point: Point | None
    """The state that it goes on with; None when it had come to none."""
    last_event: int
    """Number of the last event of the history so far."""


def redriven(execution: Execution) -> None:
    """Set the execution to what it is from its redrive on."""
    execution.status = "RUNNING"
    execution.stop = execution.error = execution.cause = execution.output = None
    execution.redrives += 1
    execution.redriven = now()


def resume_of(store: Store, execution: Execution) -> Resume:
    """Where an execution that has ended without success goes on.

    A state whose branches or children were all done but whose result was too large runs wholly again.
    """
    history = History(execution.machine.definition)
    last = 0

    def followed() -> Iterator[Event]:
        nonlocal last
        for event in _events(store, execution.arn):
            last = event["id"]
            yield event

    history.follow(followed())
    point = history.point(anew=execution.error == "States.DataLimitExceeded")
    return Resume(point=point, last_event=last)


def _events(store: Store, arn: str) -> Iterator[Event]:
    last = 0
    while page := store.events(arn, limit=PAGE, after=last):
        yield from page
        last = page[-1]["id"]
