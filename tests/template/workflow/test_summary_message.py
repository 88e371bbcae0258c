"""What people read of a run, evaluated as Step Functions would from what "Merge results" answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lambda_src.core.batch.rows import Row
from lambda_src.core.classes import ModelClasses
from lambda_src.core.run.records import Planned
from lambda_src.core.run.summary import Work, short_summary, summarize
from lambda_src.core.run.tally import Tally
from stacks.workflow import summary_message
from tests.template.workflow.jsonata_states import evaluate

MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:scones-dev-classify-batch"
EXECUTION = "arn:aws:states:eu-west-1:123456789012:execution:scones-dev-classify-batch:run-1"


def summary(
    rows: list[Row],
    replay_of: str | None = None,
    class_count: int = 2,
    names: dict[str, str] | None = None,
) -> dict[str, Any]:
    """The real answer of the function for these rows."""
    tally = Tally()
    for row in rows:
        tally.add(row["outcome"], row)
    planned = Planned(
        plan_bucket="data",
        plan_key="results/run-1/plan.jsonl",
        listed=len(rows),
        batches=1 if rows else 0,
        rejected=0,
        started="2026-11-20T10:00:00.000+00:00",
        threshold=None,
        max_concurrency=4,
        tolerated_failure_percentage=10,
        replay_of=replay_of,
        only=None,
        input={"form": "images"},
    )
    whole = summarize(
        "run-1",
        planned,
        tally,
        Work(256),
        classes=ModelClasses(tuple(f"class{number}" for number in range(class_count)), names or {}),
        default_threshold=0.9,
        deployed_model="f" * 12,
        ended=datetime(2026, 11, 20, 10, 0, 12, tzinfo=UTC),
    )
    return short_summary(whole) | {"summary_bucket": "data", "summary_key": "results/run-1/summary.json"}


def told(summary: dict[str, Any], execution: str = EXECUTION) -> tuple[str, str]:
    """Subject and message."""
    name = execution.rpartition(":")[2]
    context = {"Execution": {"Id": execution, "Name": name, "Input": {}}, "StateMachine": {"Id": MACHINE}}

    def text(expression: str) -> str:
        return str(evaluate(expression, input=summary, context=context))

    return text(summary_message.subject("scones-dev")), text(summary_message.message("dev"))


def rows(accepted: int = 0, low: int = 0, errors: int = 0) -> list[Row]:
    seen = {"predicted_class": "class0", "confidence": 0.95, "model": "f" * 12}
    return [
        *({"outcome": "accepted", **seen} for _ in range(accepted)),
        *({"outcome": "low_confidence", **seen, "confidence": 0.5} for _ in range(low)),
        *({"n": n, "outcome": "error", "error": "ImageNotFound"} for n in range(errors)),
    ]


def test_the_subject_counts() -> None:
    subject, _ = told(summary(rows(1200, 30, 4)))
    assert subject == "scones-dev: 1,234 images, 1,200 accepted, 30 low confidence, 4 errors"


def test_the_message_says_what_came_of_it_and_where_the_results_are() -> None:
    _, message = told(summary(rows(8, 1, 1), replay_of="run-0"))
    for line in (
        "Classified: 10 images (again what failed in run-0)",
        "Low confidence: 1 (below 0.9)",
        "Errors: 1 (ImageNotFound 1)",
        "Classes: class0 9 (100.0 %), class1 0 (0.0 %)",
        "Median confidence: 0.95",
        f"Model: {'f' * 12}",
        "Results: s3://data/results/run-1/",
        f"Execution: {EXECUTION}",
        "python -m operations replay run-1 --stage dev",
    ):
        assert f"{line}\n" in message, message
    assert "Took: 12 seconds, about $0.00" in message


def test_classes_are_told_with_their_names_for_people() -> None:
    _, message = told(summary(rows(9), names={"class0": "phone, «left»"}))
    assert "Classes: class0 phone, «left»: 9 (100.0 %), class1 0 (0.0 %)\n" in message


def test_nothing_is_to_be_run_again_when_nothing_failed() -> None:
    _, message = told(summary(rows(3)))
    assert "replay" not in message
    assert "Errors: 0 (none)\n" in message


@pytest.mark.parametrize("count", [0, 1])
def test_a_run_without_predictions_is_told_of_too(count: int) -> None:
    subject, message = told(summary(rows(errors=count)))
    images = ["0 images", "1 image"][count]
    assert subject == f"scones-dev: {images}, 0 accepted, 0 low confidence, {count} errors"
    assert "Median confidence: none\n" in message


def test_the_worst_message_is_what_sns_accepts() -> None:
    worst = summary(rows(1), class_count=100)
    worst["classes"] = {"日" * 500 + str(n): {"count": 10**9, "share": 1 / 3} for n in range(10)}
    worst["errors_by_name"] = {"E" * 256 + str(n): 10**9 for n in range(10)}
    for name in ("listed", "accepted", "low_confidence", "errors"):
        worst[name] = 10**12
    subject, message = told(worst, f"{EXECUTION[: -len('run-1')]}{'é' * 80}")
    assert len(subject) <= 99
    assert subject.isascii()
    assert len(message.encode()) < 262_144
