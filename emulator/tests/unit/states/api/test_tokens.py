"""Task tokens: whose they are, when they are closed, and which are remembered."""

from __future__ import annotations

import gc

import pytest
from loopback_aws.errors import ApiError
from loopback_aws.states.api import tokens as module
from loopback_aws.states.api.tokens import Pool, Tokens, send_failure, send_heartbeat, send_success, tokens
from moto.stepfunctions.parser.asl.eval.callback.callback import CallbackOutcomeSuccess


def code_of(token: str) -> str:
    with pytest.raises(ApiError) as error:
        tokens.endpoint(token)
    return error.value.code


def test_an_answer_reaches_who_waits_for_it() -> None:
    pool = Pool()
    endpoint = pool.add("answered-now")
    send_success({"taskToken": "answered-now", "output": "[1]"})
    assert endpoint.wait(1).output == "[1]"


def test_a_second_answer_is_too_late() -> None:
    pool = Pool()
    endpoint = pool.add("twice")
    send_failure({"taskToken": "twice", "error": "E", "cause": "C"})
    with pytest.raises(ApiError) as error:
        send_success({"taskToken": "twice", "output": "1"})
    assert error.value.code == "TaskTimedOut"
    assert error.value.message == "Task Timed Out: 'Provided task does not exist anymore'"
    assert (endpoint.wait(1).error, endpoint.wait(1).cause) == ("E", "C")


def test_a_heartbeat_of_a_task_without_a_heartbeat_is_fine() -> None:
    pool = Pool()
    pool.add("beating")
    assert send_heartbeat({"taskToken": "beating"}) == {}


def test_a_token_that_never_was() -> None:
    assert code_of("never") == "InvalidToken"


def test_a_token_of_an_execution_that_has_ended() -> None:
    pool = Pool()
    pool.add("ended")
    del pool
    gc.collect()
    assert code_of("ended") == "TaskTimedOut"


def test_output_must_be_json() -> None:
    pool = Pool()
    pool.add("output")
    with pytest.raises(ApiError) as error:
        send_success({"taskToken": "output", "output": "{"})
    assert error.value.code == "InvalidOutput"


def test_only_the_last_ended_tokens_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ENDED_TOKENS", 10)
    known = Tokens()
    running, ended = Pool(), Pool()
    running.add("running")
    known.add("running", running)
    for number in range(100):
        known.add(f"ended-{number}", ended)
    del ended
    gc.collect()
    for number in range(30):
        known.add(f"also-{number}", running)
    assert "ended-0" not in known._pools
    assert "running" in known._pools
    known.settle("running", CallbackOutcomeSuccess(callback_id="running", output="1"))
