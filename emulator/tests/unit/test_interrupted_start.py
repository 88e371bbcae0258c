"""A signal while `up` waits for the server that it starts."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from loopback_aws import lifecycle


class Asked:
    """A process that is told to stop while it is asked whether it runs, when `subprocess` holds its lock."""

    pid = 0
    locked = False

    def poll(self) -> None:
        self.locked = True
        # To this thread, as to the command's only one: the tests' process has others, which would take it.
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
        self.locked = False


@pytest.fixture
def handled() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in lifecycle.STOPPING}
    signal.signal(signal.SIGTERM, lifecycle._exit)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("handled")
def test_a_signal_leaves_no_process_locked() -> None:
    process: Any = Asked()
    with pytest.raises(SystemExit, match="143"):
        lifecycle._wait_ready(SimpleNamespace(state=None), process, 60)  # type: ignore[arg-type]
    assert not process.locked
