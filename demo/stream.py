"""A stream of new, labelled images through the deployed workflow: many at once, then one by one."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.processes import run

SIMULATE = (sys.executable, "-m", "operations", "simulate")
SIMULATIONS = Path("build/simulations")
BURST = ("--burst", "300")
SINGLES = ("--minutes", "0.2", "--rate", "5")


@dataclass(frozen=True)
class Simulated:
    """What a simulation counted, its summary.json, and the file of its labels."""

    summary: dict[str, Any]
    labels: Path

    @property
    def answered(self) -> int:
        """Images that the model answered for."""
        return int(self.summary["accepted"] + self.summary["low_confidence"])

    def as_summary(self) -> dict[str, Any]:
        names = ("arrived", "accepted", "low_confidence", "errors", "seconds", "accuracy")
        return {name: self.summary[name] for name in names}


def simulate(dataset: str, folder: Path, environment: Mapping[str, str]) -> list[Simulated]:
    """A burst of 300 images in one run, then five a second for twelve seconds, an execution each.

    New pictures where they can be drawn, else the data set's test part.
    """
    pictures = ("--drawn",) if dataset == "drawn" else ("--dataset", str(folder))
    return [
        _simulate("demo-burst", (*BURST, *pictures, "--seed", "1"), environment),
        _simulate("demo-stream", (*SINGLES, *pictures, "--seed", "2"), environment),
    ]


def _simulate(name: str, arguments: Sequence[str], environment: Mapping[str, str]) -> Simulated:
    shutil.rmtree(SIMULATIONS / name, ignore_errors=True)  # an earlier demo's
    told = run([*SIMULATE, *arguments, "--name", name, "--json"], environment, capture=True)
    return Simulated(json.loads(told), SIMULATIONS / name / "labels.jsonl")


def join_labels(simulated: Sequence[Simulated], path: Path) -> None:
    """All labels in one file, as `scones report --labels` takes them."""
    path.write_text("".join(one.labels.read_text() for one in simulated))
