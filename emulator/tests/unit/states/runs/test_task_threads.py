"""Threads of tasks: at once for each, kept for the next, not more than wanted."""

from __future__ import annotations

import threading

from loopback_aws.states.runs.task_threads import TaskThreads

SECONDS = 5.0


def run_and_wait(threads: TaskThreads) -> threading.Thread:
    """The thread that a call ran on, once that call has ended."""
    done, seen = threading.Event(), []

    def call() -> None:
        seen.append(threading.current_thread())
        done.set()

    threads.start(call)
    assert done.wait(SECONDS)
    return seen[0]


def test_calls_run_side_by_side() -> None:
    threads, together = TaskThreads(), threading.Barrier(5)
    for _ in range(4):
        threads.start(lambda: together.wait(SECONDS))
    together.wait(SECONDS)
    assert not together.broken


def test_a_thread_is_kept_for_the_next_call() -> None:
    threads = TaskThreads()
    used = {run_and_wait(threads) for _ in range(50)}
    assert len(used) <= 2, "a call may come before the thread of the one before is idle"


def test_no_more_threads_are_kept_than_wanted() -> None:
    threads = TaskThreads(kept=0)
    first, second = run_and_wait(threads), run_and_wait(threads)
    first.join(SECONDS)
    assert first is not second
    assert not first.is_alive()
