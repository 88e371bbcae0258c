"""Alarms and messages lead to their section of the runbook, wherever it is."""

from __future__ import annotations

from contracts.names import StageNames
from stacks.constructs.runbook import Runbook

NAMES = StageNames("test")


def test_a_section_of_a_published_runbook_and_of_the_file_has_an_address() -> None:
    assert Runbook(NAMES, "docs/operations.md", True).section("drift") == "docs/operations.md#drift"
    published = Runbook(NAMES, "https://wiki/x", True)
    assert published.section("Run it again") == "https://wiki/x#run-it-again"


def test_a_section_of_a_file_in_the_console_is_named() -> None:
    assert Runbook(NAMES, "https://console/a.md", False).section("drift") == (
        "section drift of https://console/a.md"
    )
