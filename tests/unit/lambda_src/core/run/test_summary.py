"""What a run comes to: counts and shares that add up, quantiles that agree with sorting."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from lambda_src.core.classes import ModelClasses
from lambda_src.core.run.map_results import BatchResult
from lambda_src.core.run.records import Planned
from lambda_src.core.run.summary import Work, short_summary, summarize
from lambda_src.core.run.tally import QUANTILES, Tally

PLANNED = Planned(
    "data-bucket",
    "results/run-1/plan.jsonl",
    4,
    2,
    1,
    "2026-11-20T10:00:00.000+00:00",
    None,
    8,
    10,
    "run-0",
    "ModelFailed",
    {"form": "s3_prefix", "s3_bucket": "data-bucket", "s3_prefix": "inbox/"},
)


def row(name: str = "bicycle", confidence: float = 0.97, model: str = "aaa") -> dict[str, Any]:
    return {"n": 0, "predicted_class": name, "confidence": confidence, "model": model}


def summary(
    tally: Tally,
    planned: Planned = PLANNED,
    classes: tuple[str, ...] = ("bicycle", "motorcycle"),
    names: dict[str, str] | None = None,
) -> Any:
    work = Work(512)
    for result in (BatchResult(0, "{}", "", "", 2.0), BatchResult(1, None, "BatchNotStarted", "", 0)):
        work.add(result)
    return summarize(
        "run-1",
        planned,
        tally,
        work,
        classes=ModelClasses(classes, names or {}),
        default_threshold=0.9,
        deployed_model="ddd",
        ended=datetime(2026, 11, 20, 12, 0, 2, tzinfo=timezone(timedelta(hours=2)))
        + timedelta(milliseconds=500),
    )


def test_a_summary() -> None:
    tally = Tally()
    for outcome, each in (
        ("accepted", row()),
        ("low_confidence", row("motorcycle", 0.6, "bbb")),
        ("accepted", row()),
        ("error", {"n": 3, "error": "ImageNotFound"}),
    ):
        tally.add(outcome, each)
    told = json.loads(json.dumps(summary(tally)))
    cost = told.pop("cost")
    assert told == {
        "execution": "run-1",
        "replay_of": "run-0",
        "only": "ModelFailed",
        "input": PLANNED.input,
        "listed": 4,
        "accepted": 2,
        "low_confidence": 1,
        "errors": 1,
        "rejected": 1,
        "batches": 2,
        "errors_by_name": {"ImageNotFound": 1},
        "classes": {
            "bicycle": {"count": 2, "share": 0.666667},
            "motorcycle": {"count": 1, "share": 0.333333},
        },
        "confidence": {"p05": 0.6, "p25": 0.6, "p50": 0.97, "p75": 0.97, "p95": 0.97},
        "started": PLANNED.started,
        "duration_seconds": 2.5,
        "model": "aaa",
        "models": {"aaa": 2, "bbb": 1},
        "threshold": 0.9,
    }
    # One child that ran: 4 + 1 transitions, 2 + 3 functions, 2 s of 512 MB, 3 images, a pack, 10 files.
    by_hand = {
        "standard_transitions": 5 * 25e-6,
        "express_requests": 1e-6,
        "express_gb_seconds": 2 / 16 * 0.00001667,
        "lambda_requests": 5 * 0.2e-6,
        "lambda_gb_seconds": 0.0000166667,
        "s3_gets": 14 * 0.4e-6,
        "s3_puts_and_lists": 12 * 5e-6,
        "notifications": 0.5e-6,
    }
    assert cost["items"] == {name: round(dollars, 6) for name, dollars in by_hand.items()}
    assert cost["dollars"] == pytest.approx(sum(by_hand.values()), abs=1e-6)
    assert cost["estimate"] is True


def test_classes_with_a_name_for_people_say_it() -> None:
    tally = Tally()
    tally.add("accepted", row("c1"))
    told = summary(tally, classes=("c0", "c1"), names={"c1": "texting"})
    assert told["classes"] == {
        "c0": {"count": 0, "share": 0.0},
        "c1": {"count": 1, "share": 1.0, "name": "texting"},
    }
    assert short_summary(told)["classes"] == told["classes"]


def test_an_empty_run() -> None:
    told = summary(Tally(), PLANNED._replace(listed=0, batches=0, rejected=0, threshold=0.25))
    assert (told["listed"], told["accepted"], told["low_confidence"], told["errors"]) == (0, 0, 0, 0)
    assert told["classes"] == {name: {"count": 0, "share": 0.0} for name in ("bicycle", "motorcycle")}
    assert told["confidence"] == dict.fromkeys(QUANTILES)
    assert (told["model"], told["threshold"]) == ("ddd", 0.25)


def test_a_summary_for_a_message_is_short() -> None:
    tally = Tally()
    classes = tuple(f"class {i}" for i in range(100))
    for index, name in enumerate(classes):
        for _ in range(index + 1):
            tally.add("accepted", row(name))
            tally.add("error", {"n": index, "error": f"Error{index}"})
    short = short_summary(summary(tally, classes=classes))
    assert set(short["classes"]) == {f"class {i}" for i in range(90, 100)}
    assert set(short["errors_by_name"]) == {f"Error{i}" for i in range(90, 100)}
    assert set(short["cost"]) == {"dollars", "price_date", "price_region", "estimate"}
    assert len(json.dumps(short)) < 3_000


def test_clocks_that_disagree_give_no_negative_time() -> None:
    started = (datetime.now(UTC) + timedelta(days=400)).isoformat()
    assert summary(Tally(), PLANNED._replace(started=started))["duration_seconds"] == 0
