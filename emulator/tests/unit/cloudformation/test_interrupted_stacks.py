"""How stacks that were in progress at a kill are found at the next start."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from loopback_aws.cloudformation import interrupted_stacks
from ministack.services import cloudformation


@pytest.fixture
def stacks() -> Iterator[dict[Any, dict[str, Any]]]:
    """The emulator's table of stacks, emptied afterwards."""
    table: dict[Any, dict[str, Any]] = cloudformation._stacks._data
    yield table
    table.clear()


@pytest.mark.parametrize(
    ("saved", "found"),
    [
        ("CREATE_IN_PROGRESS", "ROLLBACK_FAILED"),
        ("ROLLBACK_IN_PROGRESS", "ROLLBACK_FAILED"),
        ("DELETE_IN_PROGRESS", "DELETE_FAILED"),
        ("UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"),
        ("REVIEW_IN_PROGRESS", "REVIEW_IN_PROGRESS"),
        ("CREATE_COMPLETE", "CREATE_COMPLETE"),
    ],
)
def test_no_stack_stays_in_progress(stacks: dict[Any, dict[str, Any]], saved: str, found: str) -> None:
    stacks["any"] = {"StackStatus": saved}
    interrupted_stacks.settle()
    assert stacks["any"]["StackStatus"] == found
    assert ("StackStatusReason" in stacks["any"]) == (saved != found)


def test_an_interrupted_update_shows_the_template_of_before(stacks: dict[Any, dict[str, Any]]) -> None:
    before = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    stacks["any"] = {"StackStatus": "UPDATE_IN_PROGRESS", "_template": before, "_template_body": "{}"}
    interrupted_stacks.settle()
    assert json.loads(stacks["any"]["_template_body"]) == before
