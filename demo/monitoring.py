"""Run the deployed monitor once, and make the report, with the commands that the README gives."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from demo.processes import run

SCONES = (sys.executable, "-m", "operations")


def run_monitor(environment: Mapping[str, str]) -> dict[str, Any]:
    """What the monitor function answers."""
    return dict(json.loads(run([*SCONES, "monitor", "--json"], environment, capture=True)))


def make_report(page: Path, labels: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    """Write the page; its numbers."""
    command = [*SCONES, "report", "--labels", str(labels), "--out", str(page), "--json"]
    return dict(json.loads(run(command, environment, capture=True)))


def report_summary(numbers: dict[str, Any], page: Path) -> dict[str, Any]:
    """Verdict, checks and accuracy for summary.json, and how large the page is."""
    verdict = numbers["verdict"]
    return {
        "page": str(page),
        "bytes": page.stat().st_size,
        "inferences": numbers["captured"]["inferences"],
        "verdict": verdict["state"],
        "checks": {check["name"]: check["state"] for check in verdict["checks"]},
        "accuracy": {name: _interval(numbers["accuracy"][name]) for name in ("estimate", "labelled")},
    }


def _interval(accuracy: dict[str, Any] | None) -> dict[str, Any] | None:
    return accuracy and {name: accuracy[name] for name in ("value", "low", "high")}
