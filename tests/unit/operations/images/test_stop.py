"""Executions that nobody waits for any more: those that still run are ended, and no other."""

from __future__ import annotations

from typing import Any

from operations.images.answers import Answer, ImageExecutions


class States:
    """What was stopped."""

    def __init__(self) -> None:
        self.stopped: list[str] = []

    def stop_execution(self, *, executionArn: str, cause: str) -> None:
        assert cause
        self.stopped.append(executionArn)


def test_only_those_that_run_are_ended() -> None:
    states: Any = States()
    executions = ImageExecutions(s3=states, stepfunctions=states, machine="", concurrency=1, timeout=1)
    outcomes = ("accepted", "running", "error", "not_started", "running")
    answers = [
        Answer("image", "bucket", "key", outcome, execution=f"arn:{number}")
        for number, outcome in enumerate(outcomes)
    ]
    assert executions.stop(answers) == 2
    assert states.stopped == ["arn:1", "arn:4"]
