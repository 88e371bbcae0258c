"""The queue for Lambda processes: its cap, its order and its reuse."""

from __future__ import annotations

import threading

from loopback_aws.lambda_runtime.queue import KEPT, Ticket, Turn, WorkerQueue, turn


class Processes:
    """A table of busy and idle processes, as many of each function as told."""

    def __init__(self, busy: dict[str, int] | None = None, idle: dict[str, int] | None = None) -> None:
        self.working = busy or {}
        self.free = idle or {}

    def idle(self) -> dict[str, int]:
        return {function: count for function, count in self.free.items() if count}

    def busy(self) -> int:
        return sum(self.working.values())

    def size(self) -> int:
        return self.busy() + sum(self.free.values())


def ask(function: str, waiting: list[str], pool: Processes) -> Turn | None:
    """The turn of the last of `waiting`, oldest first, when two processes may be busy."""
    tickets = [Ticket(name) for name in waiting]
    assert tickets[-1].function == function
    return turn(tickets[-1], tickets, pool, 2)


def test_below_the_cap_a_new_process_starts() -> None:
    assert ask("a", ["a"], Processes(busy={"b": 1})) == Turn()


def test_at_the_cap_it_waits() -> None:
    assert ask("a", ["a"], Processes(busy={"a": 2})) is None
    assert ask("a", ["a"], Processes(busy={"b": 2}, idle={"a": 1})) is None


def test_the_oldest_comes_first() -> None:
    assert ask("b", ["a", "b"], Processes(busy={"a": 1}, idle={"b": 1})) is None
    assert ask("b", ["a", "b"], Processes(idle={"b": 1})) == Turn()


def test_idle_processes_of_other_functions_stay_warm() -> None:
    assert ask("a", ["a"], Processes(busy={"a": 1}, idle={"b": 2, "c": 2})) == Turn()


def test_one_too_many_ends_what_has_been_idle_for_the_longest() -> None:
    full = Processes(busy={"a": 1}, idle={"b": 2, "c": 2 * KEPT - 3})
    assert full.size() == 2 * KEPT
    assert ask("a", ["a"], full) == Turn(evict="b")
    assert ask("c", ["c"], full) == Turn()
    full.working = {}
    full.free["c"] += 1
    assert ask("a", ["b", "a"], full) == Turn(evict="c")


def test_two_that_wait_for_one_warm_process_do_not_both_get_it() -> None:
    full = Processes(idle={"a": 1, "b": 2 * KEPT - 1})
    assert ask("a", ["a", "a"], full) == Turn(evict="b")


def test_a_storm_never_exceeds_the_cap_and_everyone_is_served() -> None:
    """100 threads over 3 functions and 4 busy processes, each holding its process for a moment."""
    pool = Processes()
    queue = WorkerQueue(4, pool)
    table = threading.Lock()
    peak = 0

    def work(function: str) -> None:
        nonlocal peak

        def take(evict: str | None) -> None:
            nonlocal peak
            with table:
                if evict:
                    pool.free[evict] -= 1
                if pool.free.get(function):
                    pool.free[function] -= 1
                pool.working[function] = pool.working.get(function, 0) + 1
                peak = max(peak, pool.busy())
                assert pool.size() <= KEPT * 4

        queue.admit(function, take)
        threading.Event().wait(0.002)
        with table:
            pool.working[function] -= 1
            pool.free[function] = pool.free.get(function, 0) + 1
        queue.freed()

    threads = [threading.Thread(target=work, args=("abc"[n % 3],)) for n in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    assert peak == 4
