"""Pauses inside an execution end with it, and times are understood wherever they are."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from loopback_aws.states.flow.pauses import Latch, pause, seconds_until


def test_a_pause_lasts_its_time() -> None:
    began = time.monotonic()
    pause(SimpleNamespace(is_running=lambda: True, program_state_event=Latch()), 0.05)
    assert time.monotonic() - began >= 0.05


@pytest.mark.parametrize("before", [True, False])
def test_a_pause_ends_with_the_execution(before: bool) -> None:
    over = Latch()
    env = SimpleNamespace(is_running=lambda: not over.is_set(), program_state_event=over)

    def end() -> None:
        over.set()
        over.clear()  # as moto does

    threading.Timer(0 if before else 0.05, end).start()
    if before:
        assert over.wait(60)
    began = time.monotonic()
    pause(env, 60)
    assert time.monotonic() - began < 50


@pytest.mark.parametrize("offset", [0, 2, -5])
def test_seconds_until_a_time_with_an_offset(offset: int) -> None:
    zone = (datetime.now(UTC) + timedelta(hours=offset, seconds=10)).replace(tzinfo=None)
    text = f"{zone.isoformat(timespec='seconds')}{offset:+03d}:00"
    found = seconds_until(text)
    assert found is not None
    assert 8 < found <= 10


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z"]
)
def test_what_is_no_time(text: str) -> None:
    assert seconds_until(text) is None
