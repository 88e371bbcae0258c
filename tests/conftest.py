"""What every suite relies on."""

from __future__ import annotations

import gc
import os
import signal
from pathlib import Path

# A shell that runs the tests in the background has interrupts ignored, and so would whatever they start: the
# tests of Ctrl-C would wait for an end that never comes.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Suites run side by side: threads that wait for each other by spinning take the processors from the others.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# What synthesizes runs this Node, which says why.
os.environ.setdefault("JSII_NODE", str(Path(__file__).with_name("node")))

gc.disable()


def pytest_collection_finish() -> None:
    """Spare what was imported the search for garbage, which took an eighth of the unit tests' time."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()
