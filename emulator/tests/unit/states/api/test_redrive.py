"""What RedriveExecution remembers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from loopback_aws.states.api import redrive
from loopback_aws.states.api.redrive import Redrives
from loopback_aws.states.history.store import Store
from loopback_aws.states.records import Execution, Machine

STATES = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}'
MACHINE = Machine(arn="m", name="m", type="STANDARD", definition=STATES, role="r", logging={})


class Idle:
    """An interpreter that runs nothing, and all executions, which can always be redriven."""

    def start(self, execution: Execution, resume: Any = None) -> None: ...

    def found(self, request: dict[str, Any]) -> Execution:
        return Execution(
            arn=request["executionArn"], name="e", machine=MACHINE, input="{}", start=datetime.now(UTC)
        )

    def not_redrivable(self, _: Execution) -> None: ...


@pytest.fixture
def redrives(tmp_path: Path) -> Iterator[Redrives]:
    store = Store(tmp_path / "states.sqlite3")
    yield Redrives(store, Idle(), Idle(), lambda _: None)
    store.close()


def test_a_client_token_answers_again_with_the_first_date(redrives: Redrives) -> None:
    request = {"executionArn": "a", "clientToken": "one"}
    assert redrives.redrive(request) == redrives.redrive(request)


def test_expired_client_tokens_are_forgotten(redrives: Redrives, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redrive, "TOKEN_SECONDS", 0)
    for number in range(50):
        redrives.redrive({"executionArn": str(number), "clientToken": "one"})
    assert len(redrives._tokens) == 1
