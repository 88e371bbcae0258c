"""Requests to Step Functions: names, inputs, ARNs and pages that AWS takes, and those that it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from loopback_aws.errors import ApiError
from loopback_aws.states import arns
from loopback_aws.states.api import pages
from loopback_aws.states.api.requests import input_in, name_in, refuse_large, trace_header_in

MACHINE = "arn:aws:states:eu-west-1:000000000000:stateMachine:orders"


def refusal(call: Any, *arguments: Any) -> tuple[str, str]:
    with pytest.raises(ApiError) as error:
        call(*arguments)
    return error.value.code, error.value.message


@pytest.mark.parametrize("name", ["a", "x" * 80, "2026-11-20_run.1", "naïve", "a=b", "(a)+b'@!"])
def test_names_that_are_taken(name: str) -> None:
    assert name_in({"name": name}) == name


@pytest.mark.parametrize("name", ["", "x" * 81, *(f"a{c}" for c in ' \t<>{}[]?*"#%\\^|~`$&,;:/\x01\x7f')])
def test_names_that_are_refused(name: str) -> None:
    assert refusal(name_in, {"name": name}) == ("InvalidName", f"Invalid Name: '{name}'")


def test_no_name_is_none() -> None:
    assert name_in({}) is None


@pytest.mark.parametrize("text", ["{}", "1", '"a"', "null", " [1] "])
def test_any_json_is_an_input(text: str) -> None:
    assert input_in({"input": text}) == text


@pytest.mark.parametrize("text", ["", "{", "{'a': 1}", "NaN", "[1,]"])
def test_input_that_is_not_json(text: str) -> None:
    code, message = refusal(input_in, {"input": text})
    assert code == "InvalidExecutionInput"
    assert message.startswith("Invalid State Machine Execution Input: ")


def test_input_is_an_empty_object_by_default() -> None:
    assert input_in({}) == "{}"


def test_the_limit_counts_bytes_of_utf8() -> None:
    assert input_in({"input": json.dumps("x" * 262_142)})
    assert refusal(input_in, {"input": json.dumps("x" * 262_143)})[0] == "ValidationException"
    text = json.dumps("ü" * 131_072, ensure_ascii=False)
    assert len(text) < 262_144
    assert refusal(refuse_large, "output", text)[0] == "ValidationException"


def test_trace_header() -> None:
    assert trace_header_in({"traceHeader": "Root=1-5759e988-bd862e3fe1be46a994272793"})
    assert refusal(trace_header_in, {"traceHeader": "x" * 257})[0] == "ValidationException"
    assert refusal(trace_header_in, {"traceHeader": "ü"})[0] == "ValidationException"


def test_parts_of_an_arn() -> None:
    arn = arns.parsed(f"{MACHINE}:PROD", "stateMachine")
    assert (arn.region, arn.account, arn.parts) == ("eu-west-1", "000000000000", ("orders", "PROD"))


@pytest.mark.parametrize(
    ("arn", "message"),
    [
        ("orders", "Invalid Arn: 'Invalid ARN prefix: orders'"),
        ("arn:aws:states:eu-west-1:1:activity:x", "Invalid Arn: 'arn:aws:states:eu-west-1:1:activity:x'"),
        (MACHINE, "Invalid Arn: 'Resource type not valid in this context: stateMachine'"),
    ],
)
def test_arns_that_do_not_fit(arn: str, message: str) -> None:
    assert refusal(arns.parsed, arn, "execution") == ("InvalidArn", message)


def test_arns_of_executions() -> None:
    started = "arn:aws:states:eu-west-1:000000000000"
    assert arns.execution_arn(MACHINE, "one") == f"{started}:execution:orders:one"
    assert arns.express_arn(MACHINE, "one", "u") == f"{started}:express:orders:one:u"


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
