"""What `make demo` leaves for machines: build/demo/summary.json."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from demo.subscriber import Notification
from training.artifact.writing import read_artifact, replacing


def training_summary(artifact: Path) -> dict[str, Any]:
    """Figures of the model that was trained; CPU seconds stand beside the artifact, not in it."""
    card = read_artifact(artifact).card
    metrics = card["metrics"]
    return {
        "images": card["training"]["images"],
        "cpu_seconds": json.loads(artifact.with_name("training.json").read_text())["cpu_seconds"],
        "test_accuracy": metrics["accuracy"],
        "expected_calibration_error": metrics["expected_calibration_error"],
        "threshold": card["threshold"]["recommended"],
        "coverage_at_threshold": metrics["coverage_at_threshold"],
        "accuracy_at_threshold": metrics["accuracy_at_threshold"],
        "artifact_sha256": hashlib.sha256(artifact.read_bytes()).hexdigest(),
    }


def notification_summary(notification: Notification, errors: Sequence[str]) -> dict[str, Any]:
    """The subject as received, and which of `errors` it names."""
    named = [error for error in errors if error in notification.subject]
    return {"subject": notification.subject, "error": named[0] if named else None}


def write(path: Path, summary: dict[str, Any]) -> None:
    """Replace `path` at once, so that a reader never sees half of it."""
    with replacing(path) as file:
        file.write((json.dumps(summary, indent=2) + "\n").encode())
