"""Task tokens: whose they are, when they are closed, and which are remembered."""

from __future__ import annotations

import gc

import pytest
from loopback_aws.errors import ApiError
from loopback_aws.states.flow import task_tokens
from loopback_aws.states.flow.task_tokens import Pool, Tokens, tokens
from moto.stepfunctions.parser.asl.eval.callback.callback import CallbackOutcomeSuccess


def code_of(token: str) -> str:
    with pytest.raises(ApiError) as error:
        tokens.endpoint(token)
    return error.value.code


def test_a_token_that_never_was() -> None:
    assert code_of("never") == "InvalidToken"


def test_a_token_of_an_execution_that_has_ended() -> None:
    pool = Pool()
    pool.add("ended")
    del pool
    gc.collect()
    assert code_of("ended") == "TaskTimedOut"


def test_only_the_last_ended_tokens_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task_tokens, "ENDED_TOKENS", 10)
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
