"""Time-outs of all executions on one thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from loopback_aws.states.runs.timers import Timers


@pytest.fixture
def timers() -> Iterator[Timers]:
    timers = Timers()
    yield timers
    timers.stop()


@contextmanager
def held(timers: Timers) -> Iterator[None]:
    """Nothing is called before all is told, however slow this machine is: calls come one after the other."""
    told, holding = threading.Event(), threading.Event()

    def hold() -> None:
        holding.set()
        told.wait(60)

    timers.after(0, hold)
    assert holding.wait(60)
    yield
    told.set()


def test_calls_come_in_the_order_of_their_times(timers: Timers) -> None:
    called: list[str] = []
    done = threading.Event()
    with held(timers):
        timers.after(-10, done.set)
        timers.after(-20, lambda: called.append("second"))
        timers.after(-30, lambda: called.append("first"))
    assert done.wait(60)
    assert called == ["first", "second"]


def test_a_cancelled_timer_is_not_called(timers: Timers) -> None:
    called: list[str] = []
    done = threading.Event()
    with held(timers):
        timers.after(0.01, lambda: called.append("cancelled")).cancel()
        timers.after(0.03, done.set)
    assert done.wait(60)
    assert not called


def test_a_failing_call_does_not_end_the_thread(timers: Timers) -> None:
    done = threading.Event()
    timers.after(0, lambda: 1 / 0)
    timers.after(0.01, done.set)
    assert done.wait(60)


def test_cancelled_timers_are_forgotten_long_before_they_are_due(timers: Timers) -> None:
    for _ in range(10_000):
        timers.after(3600, int).cancel()
    assert len(timers._heap) < 200


def test_nothing_is_called_after_the_stop() -> None:
    timers = Timers()
    called: list[str] = []
    timers.after(0.05, lambda: called.append("late"))
    timers.stop()
    assert not timers._thread.is_alive()
    assert not called
