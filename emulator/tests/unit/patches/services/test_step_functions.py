"""Errors of the emulator's own operations on state machines, in AWS's words."""

from __future__ import annotations

import json

import pytest
from loopback_aws.patches.services.step_functions import parsed_object, worded
from ministack.core.responses import error_response_json

MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:none"


def told(machine: object, code: str) -> tuple[str, str]:
    answer = json.loads(worded(machine, error_response_json(code, "some words", 400))[2])
    return answer["__type"], answer.get("message") or answer["Message"]


def test_a_machine_that_does_not_exist() -> None:
    wanted = ("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{MACHINE}'")
    assert told(MACHINE, "StateMachineDoesNotExist") == wanted


def test_what_is_no_machine() -> None:
    wanted = ("InvalidArn", "Invalid Arn: 'Invalid ARN prefix: none'")
    assert told("none", "StateMachineDoesNotExist") == wanted


def test_other_errors_stay() -> None:
    assert told(MACHINE, "InvalidName") == ("InvalidName", "some words")


@pytest.mark.parametrize(("body", "read"), [(b"", {}), (b'{"a":1}', {"a": 1}), (b"[]", None), (b"{", None)])
def test_bodies(body: bytes, read: object) -> None:
    assert parsed_object(body) == read
