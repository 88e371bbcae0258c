"""Ctrl-C, a closed terminal or a polite kill interrupts the demo once; what follows must not be cut short."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interruption:
    """The first signal raises KeyboardInterrupt in the main thread; those after it do nothing.

    An impatient second Ctrl-C would otherwise end the stopping of child processes, and leave them.
    """

    def __init__(self) -> None:
        self._over = False
        self._held = False
        self._waiting = False

    def listen(self) -> None:
        """From now on handle SIGINT, SIGTERM and SIGHUP."""
        for number in SIGNALS:
            signal.signal(number, self._arrive)

    def end(self) -> None:
        """From now on no signal interrupts: the demo is stopping already."""
        self._over = True

    @contextmanager
    def held(self) -> Iterator[None]:
        """A signal inside raises at the end: between fork and return nobody knows the child's id."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
        if self._waiting:
            self._raise()

    def _arrive(self, _number: int, _frame: FrameType | None) -> None:
        if self._held:
            self._waiting = True
        else:
            self._raise()

    def _raise(self) -> None:
        if not self._over:
            self._over = True
            raise KeyboardInterrupt


interruption = Interruption()
"""Of this process: signals are a matter of the process, and so is this."""
