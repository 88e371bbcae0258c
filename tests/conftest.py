"""What every suite relies on."""

from __future__ import annotations

import signal

# A shell that runs the tests in the background has interrupts ignored, and so would whatever they start: the
# tests of Ctrl-C would wait for an end that never comes.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
