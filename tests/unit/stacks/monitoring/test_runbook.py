"""Alarms lead to their section of the runbook, wherever it is published."""

from __future__ import annotations

from contracts.names import StageNames
from stacks.monitoring.runbook_alarm import Runbook


def test_the_runbook_is_the_document_until_it_is_published() -> None:
    assert Runbook(StageNames("test"), None).section("drift") == "docs/operations.md#drift"
    assert Runbook(StageNames("test"), "https://wiki/x").section("drift") == "https://wiki/x#drift"
