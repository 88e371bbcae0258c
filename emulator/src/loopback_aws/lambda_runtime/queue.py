"""Who may run Lambda code next: a fair queue in front of a bounded number of busy processes.

AWS starts as many execution environments as there are concurrent invocations; a laptop cannot. Beyond the
cap an invocation waits, the oldest gets the next turn. Processes that are idle stay warm, a few times as
many as may be busy: a workflow goes from function to function, and starting a process takes longer than
most functions. When there are too many, the one that has been idle for the longest ends for a new one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

T = TypeVar("T")

KEPT = 3
"""Processes that exist, busy or idle, for each that may be busy."""


class Pool(Protocol):
    """The processes that exist, by function."""

    def idle(self) -> dict[str, int]:
        """Number of idle processes of each function that has one, longest idle first."""
        ...

    def busy(self) -> int:
        """Number of processes that run an invocation."""
        ...

    def size(self) -> int:
        """Number of processes, busy or idle."""
        ...


@dataclass(eq=False)
class Ticket:
    """An invocation that waits."""

    function: str


@dataclass(frozen=True)
class Turn:
    """What a ticket may do now; `evict` names the function whose idle process must end for it first."""

    evict: str | None = None


def turn(ticket: Ticket, waiting: list[Ticket], pool: Pool, cap: int) -> Turn | None:
    """Whether `ticket`, one of `waiting` (oldest first), may take or start a process now."""
    older = [other.function for other in waiting[: waiting.index(ticket)]]
    if pool.busy() + len(older) >= cap:
        return None
    idle = pool.idle()
    if idle.get(ticket.function, 0) > older.count(ticket.function) or pool.size() < KEPT * cap:
        return Turn()
    spare = next((function for function in idle if function not in older), None)
    return Turn(evict=spare) if spare else None


class WorkerQueue:
    """Admits invocations one by one; the caller does the taking and ending inside `admit`."""

    def __init__(self, cap: int, pool: Pool) -> None:
        self.cap = cap
        self._pool = pool
        self._waiting: list[Ticket] = []
        self._changed = threading.Condition()

    def admit(self, function: str, take: Callable[[str | None], T]) -> T:
        """Wait for the turn of an invocation of `function`, then return `take(function to evict or None)`."""
        ticket = Ticket(function)
        with self._changed:
            self._waiting.append(ticket)
            try:
                while (mine := turn(ticket, self._waiting, self._pool, self.cap)) is None:
                    self._changed.wait()
                return take(mine.evict)
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()

    def freed(self) -> None:
        """A process became idle or ended."""
        with self._changed:
            self._changed.notify_all()
