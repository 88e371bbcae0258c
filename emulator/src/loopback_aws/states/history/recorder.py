"""The history of one run, event by event, as the API gives it; moto's interpreter calls its event manager."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any, Protocol

from loopback_aws.states.records import Event, Execution

EVENTS = 25_000
"""Most events of a Standard execution (docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html)."""
LAST = ("ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut")
"""Events that end an execution: the first of them to come is the only one."""
ERROR_CHARACTERS = 256
CAUSE_CHARACTERS = 32_768
LIMITS = {"error": ERROR_CHARACTERS, "cause": CAUSE_CHARACTERS}
"""Most characters of these members of every `…EventDetails` (API reference, HistoryEvent)."""


class HistoryContext(Protocol):
    """Where a branch of the interpretation is in the history: moto's EventHistoryContext."""

    source_event_id: int
    last_published_event_id: int


class Sink(Protocol):
    """What keeps events; the store, or nothing for Express."""

    def __call__(self, arn: str, event: Event) -> None: ...


class Recorder:
    """Gives events their numbers, hands them on, and closes with the one that ends the execution."""

    def __init__(
        self,
        execution: Execution,
        *,
        keep: Sink | None,
        log: Callable[[Execution, list[Event]], None],
        last_id: int = 0,
    ) -> None:
        self._execution = execution
        self._keep = keep
        self._log = log
        self._last_id = last_id
        self._lock = threading.Lock()
        self._waiting: set[threading.Event] = set()
        self.closed = False
        self.ended_from_outside = False
        """Whether a stop, a time-out or a limit ended the execution, and not its own run."""
        self.run: Any = None
        """The Run whose history this is: every frame of the interpreter's environment leads here."""
        self.full: Callable[[], None] | None = None
        """Called, once, with the limit on events reached and nothing recorded any more."""

    def add_event(
        self,
        context: HistoryContext,
        event_type: Any,
        event_details: Any = None,
        timestamp: Any = None,  # noqa: ARG002 - moto passes none
        update_source_event_id: bool = True,
    ) -> int:
        """Record an event; its number. After the last event nothing is recorded."""
        kind = str(plain(event_type))
        with self._lock:
            if self.closed:
                return self._last_id
            if self._is_full(kind):
                self.closed = True
                full = self.full
            else:
                full = None
                self._record(context, kind, event_details, update_source_event_id)
        if full:
            full()
        return self._last_id

    def end(self, kind: str, details: dict[str, Any], previous: int) -> bool:
        """Record the event that ends the execution from outside its run; False when it had ended."""
        with self._lock:
            if self.closed:
                return False
            name = kind[0].lower() + kind[1:] + "EventDetails"
            self._publish(kind, previous, {name: details})
            self.ended_from_outside = True
        self._wake()
        return True

    def close(self) -> None:
        """Record nothing any more."""
        with self._lock:
            self.closed = True
        self._wake()

    @contextlib.contextmanager
    def waking(self, event: threading.Event) -> Iterator[None]:
        """Set `event` when the execution ends meanwhile, so that nobody waits for what cannot come."""
        with self._lock:
            self._waiting.add(event)
            if self.closed:
                event.set()
        try:
            yield
        finally:
            with self._lock:
                self._waiting.discard(event)

    def _is_full(self, kind: str) -> bool:
        return self._keep is not None and self._last_id >= EVENTS - 1 and kind not in LAST

    def _record(self, context: HistoryContext, kind: str, details: Any, update_source: bool) -> None:
        source = context.source_event_id
        number = self._publish(kind, source, details)
        context.last_published_event_id = number
        if update_source:
            context.source_event_id = number

    def _publish(self, kind: str, previous: int, details: Any) -> int:
        self._last_id += 1
        event: Event = {
            "timestamp": round(time.time(), 3),
            "type": kind,
            "id": self._last_id,
            "previousEventId": previous,
            **limited(plain(details or {})),
        }
        self.closed = kind in LAST
        if self._keep:
            self._keep(self._execution.arn, event)
        self._log(self._execution, [event])
        return self._last_id

    def _wake(self) -> None:
        with self._lock:
            for event in self._waiting:
                event.set()


def plain(value: Any) -> Any:
    """The value as JSON has it: members without a value left out, enumerations as their text."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value.value if isinstance(value, Enum) else value


def limited(members: dict[str, Any]) -> dict[str, Any]:
    """An event's details members with error and cause cut to what the API reference allows."""
    return {
        name: {key: cut(key, item) for key, item in value.items()} if isinstance(value, dict) else value
        for name, value in members.items()
    }


def cut(name: str, value: Any) -> Any:
    """The value of an `error` or `cause`, cut off at the limit; any other as it is."""
    return value[: LIMITS[name]] if name in LIMITS and isinstance(value, str) else value
