"""What training says of its networks: a bar on a terminal, else a line a network, a minute or an epoch."""

from __future__ import annotations

import sys
from typing import Literal

from training.network.fit import Progress

Detail = Literal["bar", "networks", "epochs"]
LINES = 8
"""Lines of each network where its epochs are wanted."""
SILENCE = 60.0
"""Seconds after which there is a line of a network in any case, so that nobody takes it for dead."""
BAR_WIDTH = 30


def wants_line(detail: Detail, progress: Progress, silent: float) -> bool:
    """Whether there is a line for this epoch, after so many seconds without one."""
    if detail == "bar":
        return False
    if progress.epoch == progress.epochs or silent > SILENCE:
        return True
    return detail == "epochs" and progress.epoch % max(1, progress.epochs // LINES) == 0


def progress_line(
    network: int, networks: int, progress: Progress, accuracy: float, seconds: float, workers: int
) -> str:
    """One line that SageMaker's metric definitions can read too; `left` is for all networks.

    network: from 1 on. accuracy: on images that it does not learn from. seconds: since it began or went on.
    """
    whole = seconds / (progress.work - progress.earlier)
    left = whole * (1 - progress.work) + whole * ((networks - network) // workers)
    return (
        f"network={network}/{networks} epoch={progress.epoch}/{progress.epochs} "
        f"train_loss={progress.loss:.4f} validation_accuracy={accuracy:.4f} left={left:.0f}s"
    )


def draw_bar(done: int, total: int, left: float) -> None:
    """Draw the line anew on standard error: `done` of all networks' epochs, and how many seconds are left."""
    filled = BAR_WIDTH * done // total
    bar = "━" * filled + "─" * (BAR_WIDTH - filled)
    sys.stderr.write(f"\rtraining {bar} {done} of {total} epochs, {left:.0f} s left\x1b[K")
    sys.stderr.flush()
