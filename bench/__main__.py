"""Measure what the project promises: `python -m bench [--only NAME,…]` writes build/bench/summary.json.

Each measurement is a module of this package whose `run()` returns entries
`{name, value, unit, reference, ratio, goal, met}`: `reference` is what the value was compared with in the
same run, `ratio` is value / reference, `goal` is the limit that the project promises (null where it
promises none) and `met` says whether it holds.
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from contracts.whole_files import replacing

MEASUREMENTS = {
    "cold_imports": "what a function imports before it answers for the first time",
    "healthy_streams": "alarms that 20 healthy streams of 2,000 images raise on loopback: none (minutes)",
    "serving": "requests a second of the model server against bare inference",
    "hostile": "what good requests lose beside costly pictures and requests sent far ahead",
    "batch": "many images at once against one execution an image: speed, cost, memory (minutes)",
    "hostile_inputs": "100,000 damaged inputs to each handler, reader, parser: named errors only (minutes)",
    "killed_processes": "2,000 images by one run in which 20 processes of functions are killed (minutes)",
    "inbox": "5,000 pictures dropped into the inbox: a row each, by how many runs, how soon (minutes)",
    "state_machines": "what the local Step Functions cost: a chain of functions, a Distributed Map",
    "reports": "the analysis of captured data: records a second, memory of a million records",
    "unfamiliar": "how well drifted pictures and streams are told from healthy ones (minutes)",
    "staging": "22,424 photographs staged to RecordIO: pictures a second, memory (minutes)",
    "scale": "22,000 photographs of 640x480 trained on: memory, minutes on two cores (minutes)",
    "training": "accuracy, calibration and CPU time of training (minutes)",
}
SUMMARY = Path("build/bench/summary.json")


def parse(argv: list[str] | None) -> list[str]:
    """The names of the measurements to take; argparse explains and exits on a wrong one."""
    listing = "\n".join(f"  {name:16} {meaning}" for name, meaning in MEASUREMENTS.items())
    parser = argparse.ArgumentParser(
        prog="bench",
        description="Measure what the project promises, as ratios taken in one run.",
        epilog=f"measurements:\n{listing}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", help="comma-separated names of measurements, e.g. serving,cold_imports")
    only = parser.parse_args(argv).only
    names = only.split(",") if only else list(MEASUREMENTS)
    unknown = sorted(set(names) - set(MEASUREMENTS))
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; there are: {', '.join(MEASUREMENTS)}")
    return names


def show(console: Console, entries: list[dict[str, Any]]) -> None:
    table = Table("figure", "value", "reference", "ratio", "goal", "met")
    for entry in entries:
        number = {key: "" if entry[key] is None else f"{entry[key]:.4g}" for key in ("value", "ratio")}
        table.add_row(
            entry["name"],
            f"{number['value']} {entry['unit']}",
            str(entry["reference"] if entry["reference"] is not None else ""),
            number["ratio"],
            str(entry["goal"] if entry["goal"] is not None else ""),
            {True: "yes", False: "NO", None: ""}[entry["met"]],
        )
    console.print(table)


def write(entries: list[dict[str, Any]]) -> None:
    """Replace the entries of the same names in the summary, and keep the others."""
    kept = json.loads(SUMMARY.read_text()) if SUMMARY.exists() else []
    names = {entry["name"] for entry in entries}
    with replacing(SUMMARY) as file:
        file.write(
            (json.dumps([e for e in kept if e["name"] not in names] + entries, indent=2) + "\n").encode()
        )


def main(argv: list[str] | None = None) -> int:
    """0 when everything could be measured and no goal was missed, else 1."""
    console = Console(stderr=True)
    complete = True
    for name in parse(argv):
        console.rule(MEASUREMENTS[name])
        try:
            measured = importlib.import_module(f"bench.{name}").run()
        except subprocess.CalledProcessError as error:
            console.print(f"{name} was not measured: `{' '.join(map(str, error.cmd))}` failed, see above")
            complete = False
            continue
        write(measured)
        show(console, measured)
        complete = complete and all(entry["met"] is not False for entry in measured)
    console.print(f"written to {SUMMARY}")
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main())
