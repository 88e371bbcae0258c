"""Documents of unusual states, by name: each must look right."""

from __future__ import annotations

from typing import Any

from tests.browser.documents import document
from training.staging.drivers.activity import ACTIVITIES

CIFAR = tuple(f"class {number:02d} of a hundred" for number in range(100))


def without_executions() -> Any:
    return {**document(300), "executions": None}


def without_baseline() -> Any:
    """As the tests' artifacts have it: nothing is known of held-out images."""
    numbers = document(300)
    numbers["model"]["held_out"] = None
    numbers["confidence"]["baseline_counts"] = None
    numbers["low_confidence"].update(expected=None, limit=None)
    numbers["classes"] = [{**row, "baseline_share": None} for row in numbers["classes"]]
    numbers["drift"]["verdict"] = "no_baseline"
    for measure in numbers["drift"]["measures"]:
        measure.update(psi=None, critical=None, verdict="no_baseline", baseline_mean=None, baseline_samples=0)
    numbers["accuracy"]["estimate"] = None
    return numbers


def output_only() -> Any:
    """Capture without input, and callers that sent no inference id."""
    numbers = document(300, pictures=False)
    for record in numbers["recent"]:
        record.update(s3_bucket=None, s3_key=None, execution=None, execution_arn=None)
    return numbers


def damaged() -> Any:
    """Capture files with lines that cannot be read, executions that were not all listed, two machines."""
    numbers = document(300, labels=True, where="AWS on loopback, http://127.0.0.1:4566")
    numbers["captured"].update(refused=4, without_input=12)
    numbers["captured"]["problems"] = [
        {
            "kind": "cut_off",
            "meaning": "The line ends too early.",
            "count": 3,
            "example": "a/07-3.jsonl, line 12",
        },
        {
            "kind": "not_json",
            "meaning": "The line is not JSON.",
            "count": 41,
            "example": "a/08-1.jsonl, line 1",
        },
    ]
    numbers["executions"].update(complete=False, errors_complete=False)
    numbers["executions"]["machines"].append(
        {"name": "scones-dev-classify-batch", "outcomes": {"SUCCEEDED": 3, "FAILED": 1}}
    )
    return numbers


def ten_classes() -> Any:
    """With names for people, and with labels."""
    numbers = document(1000, classes=tuple(ACTIVITIES), labels=True)
    numbers["model"]["names"] = dict(ACTIVITIES)
    return numbers


STATES = {
    "empty": lambda: document(0),
    "single": lambda: document(1),
    "without-executions": without_executions,
    "without-baseline": without_baseline,
    "output-only": output_only,
    "damaged": damaged,
    "ten-classes": ten_classes,
    "hundred-classes": lambda: document(1000, classes=CIFAR, labels=True),
    "week": lambda: document(10_000, hours=168),
    "quarter": lambda: document(3000, hours=90 * 24),
}
