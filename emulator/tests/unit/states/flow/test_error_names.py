"""Which names of a Retry or a Catch match which errors."""

from __future__ import annotations

import pytest
from loopback_aws.states.flow.error_names import MissedHeartbeat, matches
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName


@pytest.mark.parametrize(
    ("names", "error", "expected"),
    [
        (["States.ALL"], "Lost", True),
        (["States.ALL"], None, True),
        (["States.ALL"], "States.Timeout", True),
        (["States.ALL"], "States.DataLimitExceeded", False),
        (["States.ALL"], "States.Runtime", False),
        (["States.TaskFailed"], "Lost", True),
        (["States.TaskFailed"], "States.BranchFailed", True),
        (["States.TaskFailed"], "States.Timeout", False),
        (["States.TaskFailed"], "States.DataLimitExceeded", False),
        (["Lost"], "Lost", True),
        (["Lost"], "lost", False),
        (["States.DataLimitExceeded"], "States.DataLimitExceeded", True),
        (["States.Runtime"], "States.Runtime", False),
        (["States.HeartbeatTimeout"], "States.Timeout", False),
    ],
)
def test_names(names: list[str], error: str | None, expected: bool) -> None:
    assert matches(names, ErrorName(error)) is expected


@pytest.mark.parametrize("name", ["States.Timeout", "States.HeartbeatTimeout", "States.ALL"])
def test_a_missed_heartbeat_has_two_names(name: str) -> None:
    assert matches([name], MissedHeartbeat())
    assert not matches(["States.TaskFailed"], MissedHeartbeat())
