"""What every function does with its event, its answer and its log line, however odd the event is."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from lambda_src.core.errors import InvalidInput
from lambda_src.core.invocation import logged
from lambda_src.core.limits import MAX_STATE_BYTES


def event(**fields: Any) -> dict[str, Any]:
    return {"execution_name": "run-1", "input": fields}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}, b"bytes"])
def test_an_answer_that_is_not_json_is_refused_by_name(value: object) -> None:
    @logged("Test")
    def handler(_event: Any, _context: Any) -> dict[str, Any]:
        return {"confidence": value}

    with pytest.raises(InvalidInput, match="cannot be written as JSON"):
        handler(event(), None)


def test_an_answer_that_no_state_holds_is_refused_by_name() -> None:
    @logged("Test")
    def handler(event: Any, _context: Any) -> dict[str, Any]:
        return {"text": "x" * event["input"]["length"]}

    fits = MAX_STATE_BYTES - len('{"text": ""}')
    assert len(json.dumps(handler(event(length=fits), None))) == MAX_STATE_BYTES
    with pytest.raises(InvalidInput, match="262,145 bytes; a state holds 262,144"):
        handler(event(length=fits + 1), None)


def test_a_log_line_is_short_whatever_the_input_holds(caplog: pytest.LogCaptureFixture) -> None:
    long = "k" * 600_000

    @logged("Test")
    def handler(_event: Any, _context: Any) -> dict[str, Any]:
        raise InvalidInput(f"{long} is no key")

    with caplog.at_level(logging.WARNING, logger="scones"), pytest.raises(InvalidInput):
        handler(
            {"execution_name": long, "input": {"s3_key": long, "s3_bucket": long, "batch": 10**3000}}, None
        )
    (record,) = caplog.records
    assert len(record.getMessage()) < 5_000
    for name in ("s3_key", "s3_bucket", "execution_name", "batch"):
        assert len(str(vars(record)[name])) < 1_200
    assert "600002 characters" in vars(record)["s3_key"]
