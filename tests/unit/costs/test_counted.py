"""What a design is counted to use."""

from __future__ import annotations

import json

import pytest

from costs.billed import Billed, lambda_usage, read_report
from costs.transitions import count_transitions
from lambda_src.core.run.prices import Usage

CHAIN = ["ExecutionStarted", *(3 * ["TaskStateEntered", "TaskScheduled", "TaskSucceeded", "TaskStateExited"])]


def test_steps_and_retries_are_transitions() -> None:
    assert count_transitions(CHAIN) == 3
    assert count_transitions([*CHAIN, "TaskFailed", "TaskScheduled", "TaskScheduled"]) == 5
    machine = ["TaskStateEntered", "TaskScheduled", "ChoiceStateEntered", "MapStateEntered", "MapRunStarted"]
    assert count_transitions(["ExecutionStarted", *machine, "ExecutionSucceeded"]) == 3


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            "REPORT RequestId: 978e412c\tDuration: 11.20 ms\tBilled Duration: 12 ms\tMemory Size: 256 MB\t"
            "Max Memory Used: 81 MB\tInit Duration: 401.20 ms\n",
            Billed("978e412c", 0.012, 256),
        ),
        (
            json.dumps(
                {
                    "time": "2026-11-21T13:01:07.000Z",
                    "type": "platform.report",
                    "record": {
                        "requestId": "978e412c",
                        "metrics": {
                            "durationMs": 11.2,
                            "billedDurationMs": 12,
                            "memorySizeMB": 256,
                            "maxMemoryUsedMB": 81,
                        },
                        "status": "success",
                    },
                },
                separators=(",", ":"),
            ),
            Billed("978e412c", 0.012, 256),
        ),
        ("START RequestId: 978e412c Version: $LATEST", None),
        ('{"level": "INFO", "message": "REPORT RequestId: 1"}', None),
        ('{"type": "platform.report", "record": null}', None),
        ('"platform.report"', None),
    ],
)
def test_what_lambda_bills_is_read_from_both_log_formats(message: str, expected: Billed | None) -> None:
    assert read_report(message) == expected


def test_invocations_add_up() -> None:
    """12 ms of 256 MB are 0.003 GB-s, 100 ms of 1,024 MB 0.1."""
    used = lambda_usage([Billed("a", 0.012, 256), Billed("b", 0.1, 1024)])
    assert used == Usage(lambda_requests=2, lambda_gb_seconds=pytest.approx(0.103))  # type: ignore[arg-type]
