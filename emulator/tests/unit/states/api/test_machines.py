"""Which version of a state machine runs."""

from __future__ import annotations

from loopback_aws.states.api.machines import picked


def test_an_alias_picks_versions_by_weight() -> None:
    routing = [{"stateMachineVersionArn": "1", "weight": 0}, {"stateMachineVersionArn": "2", "weight": 100}]
    assert {picked(routing) for _ in range(50)} == {"2"}
    even = [route | {"weight": 50} for route in routing]
    assert {picked(even) for _ in range(200)} == {"1", "2"}
