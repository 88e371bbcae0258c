"""Histories as they are answered."""

from __future__ import annotations

from loopback_aws.states.api.history import without_data


def test_a_history_without_data() -> None:
    event = {
        "id": 2,
        "type": "PassStateEntered",
        "stateEnteredEventDetails": {"name": "A", "input": "{}", "inputDetails": {"truncated": False}},
    }
    details = {"name": "A", "inputDetails": {"truncated": False}}
    assert without_data(event) == event | {"stateEnteredEventDetails": details}
