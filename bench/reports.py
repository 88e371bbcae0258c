"""The analysis of captured data: records a second, and the memory of one pass over a million.

Each record is one request with a small image, about 3 KB a line; 256 pictures take turns. For speed, analyses
and what they are compared with take turns in one process, round by round, over the same files in a temporary
folder: records a CPU second, medians of the rounds. Image statistics decode pictures, which costs far more
than all else: "1 in n" says of how many inferences they were taken. Memory is the peak of a process of its
own that reads a generated stream, makes the state and the numbers, and keeps nothing else.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from bench.captured.stream import CapturedStream
from reports.captured.counts import CaptureCounts
from reports.captured.inferences import read_inferences
from reports.figures.analysis import Analysis
from reports.figures.baseline import Baseline

ROOT = Path(__file__).parents[1]
ROUNDS = 5
RECORDS, RECORDS_A_FILE = 10_000, 100
SAMPLED = (100, 10, 1)
"""Image statistics of one inference of so many."""
SPEED_GOAL = 0.25
"""Smallest ratio to json.loads alone that the analysis without image statistics promises."""
MANY, FEW = 1_000_000, 100_000
MEGABYTES = 400
"""That a pass over many records may take."""
GROWTH_GOAL = 1.5
"""Largest ratio of their memory to that of few: there are more hours, each with its counts."""
REFERENCE, ANALYSIS = "json.loads", "analysis without images"

Entry = dict[str, Any]


def run(rounds: int = ROUNDS, many: int = MANY, few: int = FEW) -> list[Entry]:
    """Speed of reading, of the analysis without and with image statistics, and the memory of many records."""
    stream = CapturedStream()
    with tempfile.TemporaryDirectory() as folder:
        speeds = measure(write_files(stream, Path(folder)), stream.baseline(), rounds)
    return [*speed_entries(speeds), *memory_entries(many, few)]


def write_files(stream: CapturedStream, folder: Path) -> list[Path]:
    files = []
    for first in range(0, RECORDS, RECORDS_A_FILE):
        files.append(folder / f"{first}.jsonl")
        files[-1].write_bytes(b"".join(stream.lines(RECORDS_A_FILE, first)))
    return files


def measure(files: list[Path], baseline: Baseline, rounds: int) -> dict[str, list[float]]:
    """Records a CPU second by what was done to them; a first round that warms up is not counted."""
    passes: dict[str, Callable[[], None]] = {
        REFERENCE: partial(loads, files),
        "reading": partial(read, files),
        ANALYSIS: partial(analyse, files, baseline, 0),
    }
    for every in SAMPLED:
        passes[f"analysis, image statistics of 1 in {every}"] = partial(analyse, files, baseline, every)
    taken: dict[str, list[float]] = {name: [] for name in passes}
    for _ in range(rounds + 1):
        for name, take in passes.items():
            begun = time.process_time()
            take()
            taken[name].append(RECORDS / (time.process_time() - begun))
    return {name: values[1:] for name, values in taken.items()}


def loads(files: list[Path]) -> None:
    for path in files:
        with path.open("rb") as lines:
            for line in lines:
                json.loads(line)


def read(files: list[Path]) -> None:
    found = CaptureCounts()
    for path in files:
        with path.open("rb") as lines:
            for _ in read_inferences(path.name, lines, 2, found):
                pass
    assert found.inferences == RECORDS, found


def analyse(files: list[Path], baseline: Baseline, image_every: int) -> None:
    analysis = Analysis(baseline, image_every=image_every)
    for path in files:
        with path.open("rb") as lines:
            analysis.read(path.name, lines)
    assert analysis.totals.inferences == RECORDS, analysis.totals


def speed_entries(speeds: dict[str, list[float]]) -> Iterator[Entry]:
    bare = speeds[REFERENCE]
    for name, values in speeds.items():
        if name != REFERENCE:
            ratio = statistics.median(
                value / reference for value, reference in zip(values, bare, strict=True)
            )
            goal = SPEED_GOAL if name == ANALYSIS else None
            yield {
                "name": f"reports: {name} / {REFERENCE}",
                "value": round(statistics.median(values)),
                "unit": "records/CPU-s",
                "reference": round(statistics.median(bare)),
                "ratio": round(ratio, 3),
                "goal": goal,
                "met": None if goal is None else ratio >= goal,
            }


def memory_entries(many: int, few: int) -> Iterator[Entry]:
    """Peak after many records: against the limit, and against few, which shows what grows with them."""
    after_many, after_few = one_pass(many), one_pass(few)
    peak = after_many["peak_megabytes"]
    name = f"reports: peak memory of {many:,} records"
    for against, reference, goal in (
        (f"{MEGABYTES} MB", float(MEGABYTES), 1.0),
        (f"of {few:,}", after_few["peak_megabytes"], GROWTH_GOAL),
    ):
        yield {
            "name": f"{name} / {against}",
            "value": round(peak, 1),
            "unit": "MB",
            "reference": round(reference, 1),
            "ratio": round(peak / reference, 3),
            "goal": goal,
            "met": peak / reference <= goal,
        }
    yield {
        "name": f"reports: one pass over {many:,} records / {few:,}",
        "value": round(after_many["seconds"], 1),
        "unit": "CPU-s",
        "reference": round(after_few["seconds"], 1),
        "ratio": round(after_many["seconds"] / after_few["seconds"], 3),
        "goal": None,
        "met": None,
    }


def one_pass(records: int) -> dict[str, float]:
    """What a pass costs in a fresh process, see bench/captured/one_pass.py; without image statistics."""
    command = [sys.executable, "-m", "bench.captured.one_pass", str(records), "0"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=3600)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
