"""Where the files of a run over many images are, in the data bucket."""

from __future__ import annotations

from lambda_src.core.batch.records import ACCEPTED, ERROR, LOW_CONFIDENCE

RESULTS = "results/"
PLAN = "plan.jsonl"
REJECTED = "rejected.jsonl"
SUMMARY = "summary.json"
RESULT_FILES = {
    ACCEPTED: "accepted.jsonl",
    LOW_CONFIDENCE: "low_confidence.jsonl",
    ERROR: "errors.jsonl",
}
"""The file that a row goes to, by its outcome."""


def run_key(execution_name: str, name: str) -> str:
    """Key of a run's file, always the same for an execution: a retried state writes the same once more."""
    return f"{RESULTS}{execution_name}/{name}"
