"""Who gets the next Lambda process: a fair queue in front of a bounded number of them.

AWS starts as many execution environments as there are concurrent invocations; a laptop cannot. Beyond the
cap an invocation waits. A freed process goes to the oldest waiting invocation of its own function, which
finds it warm. A function that has no process starves while others keep theirs busy: once its oldest
invocation has waited for `PATIENCE`, the next free process ends for it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

T = TypeVar("T")

PATIENCE = 1.0
"""Seconds after which a function without a process stops yielding to warm reuse by others."""


class Pool(Protocol):
    """The processes that exist, by function."""

    def idle(self) -> dict[str, int]:
        """Number of idle processes of each function that has one, longest idle first."""
        ...

    def size(self, function: str | None = None) -> int:
        """Number of processes, busy or idle; of one function when it is given."""
        ...


@dataclass(eq=False)
class Ticket:
    """An invocation that waits."""

    function: str
    since: float = field(default_factory=time.monotonic)


@dataclass(frozen=True)
class Turn:
    """What a ticket may do now; `evict` names the function whose idle process must end for it first."""

    evict: str | None = None


def turn(ticket: Ticket, waiting: list[Ticket], pool: Pool, cap: int, now: float) -> Turn | None:
    """Whether `ticket`, one of `waiting` (oldest first), may take or start a process now."""
    starving = next((t for t in waiting if now - t.since > PATIENCE and not pool.size(t.function)), None)
    if starving and starving is not ticket:
        return None
    idle = pool.idle()
    if idle.get(ticket.function):
        ahead = sum(1 for other in waiting[: waiting.index(ticket)] if other.function == ticket.function)
        return Turn() if ahead < idle[ticket.function] else None
    older = waiting[: waiting.index(ticket)]
    if not starving and any(not idle.get(other.function) for other in older):
        return None  # an older invocation needs a new process as well
    if pool.size() < cap:
        return Turn()
    wanted = {other.function for other in waiting}
    spare = next((function for function in idle if starving or function not in wanted), None)
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
                while (mine := turn(ticket, self._waiting, self._pool, self.cap, time.monotonic())) is None:
                    self._changed.wait(PATIENCE / 2)
                return take(mine.evict)
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()

    def freed(self) -> None:
        """A process became idle or ended."""
        with self._changed:
            self._changed.notify_all()
