"""The queue for Lambda processes: its cap, its order and its reuse."""

from __future__ import annotations

import threading

from local.lambda_runtime.queue import PATIENCE, Ticket, Turn, WorkerQueue, turn


class Processes:
    """A table of busy and idle processes, as many of each function as told."""

    def __init__(self, busy: dict[str, int] | None = None, idle: dict[str, int] | None = None) -> None:
        self.busy = busy or {}
        self.free = idle or {}

    def idle(self) -> dict[str, int]:
        return {function: count for function, count in self.free.items() if count}

    def size(self, function: str | None = None) -> int:
        if function is not None:
            return self.busy.get(function, 0) + self.free.get(function, 0)
        return sum(self.busy.values()) + sum(self.free.values())


def ask(function: str, waiting: list[str], pool: Processes, waited: float = 0.0) -> Turn | None:
    """The turn of the last of `waiting`, all of whom have waited for `waited` seconds, with a cap of 2."""
    tickets = [Ticket(name, since=0.0) for name in waiting]
    assert tickets[-1].function == function
    return turn(tickets[-1], tickets, pool, 2, waited)


def test_below_the_cap_a_new_process_starts() -> None:
    assert ask("a", ["a"], Processes(busy={"b": 1})) == Turn()


def test_at_the_cap_it_waits() -> None:
    assert ask("a", ["a"], Processes(busy={"a": 2})) is None


def test_a_warm_process_goes_to_its_own_function_first() -> None:
    assert ask("b", ["a", "b"], Processes(busy={"a": 1}, idle={"b": 1})) == Turn()
    assert ask("a", ["b", "a"], Processes(busy={"a": 1}, idle={"b": 1})) is None


def test_an_idle_process_that_nobody_waits_for_makes_room() -> None:
    assert ask("a", ["a"], Processes(busy={"a": 1}, idle={"b": 1})) == Turn(evict="b")


def test_a_function_without_a_process_gets_one_in_the_end() -> None:
    pool = Processes(busy={"a": 1}, idle={"b": 1})
    assert ask("b", ["c", "b"], pool) == Turn()
    assert ask("b", ["c", "b"], pool, waited=2 * PATIENCE) is None
    assert ask("c", ["b", "c"], pool) is None
    assert ask("c", ["b", "c"], pool, waited=2 * PATIENCE) == Turn(evict="b")


def test_a_function_with_a_process_waits_for_it_and_ends_no_others() -> None:
    pool = Processes(busy={"a": 1}, idle={"b": 1})
    assert ask("a", ["b", "a"], pool, waited=2 * PATIENCE) is None
    assert ask("b", ["a", "b"], pool, waited=2 * PATIENCE) == Turn()


def test_two_that_wait_for_one_warm_process_do_not_both_get_it() -> None:
    assert ask("a", ["a", "a"], Processes(busy={"a": 1}, idle={"a": 1})) is None


def test_a_storm_never_exceeds_the_cap_and_everyone_is_served() -> None:
    """100 threads over 3 functions and 4 processes, each holding its process for a moment."""
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
                pool.busy[function] = pool.busy.get(function, 0) + 1
                peak = max(peak, pool.size())

        queue.admit(function, take)
        threading.Event().wait(0.002)
        with table:
            pool.busy[function] -= 1
            pool.free[function] = pool.free.get(function, 0) + 1
        queue.freed()

    threads = [threading.Thread(target=work, args=("abc"[n % 3],)) for n in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    assert peak == 4
