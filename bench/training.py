"""Accuracy, calibration and CPU time of training: `python -m bench.training --data DIR --seeds 3`.

Trains with several seeds on a staged data set, the real pictures by default, with the preset for photographs,
and reports the means on its test part; and what an answer of such a model costs. Takes minutes a seed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from contracts.artifact.reader import read_artifact
from training.artifact.predictor import Predictor

DATA = Path("build/dataset/cifar100")
BUILT_IN_ACCURACY = 0.831
"""Median of 18 published runs of SageMaker's built-in image classification on the same task."""

Figures = dict[str, float]


def run(data: Path = DATA, seeds: int = 3, preset: str = "photo") -> list[dict[str, Any]]:
    """The entries of bench/__main__.py, each a mean over the seeds. Stages CIFAR-100 if `data` is missing."""
    if not (data / "manifest.json").exists():
        stage(data)
    runs = [measure(data, seed, preset) for seed in range(seeds)]
    mean = {name: sum(figures[name] for figures in runs) / len(runs) for name in runs[0]}
    return [
        entry(
            "training.test_accuracy", mean["accuracy"], "share", at_least=0.94, reference=BUILT_IN_ACCURACY
        ),
        entry("training.cpu_minutes", mean["cpu_minutes"], "min", at_most=4.0),
        entry("training.accuracy_at_threshold", mean["trusted"], "share", at_least=0.985),
        entry("training.coverage_at_threshold", mean["coverage"], "share", at_least=0.80),
        entry("training.expected_calibration_error", mean["calibration_error"], "share"),
        entry("training.answer_milliseconds", mean["milliseconds"], "ms", at_most=16.0),
        entry("training.artifact_megabytes", mean["megabytes"], "MB"),
    ]


def stage(folder: Path) -> None:
    """CIFAR-100's bicycles and motorcycles, downloaded or from CIFAR100_ARCHIVE."""
    archive = os.environ.get("CIFAR100_ARCHIVE")
    source = ["--archive", archive] if archive else []
    command = [sys.executable, "-m", "operations", "stage", "cifar100", "--out", str(folder), *source]
    subprocess.run(command, check=True, stdout=sys.stderr)


def measure(data: Path, seed: int, preset: str) -> Figures:
    """Train once, in a process of its own, and evaluate the artifact that it wrote."""
    with tempfile.TemporaryDirectory() as folder:
        artifact = Path(folder) / "model.tar.gz"
        flags = ("--preset", preset, "--seed", str(seed))
        call("training.train", "--data", str(data), "--artifact", str(artifact), *flags)
        figures = json.loads(
            call("training.evaluate", "--artifact", str(artifact), "--data", str(data), "--json")
        )
        record = json.loads(artifact.with_name("training.json").read_text())
        milliseconds, megabytes = answer_milliseconds(artifact), artifact.stat().st_size / 1e6
    measured = {
        "accuracy": figures["accuracy"],
        "cpu_minutes": record["cpu_seconds"] / 60,
        "trusted": figures["accuracy_at_threshold"] or 0.0,
        "coverage": figures["coverage_at_threshold"],
        "calibration_error": figures["expected_calibration_error"],
        "milliseconds": milliseconds,
        "megabytes": megabytes,
    }
    print(f"seed {seed}: {json.dumps(measured)}", file=sys.stderr, flush=True)
    return measured


def answer_milliseconds(path: Path, times: int = 100) -> float:
    """Processor time of an answer about one picture, in one thread, without decoding it."""
    artifact = read_artifact(path)
    predictor = Predictor(artifact)
    image = np.zeros((1, *artifact.size, 3), dtype=np.uint8)
    predictor.probabilities(image)
    begun = time.process_time()
    for _ in range(times):
        predictor.probabilities(image)
    return (time.process_time() - begun) / times * 1000


def call(module: str, *arguments: str) -> str:
    """Output of a module run as a command; its errors go to stderr and end the measurement."""
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def entry(
    name: str,
    value: float,
    unit: str,
    at_least: float | None = None,
    at_most: float | None = None,
    reference: float | None = None,
) -> dict[str, Any]:
    """One figure, with the goal that it must reach or stay below."""
    reached = (at_least is None or value >= at_least) and (at_most is None or value <= at_most)
    goal = at_least if at_most is None else at_most
    return {
        "name": name,
        "value": round(value, 4),
        "unit": unit,
        "reference": reference,
        "ratio": round(value / reference, 4) if reference else None,
        "goal": goal,
        "met": None if goal is None else reached,
    }


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.training", description=__doc__)
    parser.add_argument(
        "--data", type=Path, default=DATA, metavar="DIR", help=f"staged data set (default: {DATA})"
    )
    parser.add_argument("--seeds", type=int, default=3, help="trainings to average over (default: 3)")
    parser.add_argument("--preset", default="photo", help="of training (default: photo)")
    arguments = parser.parse_args(argv)
    entries = run(arguments.data, arguments.seeds, arguments.preset)
    print(json.dumps(entries, indent=2))
    return 0 if all(figure["met"] is not False for figure in entries) else 1


if __name__ == "__main__":
    sys.exit(main())
