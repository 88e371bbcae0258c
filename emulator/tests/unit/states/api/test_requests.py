"""Requests to Step Functions: names and inputs that AWS takes, and those that it refuses."""

from __future__ import annotations

import json

import pytest
from loopback_aws.states.api.requests import input_in, name_in, refuse_large, trace_header_in

from tests.unit.states.refusals import refusal


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
