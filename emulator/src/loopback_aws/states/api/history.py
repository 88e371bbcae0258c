"""GetExecutionHistory: events in pages, from either end, with or without data."""

from __future__ import annotations

from typing import Any

from loopback_aws.states.api import pages
from loopback_aws.states.api.executions import existing_execution
from loopback_aws.states.api.requests import required
from loopback_aws.states.history.store import Store
from loopback_aws.states.records import Event

DATA = ("input", "output")
"""Members of an event's details that are left out without execution data."""


def get_history(store: Store, request: dict[str, Any]) -> dict[str, Any]:
    """A page of the history of an execution that is kept.

    A page goes on behind the last event of the one before, so that what is read from its end does not shift
    while the execution goes on. ApiError InvalidArn, ExecutionDoesNotExist, InvalidToken.
    """
    size, after = pages.size_of(request), pages.place_of(request)
    execution = existing_execution(store, required(request, "executionArn"), "execution")
    reverse = bool(request.get("reverseOrder"))
    events = store.events(
        execution.arn, limit=size + 1, after=None if after is None else int(after), reverse=reverse
    )
    page = events[:size]
    if request.get("includeExecutionData") is False:
        page = [without_data(event) for event in page]
    answer: dict[str, Any] = {"events": page}
    if len(events) > size:
        answer["nextToken"] = pages.token_for(request, str(page[-1]["id"]))
    return answer


def without_data(event: Event) -> Event:
    """The event without input and output."""
    return {
        name: {key: item for key, item in value.items() if key not in DATA}
        if name.endswith("EventDetails")
        else value
        for name, value in event.items()
    }
