"""Pages of lists: their sizes, and tokens that lead on."""

from __future__ import annotations

import pytest
from loopback_aws.states.api import pages

from tests.unit.states.refusals import refusal

MACHINE = "arn:aws:states:eu-west-1:000000000000:stateMachine:orders"


def test_page_sizes() -> None:
    assert [pages.size_of({"maxResults": size}) for size in (0, 1, 1000)] == [100, 1, 1000]
    assert pages.size_of({}) == 100
    for size in (-1, 1001, True, "7"):
        assert refusal(pages.size_of, {"maxResults": size})[0] == "ValidationException"


def test_a_token_leads_on_in_the_same_list() -> None:
    request = {"stateMachineArn": MACHINE, "maxResults": 5}
    token = pages.token_for(request, "17|x")
    assert pages.place_of(request) is None
    assert pages.place_of(request | {"nextToken": token, "maxResults": 9}) == "17|x"


def test_tokens_that_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    token = pages.token_for({"executionArn": "a"}, "17")
    refused = ("InvalidToken", "Invalid Token: 'Invalid token'")
    assert refusal(pages.place_of, {"executionArn": "b", "nextToken": token}) == refused
    for nonsense in ("", "x", "e30=", "ü", 7):
        assert refusal(pages.place_of, {"nextToken": nonsense}) == refused
    monkeypatch.setattr(pages, "TOKEN_SECONDS", 0)
    assert refusal(pages.place_of, {"executionArn": "a", "nextToken": token}) == refused
