"""What training says of its networks: a bar on a terminal, else a line a network or an epoch."""

from __future__ import annotations

import sys
from typing import Literal

from training.network.fit import Progress

Detail = Literal["bar", "networks", "epochs"]
LINES = 8
"""Lines of each network where its epochs are wanted."""
BAR_WIDTH = 30


def wants_line(detail: Detail, progress: Progress) -> bool:
    """Whether there is a line for this epoch."""
    if progress.epoch == progress.epochs:
        return detail != "bar"
    return detail == "epochs" and progress.epoch % max(1, progress.epochs // LINES) == 0


def progress_line(
    network: int, networks: int, progress: Progress, accuracy: float, seconds: float, workers: int
) -> str:
    """One line that SageMaker's metric definitions can read too; `left` is for all networks.

    network: from 1 on. accuracy: on images that it does not learn from. seconds: since its start.
    """
    whole_fold = seconds * progress.epochs / progress.epoch
    left = whole_fold - seconds + whole_fold * ((networks - network) // workers)
    return (
        f"network={network}/{networks} epoch={progress.epoch}/{progress.epochs} "
        f"train_loss={progress.loss:.4f} validation_accuracy={accuracy:.4f} left={left:.0f}s"
    )


def draw_bar(done: int, total: int, seconds: float) -> None:
    """Draw the line anew on standard error: `done` of all networks' epochs after so many seconds."""
    filled = BAR_WIDTH * done // total
    bar = "━" * filled + "─" * (BAR_WIDTH - filled)
    left = seconds / done * (total - done)
    sys.stderr.write(f"\rtraining {bar} {done} of {total} epochs, {left:.0f} s left\x1b[K")
    sys.stderr.flush()
