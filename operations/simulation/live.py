"""How a simulation stands, on standard error: one line that changes, or one every ten seconds in a log."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.live import Live
from rich.text import Text

from lambda_src.core.batch.rows import ACCEPTED, LOW_CONFIDENCE
from operations.simulation.burst import Progress
from operations.simulation.stream import Snapshot
from operations.terminal import printable, progress_console, tell

LOG_SECONDS = 10.0


@contextmanager
def live_progress() -> Iterator[Callable[[Snapshot | Progress], None]]:
    """A function to report to."""
    console = progress_console()
    if console.is_terminal:
        with Live(console=console, refresh_per_second=4, transient=True) as live:
            yield lambda stand: live.update(Text(printable(line(stand))))
        return
    last = time.monotonic()

    def log(stand: Snapshot | Progress) -> None:
        nonlocal last
        if time.monotonic() - last >= LOG_SECONDS:
            last = time.monotonic()
            tell(line(stand))

    yield log


def line(stand: Snapshot | Progress) -> str:
    """The stand in a line."""
    if isinstance(stand, Progress):
        return f"{stand.doing} {stand.done:,} of {stand.total:,}"
    tally, seconds = stand.tally, max(stand.seconds, 1e-9)
    latency = tally.latency()
    parts = [
        f"{stand.seconds:.0f} s",
        f"{stand.arrived:,} arrived ({stand.arrived / seconds:.1f}/s)",
        f"{tally.ended:,} ended ({tally.ended / seconds:.1f}/s)",
        f"{stand.open:,} open",
        f"{tally.outcomes[ACCEPTED]:,} accepted",
        f"{tally.outcomes[LOW_CONFIDENCE]:,} low confidence",
        f"{sum(tally.errors.values()):,} errors",
    ]
    if stand.dropped:
        parts.append(f"{stand.dropped:,} dropped")
    if latency["p50"] is not None:
        parts.append(f"latency p50 {latency['p50']:.2f} s, p95 {latency['p95']:.2f} s")
    if tally.accuracy is not None:
        parts.append(f"{tally.accuracy:.1%} right")
    return " · ".join(parts)
