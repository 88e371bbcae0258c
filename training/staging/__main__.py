"""`python -m training.staging drawn --out FOLDER`: a data set, by what training needs alone.

`scones stage` does more: other classes, as many pictures as you like, a copy in S3, progress bars.
"""

from __future__ import annotations

import signal

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C while modules are loaded

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from training.staging.drivers.source import Drivers
from training.staging.example import StagingError
from training.staging.sources import Drawn, Known, cifar100
from training.staging.stage import StageRequest, stage

SOURCES: dict[str, Callable[[], Known]] = {"drawn": Drawn, "cifar100": cifar100, "drivers": Drivers}


def main(argv: Sequence[str] | None = None) -> int:
    """0: the data set is in its folder. 2: it cannot be made, standard error has the reason. 130: Ctrl-C."""
    arguments = parse(argv)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    source = SOURCES[arguments.dataset]()
    request = StageRequest(classes=source.default_classes, folder=arguments.out.resolve())
    try:
        staged = stage(source, request, Activities())
    except StagingError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped before the end; the folder is as it was", file=sys.stderr)
        return 128 + signal.SIGINT
    print(f"{staged.folder}: {'staged' if staged.fresh else 'already staged, nothing to do'}")
    return 0


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="training.staging",
        description="Stage pictures to train with: bicycles and motorcycles, or drivers.",
    )
    parser.add_argument(
        "dataset",
        choices=tuple(SOURCES),
        help="drawn: vehicles from a generator. cifar100: real ones. drivers: ten things drivers do, drawn",
    )
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    return parser.parse_args(argv)


class Activities:
    """Tells each activity once, when it begins."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def __call__(self, activity: str, _done: int, _total: int) -> None:
        if activity not in self._told:
            print(f"{activity} …")
            self._told.add(activity)


if __name__ == "__main__":
    sys.exit(main())
