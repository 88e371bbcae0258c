"""Answers to tasks from outside, by their tokens."""

from __future__ import annotations

import pytest
from loopback_aws.errors import ApiError
from loopback_aws.states.api.tokens import send_failure, send_heartbeat, send_success
from loopback_aws.states.flow.task_tokens import Pool


def test_an_answer_reaches_who_waits_for_it() -> None:
    pool = Pool()
    endpoint = pool.add("answered-now")
    send_success({"taskToken": "answered-now", "output": "[1]"})
    assert endpoint.wait(60).output == "[1]"


def test_a_second_answer_is_too_late() -> None:
    pool = Pool()
    endpoint = pool.add("twice")
    send_failure({"taskToken": "twice", "error": "E", "cause": "C"})
    with pytest.raises(ApiError) as error:
        send_success({"taskToken": "twice", "output": "1"})
    assert error.value.code == "TaskTimedOut"
    assert error.value.message == "Task Timed Out: 'Provided task does not exist anymore'"
    assert (endpoint.wait(60).error, endpoint.wait(60).cause) == ("E", "C")


def test_a_heartbeat_of_a_task_without_a_heartbeat_is_fine() -> None:
    pool = Pool()
    pool.add("beating")
    assert send_heartbeat({"taskToken": "beating"}) == {}


def test_output_must_be_json() -> None:
    pool = Pool()
    pool.add("output")
    with pytest.raises(ApiError) as error:
        send_success({"taskToken": "output", "output": "{"})
    assert error.value.code == "InvalidOutput"
