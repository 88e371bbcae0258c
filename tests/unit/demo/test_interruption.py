"""Signals interrupt the demo once, and never its stopping."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from demo.processes import SIGNALS, Interruption
from tests.unit.demo.test_processes import DEADLINE_SECONDS, wait_for

SLOW_TO_STOP = """
import pathlib, signal, sys, time
folder = pathlib.Path(sys.argv[1])
signal.signal(signal.SIGTERM, signal.default_int_handler)
try:
    (folder / "runs").write_text("yes")
    time.sleep(600)
except KeyboardInterrupt:
    (folder / "stopping").write_text("yes")
    while not (folder / "may end").exists():
        time.sleep(0.01)
    (folder / "ended").write_text("yes")
"""
DEMO = """
import os, pathlib, sys
from demo.processes import interruption, run
interruption.listen()
log = pathlib.Path(sys.argv[2]) / "demo.log"
run([sys.executable, "-c", sys.argv[1], sys.argv[2]], os.environ, log)
"""


@pytest.mark.parametrize("first", SIGNALS)
def test_an_impatient_second_signal_does_not_leave_the_command_behind(
    tmp_path: Path, first: signal.Signals
) -> None:
    demo = subprocess.Popen(
        [sys.executable, "-c", DEMO, SLOW_TO_STOP, str(tmp_path)], stderr=subprocess.DEVNULL
    )
    wait_for(tmp_path / "runs")
    demo.send_signal(first)
    wait_for(tmp_path / "stopping")
    demo.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        demo.wait(0.7)
    (tmp_path / "may end").touch()
    assert demo.wait(DEADLINE_SECONDS) != 0
    assert (tmp_path / "ended").exists()


def test_a_signal_while_a_command_starts_waits_until_its_process_is_known() -> None:
    interruption, steps = Interruption(), []

    def start() -> None:
        with interruption.held():
            os.kill(os.getpid(), signal.SIGTERM)
            steps.append("known")
        steps.append("not interrupted")

    previous = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        interruption.listen()
        with pytest.raises(KeyboardInterrupt):
            start()
        os.kill(os.getpid(), signal.SIGHUP)  # the second one
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    assert steps == ["known"]
