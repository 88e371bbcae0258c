"""ResultWriter's files, in both forms and in any chunks, and what they say of a batch."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.core.run import map_results
from lambda_src.core.run.map_results import (
    BatchResult,
    read_batch_result,
    read_result_manifest,
    read_result_rows,
)
from tests.unit.lambda_src.batch_run import child, json_array, json_lines, succeeded

LINE = {"batch": 4, "images": [[0, "bucket", "a.png"]]}
TEXT = st.text(max_size=8)
ROW = st.dictionaries(TEXT, TEXT | st.integers() | st.none() | st.lists(TEXT, max_size=3), max_size=4)


def chunks(data: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


@given(st.lists(ROW, max_size=6), st.integers(1, 40), st.sampled_from([json_array, json_lines]))
def test_rows_of_both_forms(
    rows: list[dict[str, Any]], size: int, encode: Callable[[Iterable[Any]], bytes]
) -> None:
    assert list(read_result_rows(chunks(encode(rows), size))) == rows


@pytest.mark.parametrize("data", [b"", b" \n", b"[]", b" [ ] \n", b"\n\n"])
def test_no_rows(data: bytes) -> None:
    assert list(read_result_rows(chunks(data, 1))) == []


def test_an_array_over_several_lines() -> None:
    rows = [{"a": 1}, {"b": [{"c": "}],["}]}]
    assert list(read_result_rows(chunks(json.dumps(rows, indent=2).encode(), 3))) == rows


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'[{"a": 1}, {"b"', "the array ends in the middle of a row"),
        (b'[{"a": 1}', "the array ends in the middle"),
        (b'{"a": 1}\n{"b"', "Expecting|delimiter"),
        (b"[1]", "a row must be an object, not 1"),
        (b'"text"', "a row must be an object"),
        (b"\xff\xfe", "Expecting value"),
        (b"[\xff", "utf-8"),
        (b'{"a": "' + b"x" * 200 + b'"}', "more than 100 bytes"),
        (b'[{"a": "' + b"x" * 200 + b'"}]', "more than 100 characters"),
    ],
)
def test_damaged_files(data: bytes, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(map_results, "MAX_ROW_BYTES", 100)
    with pytest.raises(ValueError, match=words):
        list(read_result_rows(chunks(data, 64)))


def test_a_batch_that_succeeded() -> None:
    result = read_batch_result(succeeded(LINE, []))
    assert result == BatchResult(4, '{"batch": 4, "rows": []}', "", "", 1.25)


@pytest.mark.parametrize(
    ("row", "error", "cause"),
    [
        (
            child(
                LINE, "FAILED", Error="ModelFailed", Cause='{"errorMessage": "it\\nbroke", "stackTrace": []}'
            ),
            "ModelFailed",
            "it broke",
        ),
        (child(LINE, "FAILED", Error="Lambda.Unknown", Cause="no JSON"), "Lambda.Unknown", "no JSON"),
        (child(LINE, "FAILED", Error="E", Cause="[1]"), "E", "[1]"),
        (child(LINE, "FAILED", Error="E", Cause="x" * 32_768), "E", "x" * 500 + "…"),
        (child(LINE, "FAILED"), "BatchFailed", "no message"),
        (child(LINE, "ABORTED", Output='{"batch": 4, "rows": []}'), "BatchAborted", "no message"),
        (child(LINE, "TIMED_OUT"), "States.Timeout", "no message"),
        (child(LINE, "ABORTED"), "BatchAborted", "no message"),
        (child(LINE, "PENDING"), "BatchNotStarted", "the map run ended before this batch was started"),
    ],
)
def test_a_batch_that_did_not(row: dict[str, Any], error: str, cause: str) -> None:
    result = read_batch_result(row)
    assert (result.batch, result.output, result.error, result.cause) == (4, None, error, cause)
    assert result.seconds == (0 if row["Status"] == "PENDING" else 1.25)


@pytest.mark.parametrize("input_", [None, "", "{", '{"batch": 4}', '{"batch": {"batch": "4"}}', "[]", 7])
def test_a_row_that_does_not_say_its_batch(input_: object) -> None:
    assert read_batch_result({"Status": "FAILED", "Input": input_}).batch is None


def test_the_manifest() -> None:
    body = json.dumps(
        {
            "DestinationBucket": "b-b",
            "MapRunArn": "arn",
            "ResultFiles": {"FAILED": [], "PENDING": [], "SUCCEEDED": [{"Key": "k", "Size": 1}]},
        }
    ).encode()
    assert read_result_manifest(body) == ("b-b", {"PENDING": [], "FAILED": [], "SUCCEEDED": ["k"]})
    for damaged in (
        b"{",
        b"[]",
        b"{}",
        b'{"ResultFiles": {"FAILED": [1]}, "DestinationBucket": "b"}',
        b"\xff",
    ):
        with pytest.raises(ValueError, match=r"."):
            read_result_manifest(damaged)
